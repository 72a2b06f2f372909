import { chargeProblem } from '#modules/catalog/price-rules.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { takenOff } from '#modules/coupons/discount.ts'
import { planDiscountOf } from '#modules/coupons/plan-discount.ts'
import {
  couponAtStripe,
  couponByCode,
  noteCouponGone,
  noteCouponMade,
  planCodeRefusal,
  storeCouponAtStripe,
  type CouponAtStripe,
} from '#modules/coupons/server/index.ts'
import type { CouponRefusal, PlanDuration, Reduction } from '#modules/coupons/types.ts'
import { currentBackend } from '#modules/payments/server/index.ts'
import { mailboxOf } from '#modules/platform/email-address.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, now, seenMark, type Db, type Tx } from '#modules/platform/server/index.ts'
import { paymentCourse, type PaymentCourse } from '../discount-run.ts'
import type { Plan } from '../types.ts'
import { emailOf } from './store.mirror.ts'
import { findPlan } from './store.plans.ts'
import { hadTrial, type OpenCheckout } from './store.subscribing.ts'

export type CodeOffer =
  | {
      readonly ok: true
      readonly couponId: string
      readonly code: string
      readonly reduction: Reduction
      readonly duration: PlanDuration
      readonly months: number | undefined
      /** 0 with what is free for ever: there is nothing to try. */
      readonly trialDays: number
      readonly course: PaymentCourse
      /** Of what is offered here; it goes along with the form, so that nobody pays otherwise than was shown. */
      readonly mark: string
    }
  | { readonly ok: false; readonly refusal: CouponRefusal }

/**
 * What a code makes of a plan right now, for anybody: what comes off, for how long, and what it costs afterwards. Whether there is a use
 * left is not looked at.
 */
export async function codeOffer(
  db: Db,
  wish: { readonly code: string; readonly plan: Plan; readonly isTrialGone: boolean },
): Promise<CodeOffer> {
  const refused = (refusal: CouponRefusal): CodeOffer => ({ ok: false, refusal })
  const { plan } = wish
  const [coupon, at] = await Promise.all([couponByCode(db, wish.code), now(db)])
  if (!coupon) return refused({ reason: 'unknown' })
  const discount = planDiscountOf(coupon, plan, at)
  if (!discount.ok) return refused(discount.refusal)
  const { forPlans, reduction } = coupon
  if (!forPlans) return refused({ reason: 'for_products' })
  const leftMinor = plan.amountMinor - discount.offMinor
  if (leftMinor > 0 && chargeProblem(leftMinor, plan.currency) !== undefined)
    return refused({ reason: 'too_little_left' })
  const { duration, months } = forPlans
  const isFree = leftMinor === 0 && duration === 'forever'
  const trialDays = wish.isTrialGone || isFree ? 0 : plan.trialDays
  const { offMinor } = discount
  const course = paymentCourse(plan, { offMinor, duration, months }, trialDays, at)
  if (!course) return refused({ reason: 'outlasted' })
  const terms = { couponId: coupon.id, reduction, duration, months, trialDays }
  return { ok: true, code: coupon.code, ...terms, course, mark: seenMark(terms) }
}

/** Of each plan what a code makes of it, for who looks at them; a member is also told that it is used up for them. */
export async function codeOffers(
  db: Db,
  wish: {
    readonly code: string
    readonly plans: readonly Plan[]
    readonly member: MemberActor | undefined
  },
): Promise<ReadonlyMap<string, CodeOffer>> {
  const { code, member } = wish
  const email = member && (await emailOf(db, member.memberId))
  const coupon = await couponByCode(db, code)
  const used = coupon && (await planCodeRefusal(db, coupon, email))
  const offers = new Map<string, CodeOffer>()
  const hadIn = new Map<string, boolean>()
  for (const plan of wish.plans) {
    const group = plan.group.toLowerCase()
    const isTrialGone =
      member !== undefined &&
      email !== undefined &&
      (hadIn.get(group) ??
        (await hadTrial(db, group, { memberId: member.memberId, mailbox: mailboxOf(email) })))
    hadIn.set(group, isTrialGone)
    const offer = await codeOffer(db, { code, plan, isTrialGone })
    offers.set(plan.id, offer.ok && used ? { ok: false, refusal: used } : offer)
  }
  return offers
}

/** The row of the coupon as it is to be at Stripe, committed before Stripe is asked. Returns its id. */
export function storedCoupon(
  tx: Tx,
  backendId: number,
  offer: Extract<CodeOffer, { ok: true }>,
): Promise<string> {
  const { couponId, reduction, duration, months } = offer
  return storeCouponAtStripe(tx, { id: newId(), couponId, backendId, reduction, duration, months })
}

/** The coupon of a checkout, made at Stripe where it is not there yet; undefined without one. */
export async function madeCoupon(
  checkout: OpenCheckout,
): Promise<(CouponAtStripe & { readonly isFree: boolean }) | undefined> {
  if (checkout.couponAtStripeId === undefined) return undefined
  const backend = await currentBackend()
  const coupon = await couponAtStripe(db('money'), backend.id, checkout.couponAtStripeId)
  const plan = await findPlan(db('money'), checkout.planId)
  if (!coupon || !plan) throw new Error(`Checkout ${checkout.id} names a coupon that is none.`)
  if (!coupon.isMade) {
    const { id, code, reduction, duration, months } = coupon
    await backend.gateway.makePlanCoupon(
      { key: id, name: code, reduction, duration, months },
      'person',
    )
    await noteCouponMade(db('money'), id)
  }
  const isAllOff = takenOff(coupon.reduction, plan.amountMinor) === plan.amountMinor
  return { ...coupon, isFree: isAllOff && coupon.duration === 'forever' }
}

/** Whether a checkout's coupon was deleted at Stripe; noted, so that the next use makes a new one. */
export async function isCouponGone(checkout: OpenCheckout): Promise<boolean> {
  const backend = await currentBackend()
  const id = checkout.couponAtStripeId
  if (id === undefined || (await backend.gateway.hasPlanCoupon(id, 'person'))) return false
  await noteCouponGone(db('money'), id)
  return true
}
