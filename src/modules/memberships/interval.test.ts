import { describe, expect, test } from 'vitest'
import {
  intervalLength,
  intervalName,
  intervalUnits,
  isInterval,
  isSameInterval,
  longestCount,
  monthsIn,
  perInterval,
} from './interval.ts'

describe('an interval [payments 51]', () => {
  test.each([
    ['month', 1, 'Monthly', 'a month', '1 month'],
    ['month', 3, 'Quarterly', 'every 3 months', '3 months'],
    ['month', 6, 'Half-yearly', 'every 6 months', '6 months'],
    ['month', 12, 'Yearly', 'every 12 months', '12 months'],
    ['year', 1, 'Yearly', 'a year', '1 year'],
    ['year', 2, 'Every 2 years', 'every 2 years', '2 years'],
    ['week', 2, 'Every 2 weeks', 'every 2 weeks', '2 weeks'],
    ['day', 1, 'Daily', 'a day', '1 day'],
    ['day', 10, 'Every 10 days', 'every 10 days', '10 days'],
  ] as const)('%s x %i is told as %s, %s, %s', (unit, count, name, per, length) => {
    expect([
      intervalName({ unit, count }),
      perInterval({ unit, count }),
      intervalLength({ unit, count }),
    ]).toEqual([name, per, length])
  })

  test.each(intervalUnits)('in %ss is at least one and at most three years', (unit) => {
    const longest = longestCount[unit]
    expect([1, longest].every((count) => isInterval(unit, count))).toBe(true)
    expect([0, -1, 1.5, longest + 1, Number.NaN].some((count) => isInterval(unit, count))).toBe(
      false,
    )
  })

  test('in another unit is none', () => {
    expect(['', 'hour', 'Month', 'toString'].some((unit) => isInterval(unit, 1))).toBe(false)
  })

  test('is the same however it is written', () => {
    expect(isSameInterval({ unit: 'month', count: 12 }, { unit: 'year', count: 1 })).toBe(true)
    expect(isSameInterval({ unit: 'day', count: 14 }, { unit: 'week', count: 2 })).toBe(true)
    expect(isSameInterval({ unit: 'month', count: 1 }, { unit: 'week', count: 4 })).toBe(false)
    expect(isSameInterval({ unit: 'day', count: 12 }, { unit: 'month', count: 12 })).toBe(false)
  })

  test('is so many months', () => {
    expect(monthsIn({ unit: 'year', count: 2 })).toBe(24)
    expect(monthsIn({ unit: 'day', count: 365 })).toBe(12)
  })
})
