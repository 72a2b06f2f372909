import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { addMonths } from './given-time.ts'
import { perInterval } from './interval.ts'
import type { Interval, Plan } from './types.ts'

/** Days between what a subscriber is told and the first payment of the other price. */
export const noticeDays = { least: 14, usual: 30, most: 90 } as const

export type MoveRefusal =
  | 'same_plan'
  | 'other_group'
  | 'other_currency'
  | 'other_interval'
  | 'holds_less'
  | 'same_price'
  | 'disabled'

/**
 * Whether subscribers of a plan may be moved to another one's price; undefined: they may. All that they agreed to but the sum stays: how
 * often they pay, in which currency, and at least what the plan holds.
 */
export function moveRefusal(
  from: Pick<Plan, 'id' | 'group' | 'tier' | 'amountMinor' | 'currency' | 'interval'>,
  to: Pick<Plan, 'id' | 'group' | 'tier' | 'amountMinor' | 'currency' | 'interval' | 'isEnabled'>,
): MoveRefusal | undefined {
  if (from.id === to.id) return 'same_plan'
  if (from.group.toLowerCase() !== to.group.toLowerCase()) return 'other_group'
  if (from.currency !== to.currency) return 'other_currency'
  if (from.interval.unit !== to.interval.unit || from.interval.count !== to.interval.count)
    return 'other_interval'
  if (to.tier < from.tier) return 'holds_less'
  if (from.amountMinor === to.amountMinor) return 'same_price'
  return to.isEnabled ? undefined : 'disabled'
}

export const moveRefusalWords: Readonly<Record<MoveRefusal, string>> = {
  same_plan: 'Choose another plan than the one they have.',
  other_group: 'This plan is of another group: they would have something else, not another price.',
  other_currency: 'This plan is in another currency. Nobody agreed to pay in that one.',
  other_interval:
    'This plan is paid in another rhythm. Nobody is charged sooner than they agreed to.',
  holds_less: 'This plan is of a lower tier: they would lose what they subscribed to.',
  same_price: 'Both plans cost the same. There is nothing to move.',
  disabled: 'This plan is disabled. Enable it first.',
}

/** Why somebody is left out, to their owner. */
export const leftOutWords = {
  nobody: 'Nobody here is known to hold it, so nobody could be told',
  ending: 'Cancelled: it ends anyway',
  changing: 'Changes to another plan already',
  paused: 'Paused: nothing is charged',
  owing: 'Owes a payment; that comes first',
  coupon: 'Has a coupon, whose terms were promised with this price',
  money: 'Their money went back, or is argued about',
  moving: 'Is being moved from another plan',
  odd: 'Was changed in Stripe’s own dashboard, to more than one of this plan',
} as const

export type LeftOut = keyof typeof leftOutWords

/** A subscription's rhythm, as far as it is known. */
export interface Renewing {
  readonly isTrial: boolean
  readonly interval: Interval
  readonly periodStartsAt: Date | undefined
  readonly periodEndsAt: Date
}

/**
 * The first renewal that is not before a moment. Of a trial, the first payment is the one that was promised with it, whenever it is.
 * Months are counted from the day on which the paid period began, so that 31 January leads over 28 February to 31 March.
 */
export function firstRenewal(one: Renewing, notBefore: Date): Date {
  const { unit, count } = one.interval
  const base = one.periodEndsAt
  const isShort =
    !one.isTrial &&
    one.periodStartsAt !== undefined &&
    one.periodStartsAt.getUTCDate() > base.getUTCDate()
  const anchorDay = isShort ? (one.periodStartsAt?.getUTCDate() ?? 0) : base.getUTCDate()
  for (let step = one.isTrial ? 1 : 0; ; step++) {
    const at =
      unit === 'day' || unit === 'week'
        ? new Date(base.getTime() + step * count * (unit === 'day' ? 1 : 7) * 86_400_000)
        : step === 0
          ? base
          : onDay(addMonths(base, step * count * (unit === 'month' ? 1 : 12)), anchorDay)
    if (at >= notBefore) return at
  }
}

/** The same month, on this day or on its last one. */
function onDay(at: Date, day: number): Date {
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
  const moved = new Date(at)
  moved.setUTCDate(Math.min(day, last))
  return moved
}

/** Another price that somebody was told of. */
export interface PriceToCome {
  readonly amountMinor: number
  readonly firstAt: Date
}

/** "From 3 March 2027 it is €12.00 a month instead of €9.00." */
export function priceToComeWords(
  toCome: PriceToCome,
  now: { readonly amountMinor: number; readonly currency: string; readonly interval: Interval },
  dates: DateWords,
): string {
  const money = (minor: number) => formatMoney({ minor, currency: now.currency }, dates.locale)
  return `From ${formatDay(toCome.firstAt, dates)} it is ${money(toCome.amountMinor)} ${perInterval(now.interval)} instead of ${money(now.amountMinor)}.`
}

/** How one subscriber of a move stands, to the owner. */
export const personWords = {
  waiting: { word: 'To be told', tone: 'quiet' },
  told: { word: 'Told', tone: 'quiet' },
  setting: { word: 'Being set at Stripe', tone: 'quiet' },
  set: { word: 'Renews at the new price', tone: 'quiet' },
  moved: { word: 'Moved', tone: 'good' },
  left: { word: 'Ended or changed the plan', tone: 'quiet' },
  kept: { word: 'Keeps the price', tone: 'quiet' },
  left_out: { word: 'Left out', tone: 'quiet' },
} as const

export type PersonState = keyof typeof personWords
