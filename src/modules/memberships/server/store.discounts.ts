import { sql } from 'kysely'
import type { PlanDuration } from '#modules/coupons/types.ts'
import type { DiscountView } from '#modules/payments/types.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { RunningDiscount } from '../discount-run.ts'

export const discountColumns = [
  'subscription.discount_duration',
  'subscription.discount_basis_points',
  'subscription.discount_amount_minor',
  'subscription.discount_ends_at',
  'subscription.discount_name',
] as const

export interface DiscountRow {
  discount_duration: string | null
  discount_basis_points: number | null
  discount_amount_minor: number | null
  discount_ends_at: Date | null
  discount_name: string | null
  currency: string
}

/** What comes off a subscription's payments, as its row says. */
export function discountFromRow(row: DiscountRow): RunningDiscount | undefined {
  if (row.discount_duration === null) return undefined
  return {
    reduction:
      row.discount_basis_points === null
        ? { amountMinor: row.discount_amount_minor ?? 0, currency: row.currency }
        : { basisPoints: row.discount_basis_points },
    // The table's check holds it to the words of this type.
    duration: row.discount_duration as PlanDuration,
    endsAt: row.discount_ends_at ?? undefined,
    name: row.discount_name ?? '',
  }
}

/** The same, to be written. */
export function discountOf(discount: DiscountView | undefined) {
  const reduction = discount?.reduction
  return {
    discount_duration: discount?.duration ?? null,
    discount_basis_points: reduction && 'basisPoints' in reduction ? reduction.basisPoints : null,
    discount_amount_minor: reduction && 'currency' in reduction ? reduction.amountMinor : null,
    discount_ends_at: discount?.endsAt ?? null,
    discount_name: discount?.name ?? null,
  }
}

/** What coupons took off everything that was paid for a subscription so far, in minor units, and the checkout it came from. */
export async function takenSoFar(
  db: Db,
  subscriptionId: string,
): Promise<{ readonly checkoutId: string; readonly minor: number } | undefined> {
  const row = await db
    .selectFrom('subscription')
    .innerJoin('plan_coupon_use', 'plan_coupon_use.checkout_id', 'subscription.checkout_id')
    .innerJoin('subscription_invoice', 'subscription_invoice.subscription_id', 'subscription.id')
    .select([
      'plan_coupon_use.checkout_id',
      sql<number>`sum(subscription_invoice.discount_minor)::int8`.as('taken'),
    ])
    .where('subscription.id', '=', subscriptionId)
    .where('subscription_invoice.status', '=', 'paid')
    .groupBy('plan_coupon_use.checkout_id')
    .executeTakeFirst()
  return row && { checkoutId: row.checkout_id, minor: row.taken }
}
