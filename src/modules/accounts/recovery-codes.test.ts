import { expect, test } from 'vitest'
import { makeRecoveryCodes, readRecoveryCode, recoveryCodeCount } from './recovery-codes.ts'

test('ten different codes are made, in groups that can be read out', () => {
  const codes = makeRecoveryCodes()
  expect(new Set(codes).size).toBe(recoveryCodeCount)
  for (const code of codes)
    expect(code).toMatch(/^[346789A-HJKMNP-RTWXY]{4}(-[346789A-HJKMNP-RTWXY]{4}){2}$/)
})

test('a code is read however it is typed', () => {
  for (const text of [
    '7KQM-XA3D-9WTE',
    ' 7kqm xa3d 9wte ',
    '7kqmxa3d9wte',
    '7kqm.xa3d.9wte',
    '７KQM-XA3D-9WTE',
  ])
    expect(readRecoveryCode(text)).toBe('7KQMXA3D9WTE')
})

test('what cannot be one is not read', () => {
  for (const text of [
    '',
    '123456',
    '7KQM-XA3D-9WT',
    '7KQM-XA3D-9WTEE',
    '7KQM-XA3D-9WT0',
    '7KQM-XA3D-9WT!',
    'x'.repeat(61),
  ])
    expect(readRecoveryCode(text)).toBeUndefined()
})
