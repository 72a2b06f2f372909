import type { DiscountTerms } from './discount-amounts.ts'
import type { LineItem } from './objects/line-item.ts'
import type { Coupon, CouponRecord } from './objects/coupon.ts'
import type { AppliedDiscount, Discount } from './objects/discount.ts'
import type { Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest } from '../api-error.ts'
import { liveCoupon } from './coupons.ts'
import { formatMoney, smallestStep } from './currencies.ts'
import { discountOver } from './discount-amounts.ts'
import type { Redemption } from './promotion-code.ts'
import { codeAsOf, countUse, couponRefusal, redemptionOf } from './promotion-code.ts'

/**
 * Reads `discounts` of a checkout: the lines as they cost with it. ApiError 400 when there is no
 * such coupon or code, it can no longer be redeemed, or it does not fit the order.
 */
export async function discounted(
  work: Work,
  params: Params,
  lines: readonly LineItem[],
  customer: string | null,
): Promise<{ lines: readonly LineItem[]; discount?: AppliedDiscount }> {
  const given = params.groups('discounts') ?? []
  const [first] = given
  if (first === undefined) return { lines }
  if (given.length > 1)
    throw invalidRequest('A Checkout Session takes one discount at most.', {
      param: 'discounts',
    })
  const param = first.path(first.has('promotion_code') ? 'promotion_code' : 'coupon')
  const redemption = await redemptionOf(work, first, {
    customer,
    currency: lines[0]?.currency ?? 'usd',
    subtotal: subtotalOf(lines),
  })
  const applied = applyTo(work, lines, redemption)
  if ('refusal' in applied) throw invalidRequest(applied.refusal, { param })
  return applied
}

export function subtotalOf(lines: readonly LineItem[]): number {
  return lines.reduce((sum, line) => sum + line.amount_subtotal, 0)
}

/** The lines of a checkout as they cost with a discount, or why it does not fit them. */
export function applyTo(
  work: Work,
  lines: readonly LineItem[],
  { coupon, record, code }: Redemption,
): { lines: readonly LineItem[]; discount: AppliedDiscount } | { refusal: string } {
  const currency = lines[0]?.currency ?? 'usd'
  const terms = termsIn(coupon, record, currency)
  if (terms === undefined)
    return {
      refusal: `The coupon ${coupon.id} takes off an amount in \`${coupon.currency}\` and cannot be applied to an order in \`${currency}\`.`,
    }
  const cheaper = lines.filter((line) => record.products?.includes(line.price.product) ?? true)
  if (cheaper.length === 0)
    return {
      refusal:
        'This coupon cannot be redeemed because it does not apply to anything in this order.',
    }
  return {
    lines: withDiscount(lines, cheaper, terms, smallestStep(currency)),
    discount: {
      id: work.id('di'),
      coupon: coupon.id,
      promotionCode: code?.id ?? null,
      title: coupon.name ?? wordsFor(terms, currency),
      start: work.now,
    },
  }
}

function withDiscount(
  lines: readonly LineItem[],
  cheaper: readonly LineItem[],
  terms: DiscountTerms,
  step: number,
): readonly LineItem[] {
  const parts = discountOver(
    cheaper.map((line) => line.amount_subtotal),
    terms,
    step,
  )
  return lines.map((line) => {
    const off = parts[cheaper.indexOf(line)] ?? 0
    return { ...line, amount_discount: off, amount_total: line.amount_subtotal - off }
  })
}

/** What a coupon takes off in a currency; undefined when it is not for that one. */
export function termsIn(
  coupon: Coupon,
  record: CouponRecord,
  currency: string,
): DiscountTerms | undefined {
  if (coupon.percent_off !== null) return { percentOff: coupon.percent_off }
  const amountOff = record.amountsOff[currency]
  return amountOff === undefined ? undefined : { amountOff }
}

export function wordsFor(terms: DiscountTerms, currency: string): string {
  return 'percentOff' in terms
    ? `${terms.percentOff}% off`
    : `${formatMoney(terms.amountOff, currency)} off`
}

/** Why a checkout's coupon can no longer be redeemed: somebody else had the last one, or its time is over. */
export async function discountProblem(
  reading: Reading,
  discount: AppliedDiscount | undefined,
): Promise<{ message: string; code: 'coupon_expired' } | undefined> {
  if (discount === undefined) return undefined
  const found = await liveCoupon(reading, discount.coupon)
  const problem =
    found === undefined
      ? `Coupon ${discount.coupon} no longer exists.`
      : couponRefusal(found.coupon, reading.now)
  if (problem !== undefined) return { message: problem, code: 'coupon_expired' }
  if (discount.promotionCode === null) return undefined
  const code = await reading.get('promotion_code', discount.promotionCode)
  return code !== undefined && codeAsOf(code, reading.now).active
    ? undefined
    : { message: 'This promotion code is no longer active.', code: 'coupon_expired' }
}

/** The checkout is complete: its coupon was redeemed once more, and the code for it. */
export async function redeem(work: Work, discount: AppliedDiscount | undefined): Promise<void> {
  if (discount === undefined) return
  await countUse(work, { coupon: discount.coupon, code: discount.promotionCode })
}

/** `discounts` of a session. */
export function discountsShown(
  discount: AppliedDiscount | undefined,
): readonly { coupon: string | null; promotion_code: string | null }[] {
  if (discount === undefined) return []
  return [
    discount.promotionCode === null
      ? { coupon: discount.coupon, promotion_code: null }
      : { coupon: null, promotion_code: discount.promotionCode },
  ]
}

/** `discounts` of a line, or of a session's breakdown: what the discount takes off there. */
export function discountAmounts(
  discount: AppliedDiscount | undefined,
  session: { id: string; customer: string | null },
  amount: number,
): readonly { amount: number; discount: Discount }[] {
  if (discount === undefined || amount === 0) return []
  return [
    {
      amount,
      discount: {
        id: discount.id,
        object: 'discount',
        checkout_session: session.id,
        customer: session.customer,
        customer_account: null,
        end: null,
        invoice: null,
        invoice_item: null,
        promotion_code: discount.promotionCode,
        source: { coupon: discount.coupon, type: 'coupon' },
        start: discount.start,
        subscription: null,
        subscription_item: null,
      },
    },
  ]
}
