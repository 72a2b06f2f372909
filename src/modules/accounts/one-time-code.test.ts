import { expect, test } from 'vitest'
import { makeCode, readCode } from './one-time-code.ts'

test('a code is six digits, and codes differ', () => {
  const codes = Array.from({ length: 200 }, makeCode)
  for (const code of codes) expect(code).toMatch(/^\d{6}$/)
  expect(new Set(codes).size).toBeGreaterThan(190)
})

test.each([
  ['123456', '123456'],
  [' 123 456\n', '123456'],
  ['123-456', '123456'],
  ['004217', '004217'],
  ['１２３４５６', '123456'],
])('%j is read as %s', (typed, code) => {
  expect(readCode(typed)).toBe(code)
})

test.each(['', '12345', '1234567', 'abcdef', '12e456', '1'.repeat(50)])(
  '%j is no code',
  (typed) => {
    expect(readCode(typed)).toBeUndefined()
  },
)
