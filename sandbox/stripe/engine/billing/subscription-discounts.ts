import type { Coupon, CouponRecord } from '../objects/coupon.ts'
import type { Discount } from '../objects/discount.ts'
import type { Params } from '../params.ts'
import type { Purchase, Redemption } from '../promotion-code.ts'
import type { Reading, Work } from '../work.ts'
import { invalidRequest } from '../../api-error.ts'
import { countUse, redemptionOf } from '../promotion-code.ts'
import { monthsLater } from './calendar.ts'

/** A discount with the terms of its coupon, which stay even when the coupon is deleted. */
export type StandingDiscount = { discount: Discount; coupon: Coupon; record: CouponRecord }

const MOST = 20

/** The discounts of an object that are in force at an instant (unix seconds), in their order. */
export async function standingDiscounts(
  reading: Reading,
  ids: readonly string[],
  at: number,
): Promise<readonly StandingDiscount[]> {
  const standing: StandingDiscount[] = []
  for (const id of ids) {
    const discount = await reading.get('discount', id)
    if (discount === undefined || (discount.end !== null && discount.end <= at)) continue
    const coupon = await reading.get('coupon', discount.source.coupon)
    const record = await reading.get('_coupon', discount.source.coupon)
    if (coupon !== undefined && record !== undefined) standing.push({ discount, coupon, record })
  }
  return standing
}

/** Reads entries of `discounts` of a subscription or an invoice: what is to be redeemed. */
export async function redemptionsOf(
  work: Work,
  given: readonly Params[],
  purchase: Purchase,
): Promise<readonly Redemption[]> {
  if (given.length > MOST)
    throw invalidRequest(`You can apply at most ${MOST} discounts.`, { param: 'discounts' })
  const redemptions: Redemption[] = []
  for (const entry of given) redemptions.push(await redemptionOf(work, entry, purchase))
  return redemptions
}

/** Redeems a coupon on a subscription or an invoice and says so. */
export async function grantDiscount(
  work: Work,
  redemption: Pick<Redemption, 'coupon'> & { code: { id: string } | null },
  on: {
    id?: string
    customer: string
    subscription?: string
    invoice?: string
    session?: string
  },
): Promise<Discount> {
  const { coupon, code } = redemption
  const discount = work.put('discount', {
    id: on.id ?? work.id('di'),
    object: 'discount',
    checkout_session: on.session ?? null,
    customer: on.customer,
    customer_account: null,
    end:
      coupon.duration_in_months === null ? null : monthsLater(work.now, coupon.duration_in_months),
    invoice: on.invoice ?? null,
    invoice_item: null,
    promotion_code: code?.id ?? null,
    source: { coupon: coupon.id, type: 'coupon' },
    start: work.now,
    subscription: on.subscription ?? null,
    subscription_item: null,
  })
  await countUse(work, { coupon: coupon.id, code: code?.id ?? null })
  work.emit('customer.discount.created', discount)
  return discount
}

/** A discount is over: it was for once, its months have passed, or somebody took it away. */
export async function endDiscount(work: Work, id: string): Promise<void> {
  const discount = await work.get('discount', id)
  if (discount !== undefined) work.emit('customer.discount.deleted', discount)
}
