import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rhythm } from './calendar.ts'
import { boundary, boundaryAfter, boundaryBefore, monthsLater } from './calendar.ts'

const at = (text: string): number =>
  Date.parse(`${text}${text.includes('T') ? '' : 'T00:00:00'}Z`) / 1000
const days = (anchor: string, rhythm: Rhythm, count: number): string[] =>
  Array.from({ length: count }, (_, n) =>
    new Date(boundary(at(anchor), rhythm, n) * 1000).toISOString().slice(0, 10),
  )

describe('[payments 51] the boundaries of billing periods', () => {
  it.each<[string, string, Rhythm, string[]]>([
    [
      'a month from 31 January ends on the last day of short months and no others',
      '2026-01-31',
      { interval: 'month', interval_count: 1 },
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30'],
    ],
    [
      'February of a leap year has 29 days',
      '2027-12-30',
      { interval: 'month', interval_count: 1 },
      ['2027-12-30', '2028-01-30', '2028-02-29', '2028-03-30'],
    ],
    [
      'a year from 29 February is 28 February until the next leap year',
      '2024-02-29',
      { interval: 'year', interval_count: 1 },
      ['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    [
      'two years',
      '2024-02-29',
      { interval: 'year', interval_count: 2 },
      ['2024-02-29', '2026-02-28', '2028-02-29'],
    ],
    [
      'a quarter',
      '2026-11-30',
      { interval: 'month', interval_count: 3 },
      ['2026-11-30', '2027-02-28', '2027-05-30', '2027-08-30'],
    ],
    [
      'two weeks',
      '2026-02-23',
      { interval: 'week', interval_count: 2 },
      ['2026-02-23', '2026-03-09', '2026-03-23'],
    ],
    [
      'ten days',
      '2026-12-25',
      { interval: 'day', interval_count: 10 },
      ['2026-12-25', '2027-01-04', '2027-01-14'],
    ],
  ])('%s', (_words, anchor, rhythm, expected) => {
    expect(days(anchor, rhythm, expected.length)).toEqual(expected)
  })

  it('keep the time of day', () => {
    const anchor = at('2026-01-31T23:59:58')
    expect(boundary(anchor, { interval: 'month', interval_count: 1 }, 1)).toBe(
      at('2026-02-28T23:59:58'),
    )
  })

  it('count backwards from an anchor that is still to come', () => {
    expect(
      boundaryAfter(at('2026-05-31'), { interval: 'month', interval_count: 1 }, at('2026-02-10')),
    ).toBe(at('2026-02-28'))
  })

  it('the one after an instant is after it, and the one before is not', () => {
    const rhythms = fc.record({
      interval: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
      interval_count: fc.integer({ min: 1, max: 36 }),
    })
    const instants = fc.integer({ min: at('1995-01-01'), max: at('2060-01-01') })
    fc.assert(
      fc.property(rhythms, instants, instants, (rhythm, anchor, instant) => {
        const next = boundaryAfter(anchor, rhythm, instant)
        expect(next).toBeGreaterThan(instant)
        expect(boundaryAfter(anchor, rhythm, next - 1)).toBe(next)
        expect(boundaryAfter(anchor, rhythm, next)).toBeGreaterThan(next)
        const last = boundaryBefore(anchor, rhythm, next)
        expect(last).toBeLessThanOrEqual(instant)
        expect(boundaryAfter(anchor, rhythm, last)).toBe(next)
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

it('a coupon of three months from 30 November ends on 28 February', () => {
  expect(monthsLater(at('2026-11-30'), 3)).toBe(at('2027-02-28'))
})
