import { slots } from './slots.ts'
import type { AskedDates, SlotRules, Span } from './types.ts'

/** One case of a case file, as it is written there. */
export interface SlotCase {
  readonly id: string
  readonly owner_time_zone: string
  readonly weekly_hours: readonly { weekday: number; from: string; to: string }[]
  readonly overrides: readonly {
    date: string
    intervals: readonly { from: string; to: string }[]
  }[]
  readonly busy: readonly { start_utc: string; end_utc: string; counts_toward_max?: boolean }[]
  readonly service: {
    readonly duration_min: number
    readonly increment_min: number
    readonly buffer_before_min: number
    readonly buffer_after_min: number
    readonly min_notice_min: number
    readonly window_days: number | null
    readonly max_per_day?: number
  }
  readonly now_utc: string
  readonly query: { from_date: string; to_date: string; viewer_time_zone: string }
  readonly expected_slots_utc: readonly string[]
}

/** What we offer in a case: instants in the form of its expected ones. */
export function slotsOfCase(one: SlotCase): string[] {
  const { rules, asked } = rulesOfCase(one)
  return slots(rules, asked).map((start) => new Date(start).toISOString().replace('.000Z', 'Z'))
}

/** A case in our own words. */
export function rulesOfCase(one: SlotCase): { rules: SlotRules; asked: AskedDates } {
  const { service, query } = one
  return {
    rules: {
      hours: {
        zone: one.owner_time_zone,
        weekly: one.weekly_hours.map(({ weekday, ...span }) => ({ weekday, ...spanOf(span) })),
        overrides: new Map(
          one.overrides.map(({ date, intervals }) => [date, intervals.map(spanOf)]),
        ),
      },
      busy: one.busy.map((busy) => ({
        from: Date.parse(busy.start_utc),
        until: Date.parse(busy.end_utc),
        ...(busy.counts_toward_max ? { countsFrom: Date.parse(busy.start_utc) } : {}),
      })),
      terms: {
        duration: service.duration_min,
        increment: service.increment_min,
        bufferBefore: service.buffer_before_min,
        bufferAfter: service.buffer_after_min,
        notice: service.min_notice_min,
        windowDays: service.window_days ?? undefined,
        mostADay: service.max_per_day,
        mostAWeek: undefined,
      },
      now: Date.parse(one.now_utc),
    },
    asked: { from: query.from_date, to: query.to_date, zone: query.viewer_time_zone },
  }
}

function spanOf({ from, to }: { from: string; to: string }): Span {
  return { fromMinute: minutesOf(from), toMinute: minutesOf(to) }
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}
