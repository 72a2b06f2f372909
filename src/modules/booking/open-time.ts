import { dayMs, minuteMs, zoneNamed, type Zone } from '#modules/platform/zones.ts'
import type { Hours, Span } from './types.ts'

/** Half open, in milliseconds. */
export interface Range {
  readonly from: number
  readonly until: number
}

/** The hours of one date of the owner's: those that overlap or touch are one. */
export interface OpenDate {
  /** Days since 1 January 1970 by the calendar. */
  readonly day: number
  readonly ranges: readonly Range[]
}

/** A date as days since 1 January 1970. "2026-11-24". */
export function dayNumber(date: string): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / dayMs)
}

/** A day number as the date it stands for. */
export function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}

/** The calendar date of an instant in a zone, as a day number. */
export function dayAt(zone: Zone, instant: number): number {
  return Math.floor(zone.wallAt(instant) / dayMs)
}

/** 1 = Monday. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/** The week of a date, from Monday to Sunday, as a number that grows by one each week. */
export function weekOf(day: number): number {
  return Math.floor((day + 3) / 7)
}

/**
 * When the owner is open, date by date, both ends included. Wall times become the earliest instant at which the zone shows them, so that
 * hours inside a skipped hour are empty and a doubled one counts from its first time on. A date with an override
 * has its hours and nothing of the evening before; a date that the zone skips is empty.
 */
export function openDates(hours: Hours, first: number, last: number): OpenDate[] {
  const zone = zoneNamed(hours.zone)
  const weekly: Span[][] = Array.from({ length: 8 }, () => [])
  for (const span of hours.weekly) weekly[span.weekday]?.push(span)
  const dates: OpenDate[] = []
  for (let day = first; day <= last; day++) {
    const spans = overrideOf(hours, day) ?? weekly[weekdayOf(day)] ?? []
    dates.push({ day, ranges: spans.length === 0 ? [] : merged(rangesOf(zone, hours, day, spans)) })
  }
  return dates
}

function overrideOf(hours: Hours, day: number): readonly Span[] | undefined {
  return hours.overrides.size === 0 ? undefined : hours.overrides.get(dateOf(day))
}

function rangesOf(zone: Zone, hours: Hours, day: number, spans: readonly Span[]): Range[] {
  const midnight = zone.instantOf(day * dayMs)
  if (dayAt(zone, midnight) !== day) return []
  const ranges: Range[] = []
  for (const { fromMinute, toMinute } of spans) {
    if (fromMinute === toMinute) continue
    const from = zone.instantOf(day * dayMs + fromMinute * minuteMs)
    const isOvernight = toMinute < fromMinute
    let until = zone.instantOf((isOvernight ? day + 1 : day) * dayMs + toMinute * minuteMs)
    if (isOvernight && overrideOf(hours, day + 1))
      until = Math.min(until, zone.instantOf((day + 1) * dayMs))
    if (until > from) ranges.push({ from, until })
  }
  return ranges
}

/** Ranges in order of time; those that overlap or touch are one. */
export function merged(ranges: readonly Range[]): Range[] {
  if (ranges.length < 2) return [...ranges]
  const all: { from: number; until: number }[] = []
  for (const { from, until } of ranges.toSorted((one, other) => one.from - other.from)) {
    const before = all.at(-1)
    if (before && from <= before.until) before.until = Math.max(before.until, until)
    else all.push({ from, until })
  }
  return all
}
