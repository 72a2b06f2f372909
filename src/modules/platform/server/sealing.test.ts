import { beforeEach, expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { testRuntime } from '../../../../test/database.ts'
import { seal, sealable, unseal } from './sealing.ts'

const underSecret = (secret: string) => {
  const runtime = testRuntime('postgres://unused', '/unused')
  provideRuntime({ ...runtime, settings: { ...runtime.settings, secret } })
}

beforeEach(() => underSecret('the secret of one shop, 32 or longer'))

test('what was sealed for a purpose is read again for it, whatever letters are in it', () => {
  for (const text of ['', 'sk_live_4711', 'Zürich 🔑', 'x'.repeat(10_000)])
    expect(unseal('stripe key', seal('stripe key', text))).toBe(text)
})

test('the text does not show, and the same text sealed twice looks different', () => {
  const sealed = seal('stripe key', 'sk_live_4711')
  expect(sealed).toMatch(/^v1\.[\w-]+$/)
  expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('4711')
  expect(seal('stripe key', 'sk_live_4711')).not.toBe(sealed)
})

test('it does not open for another purpose, nor under another secret', () => {
  const sealed = seal('totp secret of anna', 'JBSWY3DP')
  expect(unseal('totp secret of boris', sealed)).toBeUndefined()
  underSecret('the secret of another shop, 32 or so')
  expect(unseal('totp secret of anna', sealed)).toBeUndefined()
})

test('any changed, missing or added byte is noticed', () => {
  const sealed = seal('stripe key', 'sk_live_4711')
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(unseal('stripe key', `v1.${changed.toString('base64url')}`)).toBeUndefined()
    const shorter = bytes.subarray(0, at).toString('base64url')
    expect(unseal('stripe key', `v1.${shorter}`)).toBeUndefined()
  }
  for (const text of [
    '',
    'v1',
    'v1.',
    `v2.${sealed.slice(3)}`,
    `${sealed}A`,
    `${sealed}.x`,
    'sk_live_4711',
  ])
    expect(unseal('stripe key', text)).toBeUndefined()
})

test('how much may be sealed into so many characters is known before', () => {
  for (let room = 60; room < 90; room++) {
    expect(seal('stripe key', 'x'.repeat(sealable(room))).length).toBeLessThanOrEqual(room)
    expect(seal('stripe key', 'x'.repeat(sealable(room) + 1)).length).toBeGreaterThan(room)
  }
})
