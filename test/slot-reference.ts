import type { SlotCase } from '#modules/booking/slot-cases.ts'

/**
 * The slots of a case by brute force, minute by minute, straight from the words of the case file: it shares no line, no table of zones and no
 * idea with the product's own. Slow, and right by reading.
 */
export function referenceSlots(one: SlotCase): string[] {
  const { service, query } = one
  const minute = 60_000
  const noon = (date: string, days: number) => Date.parse(`${date}T12:00:00Z`) + days * 86_400_000
  const first = noon(query.from_date, -4) / minute
  const last = noon(query.to_date, 4 + Math.ceil(service.duration_min / 1_440)) / minute

  const owner: string[] = []
  for (let at = first; at <= last; at++) owner.push(wall(at, one.owner_time_zone))
  const shownDates = new Set(owner.map((shown) => shown.slice(0, 10)))
  /** Rule 01: the first minute that shows this or more. No clock is two days from UTC, so nothing is missed before. */
  const earliest = (reading: string) => {
    const near = Date.parse(`${reading.replace(' ', 'T')}Z`) / minute - first - 2 * 1_440
    let at = Math.min(owner.length, Math.max(0, near))
    while (at < owner.length && (owner[at] ?? '') < reading) at++
    return at
  }
  const dates: string[] = []
  for (let days = -4; noon(query.from_date, days) <= last * minute; days++)
    dates.push(new Date(noon(query.from_date, days)).toISOString().slice(0, 10))
  const override = new Map(one.overrides.map(({ date, intervals }) => [date, intervals]))

  const open = new Set<number>()
  const grid = new Set<number>()
  dates.forEach((date, index) => {
    const next = dates[index + 1] ?? '9999-12-31'
    if (!shownDates.has(date)) return
    const weekday = new Date(`${date}T12:00:00Z`).getUTCDay() || 7
    const spans = override.get(date) ?? one.weekly_hours.filter((span) => span.weekday === weekday)
    const ofDate = new Set<number>()
    for (const { from, to } of spans) {
      if (from === to) continue
      let end =
        to === '24:00' ? earliest(`${next} 00:00`) : earliest(`${to > from ? date : next} ${to}`)
      if (to < from && override.has(next)) end = Math.min(end, earliest(`${next} 00:00`))
      for (let at = earliest(`${date} ${from}`); at < end; at++) ofDate.add(at)
    }
    for (const at of ofDate) {
      open.add(at)
      if (ofDate.has(at - 1)) continue
      for (let start = at; ofDate.has(start);) {
        grid.add(start)
        for (let step = 0; step < service.increment_min; step++)
          if (ofDate.has(start)) start++
          else break
      }
    }
  })

  const now = Date.parse(one.now_utc)
  const lastDate =
    service.window_days === null
      ? '9999-12-31'
      : new Date(
          Date.parse(
            `${wall(Math.floor(now / minute), one.owner_time_zone).slice(0, 10)}T12:00:00Z`,
          ) +
            service.window_days * 86_400_000,
        )
          .toISOString()
          .slice(0, 10)
  const counted = new Map<string, number>()
  for (const busy of one.busy) {
    if (!busy.counts_toward_max) continue
    const date = wall(Math.floor(Date.parse(busy.start_utc) / minute), one.owner_time_zone).slice(
      0,
      10,
    )
    counted.set(date, (counted.get(date) ?? 0) + 1)
  }
  return [...grid]
    .toSorted((a, b) => a - b)
    .filter((at) => {
      const start = (first + at) * minute
      const shown = owner[at]?.slice(0, 10) ?? ''
      const seen = wall(first + at, query.viewer_time_zone).slice(0, 10)
      if (seen < query.from_date || seen > query.to_date || shown > lastDate) return false
      if (start < now + service.min_notice_min * minute) return false
      if ((counted.get(shown) ?? 0) >= (service.max_per_day ?? Infinity)) return false
      for (let covered = 0; covered < service.duration_min; covered++)
        if (!open.has(at + covered)) return false
      return one.busy.every((busy) => {
        const [from, until] = [Date.parse(busy.start_utc), Date.parse(busy.end_utc)]
        return (
          until <= from ||
          until <= start - service.buffer_before_min * minute ||
          from >= start + (service.duration_min + service.buffer_after_min) * minute
        )
      })
    })
    .map((at) => new Date((first + at) * minute).toISOString().replace('.000Z', 'Z'))
}

const walls = new Map<string, Map<number, string>>()
const formats = new Map<string, Intl.DateTimeFormat>()

/** "2026-11-24 09:30": what the zone shows in a minute since 1970. */
function wall(minutes: number, zone: string): string {
  const known = walls.get(zone) ?? new Map<number, string>()
  walls.set(zone, known)
  let shown = known.get(minutes)
  if (shown === undefined) {
    const format =
      formats.get(zone) ??
      new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
    formats.set(zone, format)
    shown = format.format(minutes * 60_000)
    known.set(minutes, shown)
  }
  return shown
}
