import { expect, test } from 'vitest'
import { barsOf, linesFor } from './chart.ts'
import { dayPlus } from './period.ts'
import { nothing } from './sums.ts'

const days = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    ...nothing,
    day: dayPlus('2026-01-01', at),
    orders: 1,
    grossMinor: 1000,
    discountMinor: 100,
    refundedMinor: 200,
    lostMinor: 50,
  }))

test('a bar is a day, or a week where there are many, and none is left out', () => {
  expect(barsOf(days(1))).toEqual([
    { from: '2026-01-01', to: '2026-01-01', orders: 1, upMinor: 900, downMinor: 250 },
  ])
  expect(barsOf(days(92))).toHaveLength(92)
  const weeks = barsOf(days(365))
  expect(weeks).toHaveLength(53)
  expect(weeks.reduce((sum, week) => sum + week.upMinor, 0)).toBe(365 * 900)
  expect(weeks.at(-1)).toMatchObject({ from: '2026-12-31', to: '2026-12-31' })
  expect(barsOf([])).toEqual([])
})

test('lines stand at round amounts, above every bar', () => {
  expect(linesFor(0, 2)).toEqual([0, 100])
  expect(linesFor(1234, 2)).toEqual([0, 500, 1000, 1500])
  expect(linesFor(400_000, 2)).toEqual([0, 100_000, 200_000, 300_000, 400_000])
  expect(linesFor(7, 0)).toEqual([0, 2, 4, 6, 8])
  for (let most = 1; most < 1e12; most = most * 3 + 1) {
    const lines = linesFor(most, 2)
    expect(lines.length).toBeLessThanOrEqual(5)
    expect(lines.at(-1)).toBeGreaterThanOrEqual(most)
  }
})
