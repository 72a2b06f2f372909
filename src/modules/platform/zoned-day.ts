import { dayMs, zoneNamed } from './zones.ts'

/** The day an instant belongs to in a zone, as forms write it: "2026-11-22". zone: IANA name. */
export function dayOf(instant: Date, zone: string): string {
  return new Date(zoneNamed(zone).wallAt(instant.getTime())).toISOString().slice(0, 10)
}

/**
 * The instant at which a day begins in a zone: midnight, or what comes first where clocks skip it. day: "2026-11-22".
 * undefined for a text that is no day of the years 2000 to 2099.
 */
export function startOfDay(day: string, zone: string): Date | undefined {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  if (!/^20\d\d-\d\d-\d\d$/.test(day) || !isCalendarDay(day, midnight)) return undefined
  return new Date(zoneNamed(zone).instantOf(midnight))
}

/** The day after: "2026-12-31" -> "2027-01-01". */
export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)
}

function isCalendarDay(day: string, midnight: number): boolean {
  return Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(day)
}
