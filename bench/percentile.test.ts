import { expect, test } from 'vitest'
import { median, percentile } from './percentile.ts'

test('a percentile is a value that was measured, by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(values, 50)).toBe(50)
  expect(percentile(values, 99)).toBe(99)
  expect(percentile(values, 100)).toBe(100)
  expect(percentile([7], 99)).toBe(7)
  expect(percentile([], 99)).toBeNaN()
})

test('the median of an even number lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([3, 1, 2])).toBe(2)
  expect(median([])).toBeNaN()
})
