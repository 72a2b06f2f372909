import { standingRefusal, takenOff } from './discount.ts'
import type { CouponRefusal, CouponTerms } from './types.ts'

export type PlanDiscount =
  | {
      readonly ok: true
      /** Of one payment. */
      readonly offMinor: number
    }
  | { readonly ok: false; readonly refusal: CouponRefusal }

/**
 * What a coupon takes off one payment of a plan at a moment, at most all of it. How often it was used is not looked at here; that is
 * decided when a use is taken.
 */
export function planDiscountOf(
  terms: CouponTerms,
  plan: { readonly id: string; readonly amountMinor: number; readonly currency: string },
  at: Date,
): PlanDiscount {
  const refuse = (refusal: CouponRefusal): PlanDiscount => ({ ok: false, refusal })
  const standing = standingRefusal(terms, plan.currency, at)
  if (standing) return refuse(standing)
  if (!terms.forPlans) return refuse({ reason: 'for_products' })
  if (!coversPlan(terms, plan.id)) return refuse({ reason: 'wrong_plan' })
  if (plan.amountMinor < terms.minimumMinor)
    return refuse({
      reason: 'minimum',
      minimumMinor: terms.minimumMinor,
      coveredMinor: plan.amountMinor,
    })
  return { ok: true, offMinor: takenOff(terms.reduction, plan.amountMinor) }
}

/** Whether a coupon is for a plan, whatever else it asks for. */
export function coversPlan({ forPlans }: CouponTerms, planId: string): boolean {
  return (
    forPlans !== undefined && (forPlans.planIds === undefined || forPlans.planIds.includes(planId))
  )
}
