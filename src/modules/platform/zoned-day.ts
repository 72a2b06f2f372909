const formats = new Map<string, Intl.DateTimeFormat>()

/** The day an instant belongs to in a zone, as forms write it: "2026-11-22". zone: IANA name. */
export function dayOf(instant: Date, zone: string): string {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    formats.set(zone, format)
  }
  const part = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, value]),
  )
  return `${part.year?.padStart(4, '0')}-${part.month}-${part.day}`
}

/** Zones lie between twelve hours behind UTC and fourteen before it; an hour more costs nothing. */
const reachMinutes = 15 * 60

/**
 * The instant at which a day begins in a zone: midnight, or what comes first where clocks skip it. day: "2026-11-22".
 * undefined for a text that is no day of the years 2000 to 2099.
 */
export function startOfDay(day: string, zone: string): Date | undefined {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  if (!/^20\d\d-\d\d-\d\d$/.test(day) || !isCalendarDay(day, midnight)) return undefined
  // Halving the span: the day of an instant only grows with it.
  let before = -reachMinutes
  let reached = reachMinutes
  const at = (minutes: number) => new Date(midnight + minutes * 60_000)
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (dayOf(at(middle), zone) < day) before = middle
    else reached = middle
  }
  return at(reached)
}

/** The day after: "2026-12-31" -> "2027-01-01". */
export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

function isCalendarDay(day: string, midnight: number): boolean {
  return Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(day)
}
