import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { RunningDiscount } from '../discount-run.ts'
import type { HeldPlan } from '../plan-change.ts'
import type { IntervalUnit, SubscriptionStatus } from '../types.ts'
import { discountColumns, discountFromRow } from './store.discounts.ts'

/** A subscription as a change of its plan needs it. */
export interface ChangeableSubscription extends HeldPlan {
  readonly id: string
  readonly stripeSubscriptionId: string
  readonly stripeItemId: string
  readonly stripePriceId: string
  /** Which it changes to when the paid period ends. */
  readonly nextPlanId: string | undefined
  readonly memberId: string | undefined
  readonly status: SubscriptionStatus
  readonly periodEndsAt: Date | undefined
  readonly cancelsAt: Date | undefined
  readonly isPaused: boolean
  /** Stripe has the price of a move for the renewal that is near, or is being asked for it. */
  readonly isMoving: boolean
  /** What comes off its payments, and of which coupon of ours, if it is one. */
  readonly discount: RunningDiscount | undefined
  readonly couponId: string | undefined
}

/** undefined: there is none, it has ended, is to be given back, or is to nothing of ours. */
export async function changeable(
  db: Db,
  backendId: number,
  id: string,
): Promise<ChangeableSubscription | undefined> {
  const row = await db
    .selectFrom('subscription')
    .innerJoin('plan', 'plan.id', 'subscription.plan_id')
    .innerJoin('subscription_item', 'subscription_item.subscription_id', 'subscription.id')
    .leftJoin('coupon_at_stripe', 'coupon_at_stripe.id', 'subscription.coupon_at_stripe_id')
    .select([
      'subscription.id',
      'subscription.stripe_subscription_id',
      'subscription.member_id',
      'subscription.status',
      'subscription.period_ends_at',
      'subscription.cancels_at',
      'subscription.is_paused',
      'subscription.next_plan_id',
      'subscription.currency',
      'subscription.interval_unit',
      'subscription.interval_count',
      'plan.id as plan',
      'plan.plan_group',
      'plan.tier',
      'plan.amount_minor',
      'subscription_item.stripe_item_id',
      'subscription_item.stripe_price_id',
      'coupon_at_stripe.coupon_id',
      sql<boolean>`exists (select from price_move_person p where p.subscription_id = subscription.id
        and p.state in ('setting', 'set'))`.as('is_moving'),
      ...discountColumns,
    ])
    .where('subscription.backend_id', '=', backendId)
    .where('subscription.id', '=', id)
    .where('subscription.is_live', '=', true)
    .where('subscription.surplus_reason', 'is', null)
    .orderBy(sql`subscription_item.plan_id is null`)
    .limit(1)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      stripeSubscriptionId: row.stripe_subscription_id,
      stripeItemId: row.stripe_item_id,
      stripePriceId: row.stripe_price_id,
      nextPlanId: row.next_plan_id ?? undefined,
      memberId: row.member_id ?? undefined,
      // The tables' checks hold these to the words of their types.
      status: row.status as SubscriptionStatus,
      interval: { unit: row.interval_unit as IntervalUnit, count: row.interval_count },
      periodEndsAt: row.period_ends_at ?? undefined,
      cancelsAt: row.cancels_at ?? undefined,
      isPaused: row.is_paused,
      isMoving: row.is_moving,
      discount: discountFromRow(row),
      couponId: row.coupon_id ?? undefined,
      currency: row.currency,
      planId: row.plan,
      group: row.plan_group,
      tier: row.tier,
      amountMinor: row.amount_minor,
    }
  )
}

/**
 * Notes, before Stripe is asked, that this plan's price is to count from the next period on. undefined: a price counts as soon as it
 * is heard of.
 */
export async function notePlan(tx: Tx, id: string, planId: string | undefined): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({ noted_plan_id: planId ?? null })
    .where('id', '=', id)
    .execute()
}
