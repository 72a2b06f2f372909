import { minuteMs, zoneNamed } from '#modules/platform/zones.ts'
import { dateOf, dayAt, merged, openDates, weekOf } from './open-time.ts'
import type { Busy, SlotRules } from './types.ts'

/** What keeps a time from being offered, with its numbers. Instants in milliseconds, dates of the owner's zone. */
export type WhyNot =
  /** Not open then. override: that date has hours of its own. */
  | { readonly rule: 'closed'; readonly date: string; readonly isOverride: boolean }
  /** Open then, but not until its end. */
  | { readonly rule: 'too_long'; readonly openUntil: number }
  /** Between two times of the grid; a neighbour can be missing. */
  | {
      readonly rule: 'grid'
      readonly before: number | undefined
      readonly after: number | undefined
    }
  /** Taken by something else. */
  | { readonly rule: 'busy'; readonly by: Busy }
  /** The appointment itself is free, its time before or after it is not. */
  | { readonly rule: 'buffer'; readonly by: Busy }
  | { readonly rule: 'notice'; readonly earliest: number }
  | { readonly rule: 'window'; readonly lastDate: string }
  | { readonly rule: 'most_a_day'; readonly date: string; readonly most: number }
  | { readonly rule: 'most_a_week'; readonly monday: string; readonly most: number }

/** Everything that speaks against a time; nothing exactly when slots() offers it. start: an instant in milliseconds. */
export function whyNot(rules: SlotRules, start: number): WhyNot[] {
  const { terms, hours, now } = rules
  const zone = zoneNamed(hours.zone)
  const day = dayAt(zone, start)
  const found = rules.joinable?.has(start) ? [] : whyNotNew(rules, start)
  const earliest = now + terms.notice * minuteMs
  if (start < earliest) found.push({ rule: 'notice', earliest })
  if (terms.windowDays !== undefined && day > dayAt(zone, now) + terms.windowDays)
    found.push({ rule: 'window', lastDate: dateOf(dayAt(zone, now) + terms.windowDays) })
  return found
}

/** What speaks against an occasion that begins then, apart from when it is booked. */
function whyNotNew(rules: SlotRules, start: number): WhyNot[] {
  const { terms, hours } = rules
  const zone = zoneNamed(hours.zone)
  const day = dayAt(zone, start)
  const found: WhyNot[] = []
  const end = start + terms.duration * minuteMs

  const dates = openDates(hours, day - 2, dayAt(zone, end) + 1)
  const open = merged(dates.flatMap(({ ranges }) => ranges)).find(
    ({ from, until }) => from <= start && start < until,
  )
  if (!open)
    found.push({ rule: 'closed', date: dateOf(day), isOverride: hours.overrides.has(dateOf(day)) })
  else {
    const grid = gridAround(rules, start)
    if (grid.before !== start) found.push({ rule: 'grid', ...grid })
    if (open.until < end) found.push({ rule: 'too_long', openUntil: open.until })
  }

  const overlaps = (one: Busy, from: number, until: number) =>
    one.until > one.from && one.from < until && one.until > from
  const [from, until] = [start - terms.bufferBefore * minuteMs, end + terms.bufferAfter * minuteMs]
  for (const by of rules.busy) {
    if (overlaps(by, start, end)) found.push({ rule: 'busy', by })
    else if (overlaps(by, from, until)) found.push({ rule: 'buffer', by })
  }

  const counted = rules.busy.flatMap(({ countsFrom }) =>
    countsFrom === undefined ? [] : [dayAt(zone, countsFrom)],
  )
  const { mostADay, mostAWeek } = terms
  if (mostADay !== undefined && counted.filter((one) => one === day).length >= mostADay)
    found.push({ rule: 'most_a_day', date: dateOf(day), most: mostADay })
  const inWeek = counted.filter((one) => weekOf(one) === weekOf(day))
  if (mostAWeek !== undefined && inWeek.length >= mostAWeek)
    found.push({ rule: 'most_a_week', monday: dateOf(weekOf(day) * 7 - 3), most: mostAWeek })
  return found
}

/** The times of the grid at or before an instant, and after it, among the ranges of the dates around. */
function gridAround(
  { hours, terms }: SlotRules,
  instant: number,
): { before: number | undefined; after: number | undefined } {
  const day = dayAt(zoneNamed(hours.zone), instant)
  const step = terms.increment * minuteMs
  let [before, after]: [number | undefined, number | undefined] = [undefined, undefined]
  for (const { ranges } of openDates(hours, day - 2, day + 1)) {
    for (const { from, until } of ranges) {
      const steps = Math.floor((Math.min(instant, until - 1) - from) / step)
      if (steps >= 0) before = Math.max(before ?? -Infinity, from + steps * step)
      const next = from + Math.max(0, Math.floor((instant - from) / step) + 1) * step
      if (next < until && next > instant) after = Math.min(after ?? Infinity, next)
    }
  }
  return { before, after }
}
