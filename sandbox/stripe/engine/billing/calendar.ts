import type { Interval } from '../objects/price.ts'

/** How often something is billed: every `interval_count` intervals. */
export type Rhythm = { interval: Interval; interval_count: number }

export const DAY_SECONDS = 86_400

const FIXED_SECONDS = { day: DAY_SECONDS, week: 7 * DAY_SECONDS } as const

/**
 * The n-th boundary of billing periods counted from an anchor, both unix seconds, in UTC. Months
 * and years keep the anchor's day and time of day; a month that is too short ends on its last day,
 * and the next one has the anchor's day again: 31 January, 28 February, 31 March.
 */
export function boundary(anchor: number, rhythm: Rhythm, n: number): number {
  const steps = n * rhythm.interval_count
  if (rhythm.interval === 'day' || rhythm.interval === 'week')
    return anchor + steps * FIXED_SECONDS[rhythm.interval]
  const from = new Date(anchor * 1000)
  const month = from.getUTCMonth() + steps * (rhythm.interval === 'year' ? 12 : 1)
  const year = from.getUTCFullYear()
  const day = Math.min(from.getUTCDate(), daysIn(year, month))
  return Math.floor(Date.UTC(year, month, day) / 1000) + (anchor - startOfDay(anchor))
}

/** The first boundary after an instant. */
export function boundaryAfter(anchor: number, rhythm: Rhythm, instant: number): number {
  return boundary(anchor, rhythm, stepsAfter(anchor, rhythm, instant))
}

/** The last boundary before an instant. */
export function boundaryBefore(anchor: number, rhythm: Rhythm, instant: number): number {
  return boundary(anchor, rhythm, stepsAfter(anchor, rhythm, instant - 1) - 1)
}

/** How many periods lie between an anchor and the first boundary after an instant. */
function stepsAfter(anchor: number, rhythm: Rhythm, instant: number): number {
  const perStep =
    rhythm.interval_count *
    { ...FIXED_SECONDS, month: 30 * DAY_SECONDS, year: 365 * DAY_SECONDS }[rhythm.interval]
  let n = Math.floor((instant - anchor) / perStep)
  while (boundary(anchor, rhythm, n) <= instant) n += 1
  while (boundary(anchor, rhythm, n - 1) > instant) n -= 1
  return n
}

/** Whether two rhythms bill equally often. */
export function isSameRhythm(a: Rhythm, b: Rhythm): boolean {
  return a.interval === b.interval && a.interval_count === b.interval_count
}

/** The instant so many months later, by the same rule of days. */
export function monthsLater(instant: number, months: number): number {
  return boundary(instant, { interval: 'month', interval_count: months }, 1)
}

/** Month may be any whole number: 12 is January of the next year. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
}

function startOfDay(instant: number): number {
  return Math.floor(instant / DAY_SECONDS) * DAY_SECONDS
}
