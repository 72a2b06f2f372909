import { describe, expect, test } from 'vitest'
import { noMoney, nothingMoved, nothingStands } from './membership-days.ts'
import { moveBarsOf, pathOf } from './revenue-chart.ts'

const day = (at: number, monthlyMinor: number, begun = 0) => ({
  ...nothingStands,
  ...nothingMoved,
  ...noMoney,
  day: new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10),
  monthlyMinor,
  begun,
})

describe('the chart of revenue', () => {
  test('begins with what stood before, and ends with the last day’s end', () => {
    const opening = { ...nothingStands, monthlyMinor: 500 }
    expect(pathOf(opening, [day(0, 1_000), day(1, 0)], 'monthlyMinor', 1_000)).toBe(
      'M0 50L1 0L2 100',
    )
  })

  test('has a bar a day, and a bar a week in a long time', () => {
    expect(moveBarsOf([day(0, 100, 1), day(1, 300, 2)]).map((bar) => bar.begun)).toEqual([1, 2])
    const long = moveBarsOf(Array.from({ length: 100 }, (_, at) => day(at, at, 1)))
    expect(long).toHaveLength(15)
    expect(long[0]).toMatchObject({
      from: '2026-01-01',
      to: '2026-01-07',
      begun: 7,
      monthlyMinor: 6,
    })
    expect(long.at(-1)).toMatchObject({ begun: 2, monthlyMinor: 99 })
  })
})
