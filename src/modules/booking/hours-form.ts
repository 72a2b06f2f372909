import type { Span, WeeklySpan } from './types.ts'

/** Minutes of a date. */
const wholeDay = 1_440
/** More pieces of one date are a mistake. */
export const mostSpansADate = 12

/** A span as it was typed; both '' is a line that was left empty. */
export interface TypedSpan {
  readonly from: string
  readonly to: string
}

export type ReadSpans =
  | {
      readonly ok: true
      readonly spans: readonly Span[]
      /** Some overlapped, touched or came twice, and are one now. */
      readonly isMerged: boolean
    }
  | { readonly ok: false; readonly problem: string; readonly line: number }

/** Reads a time of day: "9", "9:30", "09.30", "0930", "24:00". Minutes after midnight; undefined where it is none. */
export function readTime(text: string): number | undefined {
  const found = /^(\d{1,2})(?:[:.h]?(\d{2}))?$/.exec(text.trim())
  if (!found) return undefined
  const [hours, minutes] = [Number(found[1]), Number(found[2] ?? 0)]
  if (minutes > 59 || hours > 24 || (hours === 24 && minutes > 0)) return undefined
  return hours * 60 + minutes
}

/** A time of day as forms write it: 570 -> "09:30", 1440 -> "24:00". */
export function timeText(minute: number): string {
  return [Math.floor(minute / 60), minute % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

/** A span in words: "09:00–12:00", "22:00 until 02:00 next day". */
export function spanWords({ fromMinute, toMinute }: Span): string {
  return toMinute < fromMinute
    ? `${timeText(fromMinute)} until ${timeText(toMinute)} next day`
    : `${timeText(fromMinute)}–${timeText(toMinute)}`
}

/** Reads the hours of one date. Empty lines are left out; what overlaps or touches becomes one span. */
export function readSpans(lines: readonly TypedSpan[]): ReadSpans {
  const spans: Span[] = []
  for (const [line, { from, to }] of lines.entries()) {
    if (from.trim() === '' && to.trim() === '') continue
    const [fromMinute, toMinute] = [readTime(from), readTime(to)]
    if (fromMinute === undefined || fromMinute === wholeDay)
      return {
        ok: false,
        line,
        problem: 'When does it begin? A time from 00:00 to 23:59, such as 09:30.',
      }
    if (toMinute === undefined)
      return { ok: false, line, problem: 'When does it end? A time up to 24:00, such as 17:00.' }
    if (toMinute === fromMinute)
      return {
        ok: false,
        line,
        problem: 'It ends when it begins. The whole day is 00:00 to 24:00.',
      }
    spans.push({ fromMinute, toMinute })
  }
  if (spans.length > mostSpansADate)
    return { ok: false, line: 0, problem: `At most ${mostSpansADate} pieces for one day.` }
  const joined = joinedSpans(spans)
  return { ok: true, spans: joined, isMerged: joined.length < spans.length }
}

/**
 * Spans of one date in order; those that overlap or touch are one, unless that one would be longer than a day and could not be
 * written.
 */
export function joinedSpans(spans: readonly Span[]): Span[] {
  const all: { from: number; until: number }[] = []
  const sorted = spans
    .map(({ fromMinute, toMinute }) => ({
      from: fromMinute,
      until: toMinute < fromMinute ? toMinute + wholeDay : toMinute,
    }))
    .toSorted((one, other) => one.from - other.from || one.until - other.until)
  for (const span of sorted) {
    const before = all.at(-1)
    const until = Math.max(before?.until ?? 0, span.until)
    const canBeOne = until <= wholeDay || until - (before?.from ?? 0) < wholeDay
    if (before && span.from <= before.until && canBeOne) before.until = until
    else all.push(span)
  }
  return all.map(({ from, until }) => ({
    fromMinute: from,
    toMinute: until > wholeDay ? until - wholeDay : until,
  }))
}

/** The spans of each weekday from Monday on, as a form shows them. */
export function byWeekday(weekly: readonly WeeklySpan[]): Span[][] {
  return Array.from({ length: 7 }, (_, index) =>
    weekly
      .filter(({ weekday }) => weekday === index + 1)
      .toSorted((one, other) => one.fromMinute - other.fromMinute),
  )
}

/** Minutes the owner is open in a week; hours of two days that overlap at night count twice. */
export function minutesAWeek(weekly: readonly Span[]): number {
  return weekly.reduce(
    (sum, { fromMinute, toMinute }) =>
      sum + (toMinute < fromMinute ? toMinute + wholeDay : toMinute) - fromMinute,
    0,
  )
}
