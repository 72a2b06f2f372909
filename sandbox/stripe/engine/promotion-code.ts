import type { Coupon, CouponRecord } from './objects/coupon.ts'
import type { PromotionCode } from './objects/promotion-code.ts'
import type { Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest } from '../api-error.ts'
import { countRedemption, couponNamed, liveCoupon } from './coupons.ts'
import { formatMoney } from './currencies.ts'

/** What a discount is to be taken off: who buys, and for how much (minor units). */
export type Purchase = { customer: string | null; currency: string; subtotal: number }

/** A coupon that somebody wants to redeem, by itself or by a code for it. */
export type Redemption = { coupon: Coupon; record: CouponRecord; code: PromotionCode | null }

/** A code as it stands at an instant (unix seconds): it ends by itself, and with its coupon. */
export function codeAsOf(code: PromotionCode, now: number, coupon?: Coupon): PromotionCode {
  const isOver =
    (code.expires_at !== null && code.expires_at <= now) ||
    (code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions) ||
    coupon?.valid === false
  return isOver ? { ...code, active: false } : code
}

/**
 * What an entry of `discounts` names. ApiError 400 when there is no such thing, it can no longer be
 * redeemed, or not for this purchase.
 */
export async function redemptionOf(
  work: Reading,
  entry: Params,
  purchase: Purchase,
): Promise<Redemption> {
  const id = entry.text('promotion_code')
  if (id !== undefined && entry.has('coupon'))
    throw invalidRequest('You may only specify one of these parameters: coupon, promotion_code.', {
      param: entry.path('coupon'),
    })
  if (id === undefined) {
    const param = entry.path('coupon')
    const { coupon, record } = await couponNamed(work, entry.needText('coupon'), param)
    const refusal = couponRefusal(coupon, work.now)
    if (refusal !== undefined) throw invalidRequest(refusal, { code: 'coupon_expired', param })
    return { coupon, record, code: null }
  }
  const param = entry.path('promotion_code')
  const code = await work.named('promotion_code', id, param)
  const found = await redemptionOfCode(work, code, purchase)
  if ('refusal' in found) throw invalidRequest(found.refusal, { code: found.why, param })
  return found
}

/** The one active code of a spelling, whatever the case. */
export async function activeCode(
  reading: Reading,
  spelling: string,
): Promise<PromotionCode | undefined> {
  if (spelling === '') return undefined
  const page = await reading.list('promotion_code', {
    limit: 100,
    conditions: [
      { path: ['active'], is: true },
      { path: ['code'], contains: spelling },
    ],
  })
  return page.data.find((one) => one.code.toLowerCase() === spelling.toLowerCase())
}

/** What a code is for, or why this buyer cannot use it, in Stripe's words. */
export async function redemptionOfCode(
  reading: Reading,
  code: PromotionCode,
  purchase: Purchase,
): Promise<Redemption | { refusal: string; why: string }> {
  const found = await liveCoupon(reading, code.promotion.coupon)
  if (found === undefined || !codeAsOf(code, reading.now, found.coupon).active)
    return { refusal: 'This promotion code is no longer active.', why: 'promotion_code_expired' }
  if (code.customer !== null && code.customer !== purchase.customer)
    return {
      refusal: 'This promotion code cannot be redeemed by this customer.',
      why: 'promotion_code_customer_mismatch',
    }
  const least = code.restrictions.minimum_amount
  const leastIn = code.restrictions.minimum_amount_currency
  if (least !== null && (leastIn !== purchase.currency || purchase.subtotal < least))
    return {
      refusal: `This promotion code can only be used for orders of ${formatMoney(least, leastIn ?? purchase.currency)} or more.`,
      why: 'promotion_code_minimum_amount',
    }
  if (code.restrictions.first_time_transaction && (await hasPaidBefore(reading, purchase)))
    return {
      refusal:
        'This promotion code cannot be redeemed because the associated customer has prior transactions.',
      why: 'promotion_code_customer_not_first_time',
    }
  return { ...found, code }
}

async function hasPaidBefore(reading: Reading, purchase: Purchase): Promise<boolean> {
  if (purchase.customer === null) return false
  const is = (path: string, value: string): { path: string[]; is: string } => ({
    path: [path],
    is: value,
  })
  const mine = is('customer', purchase.customer)
  const paid = [mine, is('status', 'succeeded')]
  const intents = await reading.list('payment_intent', { limit: 1, conditions: paid })
  if (intents.data.length > 0) return true
  const invoices = await reading.list('invoice', {
    limit: 1,
    conditions: [mine, is('status', 'paid')],
  })
  return invoices.data.length > 0
}

/** Why a coupon can no longer be redeemed, in Stripe's words; undefined when it can. */
export function couponRefusal(coupon: Coupon, now: number): string | undefined {
  if (coupon.redeem_by !== null && coupon.redeem_by <= now) return `Coupon expired: ${coupon.id}`
  return coupon.valid ? undefined : `Coupon ${coupon.id} is used up and cannot be applied.`
}

/** It was redeemed once more, the coupon and the code for it. */
export async function countUse(
  work: Work,
  used: { coupon: string; code: string | null },
): Promise<void> {
  const found = await liveCoupon(work, used.coupon)
  if (found !== undefined) countRedemption(work, found.coupon)
  if (used.code === null) return
  const code = await work.get('promotion_code', used.code)
  if (code !== undefined)
    work.put('promotion_code', { ...code, times_redeemed: code.times_redeemed + 1 })
}
