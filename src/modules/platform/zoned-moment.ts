import { zoneNamed } from './zones.ts'

/** What calendar and clock of a zone show at an instant, as forms write it. zone: IANA name. */
export function wallClock(instant: Date, zone: string): { day: string; time: string } {
  const [day = '', time = ''] = new Date(zoneNamed(zone).wallAt(instant.getTime()))
    .toISOString()
    .split('T')
  return { day, time: time.slice(0, 5) }
}

/**
 * The instant at which calendar and clock of a zone show this. A time that occurs twice is the earlier one; one that clocks skip is the
 * moment of the jump. day: "2026-11-22", time: "14:05". undefined for texts that are none, or before 2000 or after 2099.
 */
export function momentAt(day: string, time: string, zone: string): Date | undefined {
  if (!/^20\d\d-\d\d-\d\d$/.test(day) || !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)) return undefined
  const wall = Date.parse(`${day}T${time}:00Z`)
  if (!Number.isFinite(wall) || !new Date(wall).toISOString().startsWith(day)) return undefined
  return new Date(zoneNamed(zone).instantOf(wall))
}
