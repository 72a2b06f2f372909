import { expect, test } from 'vitest'
import { withdrawalAdvice } from './withdrawal-words.ts'

const day = (number: number) => new Date(Date.UTC(2026, 10, number, 12))
const facts = {
  placedAt: day(1),
  receivedAt: day(5),
  waivedAt: undefined,
  deliveredAt: undefined,
}

test('the right ends with time, or with delivery that was asked for at once; not with one of the two alone [commerce 45]', () => {
  expect(withdrawalAdvice(facts).isDue).toBe(true)
  expect(withdrawalAdvice({ ...facts, receivedAt: day(15) }).isDue).toBe(true)
  expect(withdrawalAdvice({ ...facts, receivedAt: day(16) }).isDue).toBe(false)
  expect(withdrawalAdvice({ ...facts, deliveredAt: day(2) }).isDue).toBe(true)
  expect(withdrawalAdvice({ ...facts, waivedAt: day(1) }).isDue).toBe(true)
  expect(withdrawalAdvice({ ...facts, waivedAt: day(1), deliveredAt: day(2) }).isDue).toBe(false)
  expect(withdrawalAdvice({ ...facts, waivedAt: day(1), deliveredAt: day(6) }).isDue).toBe(true)
})
