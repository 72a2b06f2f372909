import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { inGroups, judgeTotp, makeTotpSecret, squarePicture, totpAddress } from './totp.ts'

/** The secret of RFC 6238's examples: "12345678901234567890". */
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** RFC 4226, 5.3, written down once more: what an app shows. */
function codeOf(step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', '12345678901234567890').update(counter).digest()
  const at = mac.readUInt8(19) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('at second %i the code is that of RFC 6238, appendix B', (seconds, code) => {
  const judged = judgeTotp(code, { secret: rfcSecret, lastStep: 0 }, seconds)
  expect(judged).toEqual({ ok: true, step: Math.floor(seconds / 30) })
})

test('a code may be one step early or late, and no more', () => {
  const step = 40_000_000
  const at = (code: number) =>
    judgeTotp(codeOf(code), { secret: rfcSecret, lastStep: 0 }, step * 30 + 7)
  for (const near of [step - 1, step, step + 1]) expect(at(near)).toEqual({ ok: true, step: near })
  for (const far of [step - 2, step + 2]) expect(at(far)).toEqual({ ok: false, reason: 'wrong' })
})

test('a code that was used, or is older than one that was, is not taken again', () => {
  const step = 40_000_000
  const at = (code: number, lastStep: number) =>
    judgeTotp(codeOf(code), { secret: rfcSecret, lastStep }, step * 30)
  expect(at(step, step)).toEqual({ ok: false, reason: 'used' })
  expect(at(step - 1, step)).toEqual({ ok: false, reason: 'used' })
  expect(at(step + 1, step)).toEqual({ ok: true, step: step + 1 })
})

test('no odd text is a code', () => {
  for (const code of ['', '12345', '1234567', 'abcdef'])
    expect(judgeTotp(code, { secret: rfcSecret, lastStep: 0 }, 59)).toEqual({
      ok: false,
      reason: 'wrong',
    })
})

test('a secret is 160 bits and new each time; it can be read out in groups', () => {
  const secret = makeTotpSecret()
  expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  expect(makeTotpSecret()).not.toBe(secret)
  expect(inGroups(secret)).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
})

test('the picture names shop and address', () => {
  const address = totpAddress(rfcSecret, 'Mara: Prints & more', 'mara@example.com')
  const url = new URL(address)
  expect(url.protocol + url.host).toBe('otpauth:totp')
  expect(decodeURIComponent(url.pathname)).toMatch(/^\/Mara {2}Prints & more:mara@example\.com$/)
  expect(url.searchParams.get('secret')).toBe(rfcSecret)
  const { path, size } = squarePicture(address)
  expect(size).toBeGreaterThan(29)
  expect(path).toMatch(/^(M\d+ \d+h1v1h-1z)+$/)
})
