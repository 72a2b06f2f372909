import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeLength, makeCode, readKey, writeKey } from './key.ts'

const codes = fc.uint8Array({ minLength: 19, maxLength: 19 }).map((bytes) => makeCode(bytes))
const letters = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']

describe('a licence key', () => {
  test('has at least 80 bits that cannot be guessed, in letters nobody confuses', () => {
    const made = new Set(Array.from({ length: 1000 }, () => makeCode()))
    expect(made.size).toBe(1000)
    for (const code of made) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/)
    expect((codeLength - 1) * 5).toBeGreaterThanOrEqual(80)
  })

  test('is written in groups behind its prefix', () => {
    expect(writeKey('NOTES', '0123456789ABCDEFGHJK')).toBe('NOTES-01234-56789-ABCDE-FGHJK')
    expect(writeKey('', '0123456789ABCDEFGHJK')).toBe('01234-56789-ABCDE-FGHJK')
  })

  test('is read however it was typed', () => {
    fc.assert(
      fc.property(codes, fc.constantFrom('', 'NOTES', 'OIL2'), (code, prefix) => {
        const key = writeKey(prefix, code)
        for (const typed of [
          key,
          key.toLowerCase(),
          ` ${key.replaceAll('-', ' ')} `,
          key.replaceAll('-', ''),
          key.replaceAll('-', '–'),
          prefix + code.replaceAll('0', 'o').replaceAll('1', 'l'),
          code,
        ])
          expect(readKey(typed)).toBe(code)
      }),
    )
  })

  test('with one wrong letter is mistyped, not another key', () => {
    fc.assert(
      fc.property(codes, fc.nat(19), fc.constantFrom(...letters), (code, at, letter) => {
        const wrong = code.slice(0, at) + letter + code.slice(at + 1)
        expect(readKey(wrong)).toBe(wrong === code ? code : undefined)
      }),
    )
  })

  test('with any two letters in each other’s place is mistyped', () => {
    fc.assert(
      fc.property(codes, fc.nat(19), fc.nat(19), (code, one, other) => {
        const typed = [...code]
        typed[one] = code[other] ?? ''
        typed[other] = code[one] ?? ''
        expect(readKey(typed.join(''))).toBe(typed.join('') === code ? code : undefined)
      }),
    )
  })

  test('too short, too long, or of other letters is none', () => {
    for (const typed of [
      '',
      'NOTES',
      '0'.repeat(19),
      '0'.repeat(29),
      'U'.repeat(20),
      '…',
      '\u0000',
    ])
      expect(readKey(typed)).toBeUndefined()
    expect(readKey('0'.repeat(20))).toBe('0'.repeat(20))
  })
})
