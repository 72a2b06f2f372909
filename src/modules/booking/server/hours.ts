import type { OwnerActor } from '#modules/accounts/types.ts'
import { audit, overwrites, type Db, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { joinedSpans, minutesAWeek, mostSpansADate } from '../hours-form.ts'
import { dateOf, dayNumber } from '../open-time.ts'
import type { DateOverride, Hours, Span, WeeklySpan } from '../types.ts'
import {
  countOverrides,
  deleteOverrides,
  lockHours,
  readOverrides,
  readWeekly,
  replaceWeekly,
  writeOverrides,
} from './store.hours.ts'

/** So many dates get hours of their own in one step. */
export const mostDatesAtOnce = 366
/** And so many from one date on there can be. */
const mostOverrides = 2_000

/** The weekly hours, from Monday on. */
export function weeklyHours(via: Db): Promise<readonly WeeklySpan[]> {
  return readWeekly(via)
}

/** What the form of the weekly hours shows; seenMark() of it goes along with the form. */
export function shownWeekly(weekly: readonly WeeklySpan[]) {
  return {
    weekly: weekly.map(({ weekday, fromMinute, toMinute }) => [weekday, fromMinute, toMinute]),
  }
}

/**
 * Sets the hours of every week; spans of a weekday that overlap or touch become one. Appointments that stand stay where they are. On
 * record. seen: the form's mark; 'changed' = somebody saved other hours meanwhile, and nothing was written.
 */
export async function setWeeklyHours(
  tx: Tx,
  owner: OwnerActor,
  weekly: readonly WeeklySpan[],
  seen?: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: 'changed' }> {
  await lockHours(tx)
  const joined = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
    joinedSpans(weekly.filter((span) => span.weekday === weekday)).map((span) => ({
      weekday,
      ...span,
    })),
  )
  if (overwrites(seen, shownWeekly(await readWeekly(tx)), shownWeekly(joined)))
    return { ok: false, reason: 'changed' }
  await replaceWeekly(tx, joined)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'hours.weekly_set',
    subject: { kind: 'hours', id: 'weekly' },
    detail: { spans: joined.length, minutesAWeek: minutesAWeek(joined) },
  })
  return { ok: true }
}

export type OverrideResult =
  | { readonly ok: true; readonly dates: number }
  | {
      readonly ok: false
      readonly reason: 'no_dates' | 'too_many_dates' | 'too_many_overrides' | 'too_many_spans'
    }

/**
 * Gives every date of a span hours of its own instead of its weekday's: none = closed (a holiday). What those dates had before goes.
 * from, to: "2026-11-24", both included. On record.
 */
export async function overrideDates(
  tx: Tx,
  owner: OwnerActor,
  change: {
    readonly from: string
    readonly to: string
    readonly label: string | undefined
    readonly spans: readonly Span[]
  },
): Promise<OverrideResult> {
  const [first, last] = [dayNumber(change.from), dayNumber(change.to)]
  if (!(first <= last)) return { ok: false, reason: 'no_dates' }
  if (last - first >= mostDatesAtOnce) return { ok: false, reason: 'too_many_dates' }
  const spans = joinedSpans(change.spans)
  if (spans.length > mostSpansADate) return { ok: false, reason: 'too_many_spans' }
  await lockHours(tx)
  const dates = Array.from({ length: last - first + 1 }, (_, at) => dateOf(first + at))
  // Counted from the first of them on: what is long past never fills the list.
  if ((await countOverrides(tx, change.from)) + dates.length > mostOverrides)
    return { ok: false, reason: 'too_many_overrides' }
  await writeOverrides(tx, dates, change.label, spans)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'hours.dates_overridden',
    subject: { kind: 'hours', id: change.from },
    detail: {
      to: change.to,
      dates: dates.length,
      spans: spans.length,
      label: change.label ?? null,
    },
  })
  return { ok: true, dates: dates.length }
}

/** Every date of a span has its weekday's hours again. Returns how many had their own. from, to: both included. On record. */
export async function restoreDates(
  tx: Tx,
  owner: OwnerActor,
  from: string,
  to: string,
): Promise<number> {
  await lockHours(tx)
  const restored = await deleteOverrides(tx, from, to)
  if (restored > 0)
    await audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'hours.dates_restored',
      subject: { kind: 'hours', id: from },
      detail: { to, dates: restored },
    })
  return restored
}

/** The dates of a span that have hours of their own, in order. At most mostDatesAtOnce dates, both ends included. */
export async function overridesBetween(
  via: Db,
  from: string,
  to: string,
): Promise<readonly DateOverride[]> {
  if (dayNumber(to) - dayNumber(from) >= 2 * mostDatesAtOnce)
    throw new RangeError('So many dates are not asked for at once.')
  return readOverrides(via, from, to)
}

/** All that slots() needs to know of when the owner is open around some dates, in the shop's zone. */
export async function hoursAround(via: Db, from: string, to: string): Promise<Hours> {
  // The evening before may run into the first date, and a long appointment past the last.
  const [first, last] = [dateOf(dayNumber(from) - 3), dateOf(dayNumber(to) + 3)]
  const [{ timeZone: zone }, weekly, overrides] = await Promise.all([
    siteIdentity(via),
    readWeekly(via),
    overridesBetween(via, first, last),
  ])
  return { zone, weekly, overrides: new Map(overrides.map(({ date, spans }) => [date, spans])) }
}
