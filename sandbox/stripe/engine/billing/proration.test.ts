import { expect, it } from 'vitest'
import { restOf } from './proration.ts'

const period = { start: 1_000, end: 1_000 + 30 * 86_400 }

it.each([
  ['all at the beginning', 2_400, period.start, 2_400],
  ['all before it', 2_400, period.start - 5, 2_400],
  ['half in the middle', 2_400, period.start + 15 * 86_400, 1_200],
  ['nothing at the end', 2_400, period.end, 0],
  ['nothing after it', 2_400, period.end + 1, 0],
  ['by the second', 2_592_000, period.end - 1, 1],
  ['halves up', 1, period.start + 15 * 86_400, 1],
  ['of a credit as much as of a debit', -999, period.start + 7 * 86_400, -766],
])('%s', (_words, amount, from, expected) => {
  expect(restOf(amount, period, from)).toBe(expected)
})

it('of a period without length is nothing', () => {
  expect(restOf(500, { start: 5, end: 5 }, 5)).toBe(0)
})
