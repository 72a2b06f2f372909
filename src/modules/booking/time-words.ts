import type { DateWords } from '#modules/platform/dates.ts'
import { zoneNamed } from '#modules/platform/zones.ts'

/** "Monday, 10 March 2031" and, as the locale counts hours, "09:30 to 10:30" or "9:30 AM to 10:30 AM". */
export interface TimeWords {
  readonly date: string
  /** Names the date of the end as well where it is another one. */
  readonly time: string
  /** Where this clock hangs and how far it is from UTC: "Europe/Berlin, GMT+1". */
  readonly zone: string
  /** All of it: "Monday, 10 March 2031, 09:30 to 10:30 (Europe/Berlin, GMT+1)". */
  readonly whole: string
}

/** A stretch of time as somebody reads it on their clock, so that nobody takes it for another one. */
export function timeWords(from: Date, until: Date, words: DateWords): TimeWords {
  const date = dateWords(from, words)
  const endDate = dateWords(until, words)
  const [start, end] = [clockWords(from, words), clockWords(until, words)]
  const time = endDate === date ? `${start} to ${end}` : `${start} to ${endDate}, ${end}`
  const zone = zoneWords(from, words)
  return { date, time, zone, whole: `${date}, ${time} (${zone})` }
}

/** One moment: "Monday, 10 March 2031, 09:30 (Europe/Berlin, GMT+1)". */
export function momentWords(at: Date, words: DateWords): string {
  return `${dateWords(at, words)}, ${clockWords(at, words)} (${zoneWords(at, words)})`
}

/** Whether the clocks of two zones show the same at an instant. */
export function isSameClock(at: Date, zone: string, other: string): boolean {
  const instant = at.getTime()
  return zoneNamed(zone).wallAt(instant) === zoneNamed(other).wallAt(instant)
}

const dateWords = (at: Date, words: DateWords) =>
  told(at, words, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

/** "09:30" or "9:30 AM": never an hour that could be of the morning or of the evening. */
function clockWords(at: Date, words: DateWords): string {
  const { hour12 } = new Intl.DateTimeFormat(words.locale, { hour: 'numeric' }).resolvedOptions()
  return told(at, words, { hour: hour12 ? 'numeric' : '2-digit', minute: '2-digit' })
}

function zoneWords(at: Date, { zone, locale }: DateWords): string {
  if (zone === 'UTC') return zone
  const offset = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value
  return offset === undefined ? zone : `${zone}, ${offset}`
}

function told(at: Date, words: DateWords, options: Intl.DateTimeFormatOptions): string {
  const text = new Intl.DateTimeFormat(words.locale, { ...options, timeZone: words.zone }).format(
    at,
  )
  // Some locales put narrow spaces before AM, which mail programs show as boxes.
  return text.replace(/[\u00a0\u202f]/g, ' ')
}
