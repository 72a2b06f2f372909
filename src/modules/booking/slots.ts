import { dayMs, minuteMs, zoneNamed } from '#modules/platform/zones.ts'
import {
  dateOf,
  dayAt,
  dayNumber,
  merged,
  openDates,
  weekOf,
  type OpenDate,
  type Range,
} from './open-time.ts'
import type { AskedDates, SlotRules, SlotTerms } from './types.ts'

/** More dates at once are asked for by nobody. */
export const mostDatesAsked = 400
/** A zone's clocks are set back by this at most; whatever bears a date lies so near to its ends. */
const setBackMs = 26 * 3_600_000

/**
 * The times at which a service can be booked, as instants in milliseconds, ascending and each once: those whose calendar date, where the
 * viewer is, is among the asked ones. The one answer for whoever lists times and for whoever books one.
 *
 * A time is offered when it stands on the owner's grid (from the beginning of each of a date's open ranges in steps of the increment, in elapsed
 * minutes), the whole appointment lies in open time, it and its buffers touch nothing that is taken, the notice is kept, its date of the owner's lies
 * in the window, and that date and week have not had their most. A time at which an occasion with a free seat begins is offered as well, as long as
 * notice and window allow.
 *
 * Throws a RangeError for a zone that does not exist, terms without an increment or duration, and more dates than mostDatesAsked.
 */
export function slots(rules: SlotRules, asked: AskedDates): number[] {
  const { terms, now } = rules
  checkTerms(terms)
  const zone = zoneNamed(rules.hours.zone)
  const viewer = zoneNamed(asked.zone)
  const [firstAsked, lastAsked] = [dayNumber(asked.from), dayNumber(asked.to)]
  if (!(lastAsked - firstAsked < mostDatesAsked))
    throw new RangeError(`At most ${mostDatesAsked} dates at once.`)
  const earliest = Math.max(viewer.instantOf(firstAsked * dayMs), now + terms.notice * minuteMs)
  const latest = viewer.instantOf((lastAsked + 1) * dayMs) + setBackMs
  if (latest < earliest) return []
  const lastDay = Math.min(
    dayAt(zone, latest),
    terms.windowDays === undefined ? Infinity : dayAt(zone, now) + terms.windowDays,
  )
  // The night before may run into the first date, and the last appointment into dates after it.
  const duration = terms.duration * minuteMs
  const dates = openDates(
    rules.hours,
    dayAt(zone, earliest) - 2,
    Math.max(lastDay, dayAt(zone, earliest)) + Math.ceil(terms.duration / 1_440) + 1,
  )
  const open = merged(dates.flatMap(({ ranges }) => ranges))
  const taken = takenTimes(rules)
  const isFull = fullDays(rules)
  const before = terms.bufferBefore * minuteMs
  const after = duration + terms.bufferAfter * minuteMs
  const offered: number[] = []
  const offerIfAsked = (start: number, day: number) => {
    const seen = dayAt(viewer, start)
    if (day <= lastDay && seen >= firstAsked && seen <= lastAsked) offered.push(start)
  }
  let [inOpen, inTaken] = [0, 0]
  for (const start of candidates(dates, terms.increment * minuteMs, earliest, latest)) {
    while (inOpen < open.length && (open[inOpen] as Range).until <= start) inOpen++
    const range = open[inOpen]
    if (!range) break
    if (range.from > start || range.until < start + duration) continue
    while (inTaken < taken.length && (taken[inTaken] as Range).until <= start - before) inTaken++
    const next = taken[inTaken]
    if (next && next.from < start + after) continue
    const day = dayAt(zone, start)
    if (!isFull(day)) offerIfAsked(start, day)
  }
  if (!rules.joinable?.size) return offered
  for (const start of rules.joinable)
    if (start >= earliest && start <= latest) offerIfAsked(start, dayAt(zone, start))
  return [...new Set(offered)].toSorted((one, other) => one - other)
}

/** Whether one time can be booked right now: whether it is among the slots. start: an instant in milliseconds. */
export function isOffered(rules: SlotRules, start: number): boolean {
  if (!isInstant(start)) return false
  const { zone } = rules.hours
  const date = dateOf(dayAt(zoneNamed(zone), start))
  return slots(rules, { from: date, to: date, zone }).includes(start)
}

/** Whether a number is an instant in milliseconds that a calendar of four digits can hold. */
export function isInstant(milliseconds: number): boolean {
  return (
    Number.isSafeInteger(milliseconds) &&
    milliseconds > Date.UTC(1900, 0) &&
    milliseconds < Date.UTC(9999, 0)
  )
}

function checkTerms({ increment, duration }: SlotTerms): void {
  if (!(increment >= 1)) throw new RangeError('The increment is at least a minute.')
  if (!(duration >= 1)) throw new RangeError('The duration is at least a minute.')
}

/** The owner's grid from one instant to another, ascending, each instant once. */
function candidates(
  dates: readonly OpenDate[],
  step: number,
  earliest: number,
  latest: number,
): number[] {
  const starts: number[] = []
  let isSorted = true
  for (const { ranges } of dates) {
    for (const { from, until } of ranges) {
      const skipped = Math.max(0, Math.ceil((earliest - from) / step))
      const end = Math.min(until, latest)
      for (let start = from + skipped * step; start < end; start += step) {
        isSorted &&= starts.length === 0 || start > (starts.at(-1) as number)
        starts.push(start)
      }
    }
  }
  return isSorted ? starts : [...new Set(starts)].toSorted((one, other) => one - other)
}

function takenTimes({ busy }: SlotRules): Range[] {
  return merged(busy.filter(({ from, until }) => until > from))
}

/** Tells of a date of the owner's whether it, or its week, has had its most. */
function fullDays({ busy, terms, hours }: SlotRules): (day: number) => boolean {
  const { mostADay, mostAWeek } = terms
  if (mostADay === undefined && mostAWeek === undefined) return () => false
  const zone = zoneNamed(hours.zone)
  const [days, weeks] = [new Map<number, number>(), new Map<number, number>()]
  for (const { countsFrom } of busy) {
    if (countsFrom === undefined) continue
    const day = dayAt(zone, countsFrom)
    days.set(day, (days.get(day) ?? 0) + 1)
    weeks.set(weekOf(day), (weeks.get(weekOf(day)) ?? 0) + 1)
  }
  return (day) =>
    (days.get(day) ?? 0) >= (mostADay ?? Infinity) ||
    (weeks.get(weekOf(day)) ?? 0) >= (mostAWeek ?? Infinity)
}
