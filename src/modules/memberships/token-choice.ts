import { addMonths } from './given-time.ts'
import { monthsIn } from './interval.ts'
import type { Interval } from './types.ts'

export type LotSource = 'plan_period' | 'pack' | 'manual' | 'goodwill' | 'returned'

/** Tokens of one source; used for what begins from validFrom on and before validUntil. */
export interface Lot {
  readonly id: string
  readonly source: LotSource
  readonly remaining: number
  readonly validFrom: Date
  /** undefined = without an end. */
  readonly validUntil: Date | undefined
}

/** The next period of a subscription that will be paid: what begins in it can wait for its tokens. */
export interface NextPeriod {
  readonly subscriptionId: string
  readonly from: Date
  readonly until: Date
  readonly allotment: number
  /** How many of them are promised already. */
  readonly committed: number
}

export interface WantedToken {
  readonly appointmentId: string
  /** Of the appointment. */
  readonly version: number
  readonly startsAt: Date
}

export type TokenPick = WantedToken &
  (
    | { readonly from: 'lot'; readonly lotId: string }
    | { readonly from: 'next_period'; readonly subscriptionId: string; readonly periodFrom: Date }
  )

export type TokenRefusal = {
  readonly ok: false
  /** Of what no token was left for. */
  readonly startsAt: Date
} & (
  | { readonly reason: 'no_tokens' }
  /** There are some, and none that is valid when it begins. until: of those that are valid longest. */
  | { readonly reason: 'not_valid_then'; readonly free: number; readonly until: Date | undefined }
  | {
      readonly reason: 'next_period_full'
      readonly allotment: number
      readonly committed: number
      readonly periodFrom: Date
    }
)

export type TokenChoice = { readonly ok: true; readonly picks: readonly TokenPick[] } | TokenRefusal

/**
 * Which token pays for each: one that is valid when it begins, of a plan before a pack, what ends first before what ends later; where there is
 * none, one of the next paid period's. All or nothing.
 */
export function chooseTokens(
  wanted: readonly WantedToken[],
  lots: readonly Lot[],
  periods: readonly NextPeriod[],
): TokenChoice {
  const inTurn = lots.toSorted(spendOrder)
  const left = new Map(lots.map(({ id, remaining }) => [id, remaining]))
  const open = new Map(
    periods.map((one) => [one.subscriptionId, one.allotment - one.committed] as const),
  )
  const picks: TokenPick[] = []
  for (const one of wanted.toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime())) {
    const lot = inTurn.find((each) => isValid(each, one.startsAt) && (left.get(each.id) ?? 0) > 0)
    if (lot) {
      left.set(lot.id, (left.get(lot.id) ?? 0) - 1)
      picks.push({ ...one, from: 'lot', lotId: lot.id })
      continue
    }
    const period = periods.find(
      (each) => isIn(each, one.startsAt) && (open.get(each.subscriptionId) ?? 0) > 0,
    )
    if (!period) return refusal(one.startsAt, inTurn, left, periods)
    const { subscriptionId, from } = period
    open.set(subscriptionId, (open.get(subscriptionId) ?? 0) - 1)
    picks.push({ ...one, from: 'next_period', subscriptionId, periodFrom: from })
  }
  return { ok: true, picks }
}

function refusal(
  startsAt: Date,
  lots: readonly Lot[],
  left: ReadonlyMap<string, number>,
  periods: readonly NextPeriod[],
): TokenRefusal {
  const full = periods.find((one) => isIn(one, startsAt) && one.allotment > 0)
  if (full) {
    const { allotment, committed, from } = full
    return {
      ok: false,
      reason: 'next_period_full',
      startsAt,
      allotment,
      committed,
      periodFrom: from,
    }
  }
  const others = lots.filter(({ id }) => (left.get(id) ?? 0) > 0)
  const free = others.reduce((sum, { id }) => sum + (left.get(id) ?? 0), 0)
  return free === 0
    ? { ok: false, reason: 'no_tokens', startsAt }
    : { ok: false, reason: 'not_valid_then', startsAt, free, until: others.at(-1)?.validUntil }
}

/** Whether a lot can be used for what begins then. */
export const isValid = (
  { validFrom, validUntil }: Omit<Lot, 'id' | 'source' | 'remaining'>,
  at: Date,
) => validFrom <= at && (validUntil === undefined || at < validUntil)

const isIn = ({ from, until }: NextPeriod, at: Date) => from <= at && at < until

function spendOrder(one: Lot, other: Lot): number {
  const end = ({ validUntil }: Lot) => validUntil?.getTime() ?? Infinity
  return (
    Number(one.source === 'pack') - Number(other.source === 'pack') ||
    // Infinity less Infinity is no number, which counts as equal.
    end(one) - end(other) ||
    one.validFrom.getTime() - other.validFrom.getTime() ||
    (one.id < other.id ? -1 : 1)
  )
}

/** When the period ends that begins then. anchor: the day periods are counted from; one of the 31st stays one of the last day. */
export function periodAfter(from: Date, interval: Interval, anchor: Date): Date {
  const days = interval.unit === 'day' ? 1 : interval.unit === 'week' ? 7 : 0
  if (days > 0) return new Date(from.getTime() + interval.count * days * 86_400_000)
  const months = monthsIn(interval)
  const since =
    (from.getUTCFullYear() - anchor.getUTCFullYear()) * 12 +
    from.getUTCMonth() -
    anchor.getUTCMonth()
  return addMonths(anchor, since).getTime() === from.getTime()
    ? addMonths(anchor, since + months)
    : addMonths(from, months)
}
