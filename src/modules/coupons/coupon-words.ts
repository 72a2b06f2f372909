import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import type { Coupon, CouponRefusal, ForPlans, Reduction } from './types.ts'

/** What a buyer is told when a code does not come off. */
export function refusalWords(refusal: CouponRefusal, currency: string, words: DateWords): string {
  const money = (minor: number) => formatMoney({ minor, currency }, words.locale)
  switch (refusal.reason) {
    case 'unknown':
      return 'There is no such code. Check how it is spelled.'
    case 'inactive':
      return 'This code is not in use any more.'
    case 'not_started':
      return `This code can be used from ${formatDay(refusal.startsAt, words)} on.`
    case 'ended':
      return `This code could be used until ${formatDay(lastMoment(refusal.endsAt), words)}.`
    case 'wrong_product':
      return 'This code is for other things than those in your cart.'
    case 'other_currency':
      return 'This code is for another currency.'
    case 'minimum':
      return `This code needs at least ${money(refusal.minimumMinor)} of what it is for; there is ${money(refusal.coveredMinor)} in your cart.`
    case 'used_up':
      return 'This code has been used as often as it may be. Somebody may be paying with the last one right now; it is free again if they do not.'
    case 'held_nearby':
      return 'Somebody near you is paying with this code right now, and few uses of it are left. It is free again when they are done, in 45 minutes at the latest.'
    case 'once_per_customer':
      return refusal.most === 1
        ? 'You have used this code before, or are paying with it in another window. It works once for each customer.'
        : `You have used this code before. It works ${refusal.most} times for each customer.`
    case 'for_plans':
      return 'This code is for memberships. Use it on the page of the plans.'
    case 'for_products':
      return 'This code is for what is in the shop, not for memberships. Use it in the cart.'
    case 'wrong_plan':
      return 'This code is not for this plan.'
    case 'too_little_left':
      return 'With this code less would be left to pay than a card can be charged.'
    case 'outlasted':
      return 'The trial of this plan lasts longer than this code: nothing would come off.'
    case 'needs_email':
      return 'Type your e-mail address too: this code works a set number of times for each customer.'
  }
}

/** The same to who is about to subscribe. */
export function planRefusalWords(
  refusal: CouponRefusal,
  currency: string,
  words: DateWords,
): string {
  return refusal.reason === 'minimum'
    ? `This code is for plans from ${formatMoney({ minor: refusal.minimumMinor, currency }, words.locale)} on.`
    : refusalWords(refusal, currency, words)
}

/** What of a plan's payments a coupon comes off, as its owner reads it. */
export function durationWords({ duration, months }: Omit<ForPlans, 'planIds'>): string {
  switch (duration) {
    case 'once':
      return 'The first payment'
    case 'repeating':
      return months === 1
        ? 'Payments of the first month'
        : `Payments of the first ${months ?? 0} months`
    case 'forever':
      return 'Every payment'
  }
}

/** A coupon ends when the day after its last one begins. */
function lastMoment(endsAt: Date): Date {
  return new Date(endsAt.getTime() - 1)
}

/** "25 %" or "€5.00". */
export function reductionWords(reduction: Reduction, locale: string): string {
  return 'basisPoints' in reduction
    ? `${(reduction.basisPoints / 100).toLocaleString(locale, { maximumFractionDigits: 2 })} %`
    : formatMoney({ minor: reduction.amountMinor, currency: reduction.currency }, locale)
}

export type CouponStanding = 'on' | 'off' | 'planned' | 'over' | 'used_up'

/** The one word a coupon is told by in the owner's list. */
export function couponStanding(coupon: Coupon, at: Date): CouponStanding {
  if (!coupon.isActive) return 'off'
  if (coupon.endsAt && at >= coupon.endsAt) return 'over'
  if (coupon.mostUses !== undefined && coupon.uses >= coupon.mostUses) return 'used_up'
  return coupon.startsAt && at < coupon.startsAt ? 'planned' : 'on'
}

/** From when until when it can be used, in the owner's days; '' = always. */
export function couponDates(coupon: Pick<Coupon, 'startsAt' | 'endsAt'>, words: DateWords): string {
  const from = coupon.startsAt && formatDay(coupon.startsAt, words)
  const until = coupon.endsAt && formatDay(lastMoment(coupon.endsAt), words)
  if (from !== undefined && until !== undefined)
    return from === until ? `On ${from}` : `${from} to ${until}`
  return from === undefined ? (until === undefined ? '' : `Until ${until}`) : `From ${from}`
}

export const couponStandingWords = {
  on: 'On',
  off: 'Off',
  planned: 'Not yet',
  over: 'Ended',
  used_up: 'Used up',
} as const satisfies Record<CouponStanding, string>
