import { expect, test } from 'vitest'
import { isRefusal, refusalWords } from './refusal-words.ts'

test.each([
  ['not_found', 404, true],
  ['sign_in', 403, true],
  ['link_expired', 403, true],
  ['out_of_order', 503, false],
  ['pending', 403, false],
  ['disputed', 403, false],
  ['refunded', 410, false],
  ['dispute_lost', 410, false],
  ['reassigned', 410, false],
  ['ended', 410, false],
] as const)('%s answers %i in words', (refusal, status, offersSignIn) => {
  const words = refusalWords(refusal)
  expect(words).toMatchObject({ status, offersSignIn })
  expect(words.title).toMatch(/^[A-Z]/)
  expect(words.text).toMatch(/^[A-Z].+\.$/)
})

test('a stranger’s word is no refusal', () => {
  expect(isRefusal('refunded')).toBe(true)
  expect(isRefusal('toString')).toBe(false)
  expect(isRefusal('__proto__')).toBe(false)
})
