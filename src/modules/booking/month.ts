import { dayMs, zoneNamed } from '#modules/platform/zones.ts'
import { dateOf, dayAt, dayNumber, weekdayOf } from './open-time.ts'

/** A calendar month: "2026-11". */
export type Month = string

/** The times of one month that are offered, for whoever looks. */
export interface MonthOfTimes {
  readonly month: Month
  /** IANA name: by whose calendar. */
  readonly zone: string
  /** Instants, in milliseconds. */
  readonly times: readonly number[]
  /** Neighbours in which something may be offered. */
  readonly before: Month | undefined
  readonly after: Month | undefined
  /** 1 = Monday: with which weekday a week begins there. */
  readonly firstWeekday: number
}

/** Whether a text is a month that calendars have. */
export function isMonth(text: string): text is Month {
  return /^\d{4}-(?:0[1-9]|1[0-2])$/.test(text) && Number(text.slice(0, 4)) >= 1970
}

/** Whether a text is a date that calendars have. */
export function isDate(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) &&
    isMonth(text.slice(0, 7)) &&
    !Number.isNaN(Date.parse(text)) &&
    dateOf(dayNumber(text)) === text
  )
}

/** The month so many months later. */
export function monthAfter(month: Month, count = 1): Month {
  const [year, number] = month.split('-').map(Number)
  return new Date(Date.UTC(year ?? 0, (number ?? 1) - 1 + count, 1)).toISOString().slice(0, 7)
}

/** The month of an instant by the calendar of a zone. */
export function monthAt(zone: string, instant: number): Month {
  return dateOf(dayAt(zoneNamed(zone), instant)).slice(0, 7)
}

/** First and last date. */
export function datesOf(month: Month): { readonly from: string; readonly to: string } {
  return { from: `${month}-01`, to: dateOf(dayNumber(`${monthAfter(month)}-01`) - 1) }
}

/** The weeks of a month, as rows of seven dates; dates of the months around are undefined. firstWeekday: 1 = Monday. */
export function weeksOf(month: Month, firstWeekday: number): (string | undefined)[][] {
  const { from, to } = datesOf(month)
  const [first, last] = [dayNumber(from), dayNumber(to)]
  const lead = (weekdayOf(first) - firstWeekday + 7) % 7
  const weeks: (string | undefined)[][] = []
  for (let day = first - lead; day <= last; day += 7)
    weeks.push(
      Array.from({ length: 7 }, (_, at) => {
        const one = day + at
        return one < first || one > last ? undefined : dateOf(one)
      }),
    )
  return weeks
}

/** Times by the date under which they stand in a zone. */
export function byDate(
  times: readonly number[],
  zone: string,
): ReadonlyMap<string, readonly number[]> {
  const calendar = zoneNamed(zone)
  return Map.groupBy(times, (time) => dateOf(dayAt(calendar, time)))
}

/** Times as they are offered for choice. locale: BCP 47. */
export interface TimeWords {
  readonly zone: string
  readonly locale: string
}

/** "14:00"; where clocks show it twice that day, with what tells the two apart: "01:30 GMT-5". */
export function timeLabels(
  times: readonly number[],
  { zone, locale }: TimeWords,
): ReadonlyMap<number, string> {
  const plain = new Intl.DateTimeFormat(locale, clock(zone))
  const exact = new Intl.DateTimeFormat(locale, { ...clock(zone), timeZoneName: 'shortOffset' })
  const seen = new Map<string, number>()
  for (const time of times) {
    const label = plain.format(time)
    seen.set(label, (seen.get(label) ?? 0) + 1)
  }
  return new Map(
    times.map((time) => {
      const label = plain.format(time)
      return [time, (seen.get(label) ?? 0) > 1 ? exact.format(time) : label]
    }),
  )
}

const clock = (zone: string) =>
  ({ timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) as const

/** "Tuesday, 24 November 2026" */
export function longDate(date: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'full' }).format(
    dayNumber(date) * dayMs,
  )
}

/** "November 2026" */
export function monthWords(month: Month, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    month: 'long',
    year: 'numeric',
  }).format(dayNumber(`${month}-01`) * dayMs)
}

/** "Europe/Berlin" as people say it: "Central European Time (Berlin)". */
export function zoneWords(zone: string, locale: string): string {
  const place = zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone
  if (place === 'UTC') return place
  const name = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'longGeneric' })
    // Of a year in which clocks change where they do: elsewhere, and before, it would be called standard time.
    .formatToParts(Date.UTC(2026, 0, 1))
    .find(({ type }) => type === 'timeZoneName')?.value
  return name === undefined || name === place ? place : `${name} (${place})`
}

/** From when to when an appointment is, by one zone: "Tuesday, 24 November 2026, 14:00 to 15:30". Instants in milliseconds. */
export function spanText(startsAt: number, endsAt: number, { zone, locale }: TimeWords): string {
  const calendar = zoneNamed(zone)
  const [first, last] = [startsAt, endsAt].map((instant) => dateOf(dayAt(calendar, instant)))
  const labels = timeLabels([startsAt, endsAt], { zone, locale })
  const until = labels.get(endsAt) ?? ''
  const begins = `${longDate(first ?? '', locale)}, ${labels.get(startsAt) ?? ''}`
  return first === last
    ? `${begins} to ${until}`
    : `${begins} to ${longDate(last ?? '', locale)}, ${until}`
}

/** Whether a text names a zone that can be reckoned with. */
export function isZone(text: string): boolean {
  if (text.length > 64) return false
  try {
    zoneNamed(text)
    return true
  } catch {
    return false
  }
}
