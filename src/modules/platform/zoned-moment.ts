const formats = new Map<string, Intl.DateTimeFormat>()

/** What calendar and clock of a zone show at an instant, as forms write it. zone: IANA name. */
export function wallClock(instant: Date, zone: string): { day: string; time: string } {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
    formats.set(zone, format)
  }
  const part = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, value]),
  )
  return {
    day: `${part.year?.padStart(4, '0')}-${part.month}-${part.day}`,
    time: `${part.hour}:${part.minute}`,
  }
}

const halfDay = 12 * 3_600_000

/**
 * The instant at which calendar and clock of a zone show this. A time that occurs twice is the earlier one; one that clocks skip is as
 * much later as they are put forward. day: "2026-11-22", time: "14:05". undefined for texts that are none, or before 2000 or after 2099.
 */
export function momentAt(day: string, time: string, zone: string): Date | undefined {
  if (!/^20\d\d-\d\d-\d\d$/.test(day) || !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)) return undefined
  const asUtc = Date.parse(`${day}T${time}:00Z`)
  if (!Number.isFinite(asUtc) || !new Date(asUtc).toISOString().startsWith(day)) return undefined
  // Clocks change at most once between half a day before and half a day after.
  const [before, after] = [asUtc - 2 * halfDay, asUtc + 2 * halfDay].map((instant) =>
    offsetAt(instant, zone),
  )
  const candidates = [before ?? 0, after ?? 0].map((offset) => new Date(asUtc - offset))
  const fitting = candidates.filter((instant) => {
    const shown = wallClock(instant, zone)
    return shown.day === day && shown.time === time
  })
  return fitting.toSorted((one, other) => one.getTime() - other.getTime())[0] ?? candidates[0]
}

/** How far a zone's clock is before UTC, in milliseconds. */
function offsetAt(instant: number, zone: string): number {
  const { day, time } = wallClock(new Date(instant), zone)
  return Date.parse(`${day}T${time}:00Z`) - Math.floor(instant / 60_000) * 60_000
}
