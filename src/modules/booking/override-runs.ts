import { dayNumber } from './open-time.ts'
import type { DateOverride, Span } from './types.ts'

/** Dates in a row that have the same hours of their own, for the same reason. Both ends included. */
export interface OverrideRun {
  readonly from: string
  readonly to: string
  readonly label: string | undefined
  readonly spans: readonly Span[]
}

/** Joins dates that follow each other and have the same hours and label: two weeks off are one line. overrides: in order. */
export function overrideRuns(overrides: readonly DateOverride[]): OverrideRun[] {
  const runs: OverrideRun[] = []
  for (const { date, label, spans } of overrides) {
    const last = runs.at(-1)
    const goesOn =
      last !== undefined &&
      dayNumber(last.to) + 1 === dayNumber(date) &&
      last.label === label &&
      isSame(last.spans, spans)
    if (goesOn) runs[runs.length - 1] = { ...last, to: date }
    else runs.push({ from: date, to: date, label, spans })
  }
  return runs
}

const isSame = (one: readonly Span[], other: readonly Span[]) =>
  one.length === other.length &&
  one.every(
    ({ fromMinute, toMinute }, at) =>
      fromMinute === other[at]?.fromMinute && toMinute === other[at]?.toMinute,
  )
