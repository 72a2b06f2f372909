import { expect, test } from 'vitest'
import { addUp, averageMinor, changeWords, netMinor, nothing, paidMinor } from './sums.ts'

const day = {
  orders: 3,
  grossMinor: 3000,
  discountMinor: 300,
  refundedMinor: 500,
  lostMinor: 100,
  taxMinor: 400,
}

test('net is what was sold, less discounts, refunds and what banks took back', () => {
  expect([paidMinor(day), netMinor(day), averageMinor(day)]).toEqual([2700, 2100, 900])
  expect(netMinor({ ...nothing, refundedMinor: 500 })).toBe(-500)
  expect(averageMinor(nothing)).toBeUndefined()
})

test('days add up, and no days are nothing', () => {
  expect(addUp([day, day]).grossMinor).toBe(6000)
  expect(addUp([])).toEqual(nothing)
})

test('a change is told in words, also from nothing, to nothing and below', () => {
  expect(changeWords(112, 100)).toBe('12\u00a0% more than before')
  expect(changeWords(50, 100)).toBe('50\u00a0% less than before')
  expect(changeWords(0, 100)).toBe('100\u00a0% less than before')
  expect(changeWords(100, 100)).toBe('as before')
  expect(changeWords(10001, 10000)).toBe('as before')
  expect(changeWords(5, 0)).toBe('nothing before')
  expect(changeWords(0, 0)).toBe('as before')
  expect(changeWords(5, -5)).toBe('before it was below zero')
  expect(changeWords(100_000, 1)).toBe('more than ten times as much as before')
})
