import type { SlotCase } from '#modules/booking/slot-cases.ts'
import { dice } from './dice.ts'

/** Zones and dates around which their clocks do something worth looking at, and an ordinary one. */
const around = [
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Europe/Berlin', '2026-10-25'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  // At a minute past midnight, back into the day before.
  ['America/St_Johns', '2010-11-07'],
  ['America/Havana', '2026-11-01'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['Africa/Cairo', '2026-04-24'],
  ['Africa/Casablanca', '2026-03-22'],
  ['Antarctica/Troll', '2026-10-25'],
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Chatham', '2026-09-27'],
  ['America/Santiago', '2026-09-06'],
  ['Asia/Kathmandu', '2026-06-15'],
] as const

/** A case with everything drawn by lot, the same for the same seed. What it expects is left open. */
export function randomSlotCase(seed: number): SlotCase {
  const random = dice(seed * 7_919 + 11)
  const upTo = (most: number) => Math.floor(random() * (most + 1))
  const one = <Choice>(choices: readonly Choice[]): Choice =>
    choices[upTo(choices.length - 1)] as Choice
  const [zone, date] = one(around)
  const day = (shift: number) =>
    new Date(Date.parse(`${date}T00:00:00Z`) + shift * 86_400_000).toISOString().slice(0, 10)
  const time = () =>
    `${String(upTo(23)).padStart(2, '0')}:${one(['00', '00', '15', '30', '45', '07'])}`
  const span = () => ({ from: time(), to: random() < 0.15 ? '24:00' : time() })
  const instant = (fromDay: number, days: number, second = 0) =>
    new Date(Date.parse(`${day(fromDay)}T00:00:00Z`) + upTo(days * 1_440) * 60_000 + second * 1_000)
      .toISOString()
      .replace('.000Z', 'Z')
  const service = {
    duration_min: one([10, 15, 25, 30, 45, 60, 90, 180, 600]),
    increment_min: one([5, 10, 15, 20, 30, 45, 60, 90]),
    buffer_before_min: one([0, 0, 5, 15, 30]),
    buffer_after_min: one([0, 0, 10, 30, 60]),
    min_notice_min: one([0, 0, 30, 120, 1_440]),
    window_days: one([null, null, 0, 1, 2, 5, 30]),
    ...(random() < 0.3 ? { max_per_day: upTo(3) } : {}),
  }
  const from = upTo(3) - 2
  return {
    id: `seed-${seed}`,
    owner_time_zone: zone,
    weekly_hours: Array.from({ length: upTo(14) }, () => ({ weekday: 1 + upTo(6), ...span() })),
    overrides: [...new Set(Array.from({ length: upTo(3) }, () => day(upTo(6) - 3)))].map((on) => ({
      date: on,
      intervals: Array.from({ length: upTo(2) }, span),
    })),
    busy: Array.from({ length: upTo(12) }, () => {
      const start = instant(-3, 7, random() < 0.2 ? upTo(59) : 0)
      const minutes = one([0, 10, 30, 45, 60, 60, 240])
      return {
        start_utc: start,
        end_utc: new Date(Date.parse(start) + minutes * 60_000).toISOString().replace('.000Z', 'Z'),
        ...(random() < 0.4 ? { counts_toward_max: true } : {}),
      }
    }),
    service,
    now_utc: instant(-4, random() < 0.5 ? 1 : 6, upTo(59)),
    query: {
      from_date: day(from),
      to_date: day(from + upTo(3)),
      viewer_time_zone: random() < 0.5 ? zone : one(around)[0],
    },
    expected_slots_utc: [],
  }
}
