import { sql } from 'kysely'
import type { InvoiceStatus } from '#modules/payments/types.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { RunningDiscount } from '../discount-run.ts'
import type { PriceToCome } from '../price-move.ts'
import type { SubscriptionMoney } from '../subscription-money.ts'
import type { Interval, IntervalUnit, SubscriptionStatus } from '../types.ts'
import { discountColumns, discountFromRow } from './store.discounts.ts'

export interface HeldRow {
  readonly id: string
  readonly stripeSubscriptionId: string
  readonly planId: string | undefined
  readonly title: string | undefined
  readonly description: string
  readonly tokens: number
  readonly status: SubscriptionStatus
  readonly isLive: boolean
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
  readonly startedAt: Date
  readonly periodEndsAt: Date | undefined
  readonly trialEndsAt: Date | undefined
  readonly cancelsAt: Date | undefined
  readonly endedAt: Date | undefined
  readonly pastDueSince: Date | undefined
  readonly isPaused: boolean
  readonly money: SubscriptionMoney
  /** It is to be cancelled at Stripe. */
  readonly isToEnd: boolean
  readonly discount: RunningDiscount | undefined
  /** Which it changes to when the paid period ends. */
  readonly next:
    | {
        readonly title: string
        readonly amountMinor: number
        readonly currency: string
        readonly interval: Interval
      }
    | undefined
  /** Another price they were told of, which comes with a later renewal. */
  readonly toCome: PriceToCome | undefined
  /** Another plan of its group is offered. */
  readonly hasOthers: boolean
  readonly card:
    | { readonly brand: string; readonly last4: string; readonly expires: string | undefined }
    | undefined
}

/** A member's subscriptions at a backend, the live ones first, then the newest; those that are given back are not theirs. */
export async function heldByMember(
  db: Db,
  backendId: number,
  memberId: string,
  most: number,
): Promise<HeldRow[]> {
  const rows = await db
    .selectFrom('subscription')
    .leftJoin('plan', 'plan.id', 'subscription.plan_id')
    .leftJoin('plan as next', 'next.id', 'subscription.next_plan_id')
    .leftJoin('price_move_person as moving', (join) =>
      join
        .onRef('moving.subscription_id', '=', 'subscription.id')
        .on('moving.state', 'in', ['told', 'setting', 'set'])
        .on('subscription.is_live', '=', true),
    )
    .leftJoin('price_move as move', (join) =>
      join
        .onRef('move.id', '=', 'moving.move_id')
        .on('move.state', '=', 'running')
        .onRef('move.from_plan_id', '=', 'subscription.plan_id'),
    )
    .leftJoin('plan as target', 'target.id', 'move.to_plan_id')
    .select([
      'moving.first_at',
      'target.id as target_id',
      'target.amount_minor as target_minor',
      'next.id as next_id',
      sql<boolean>`exists (select from plan other where other.is_enabled and other.id <> subscription.plan_id
        and lower(other.plan_group) = lower(subscription.plan_group))`.as('has_others'),
      'next.title as next_title',
      'next.amount_minor as next_amount_minor',
      'next.currency as next_currency',
      'next.interval_unit as next_interval_unit',
      'next.interval_count as next_interval_count',
      'subscription.id',
      'subscription.stripe_subscription_id',
      'subscription.plan_id',
      'plan.title',
      'plan.description',
      'plan.token_allotment',
      'subscription.status',
      'subscription.is_live',
      'subscription.amount_minor',
      'subscription.currency',
      'subscription.interval_unit',
      'subscription.interval_count',
      'subscription.started_at',
      'subscription.period_ends_at',
      'subscription.trial_ends_at',
      'subscription.cancels_at',
      'subscription.ended_at',
      'subscription.past_due_since',
      'subscription.is_paused',
      'subscription.money',
      'subscription.is_to_end',
      'subscription.card_brand',
      'subscription.card_last4',
      'subscription.card_expires',
      ...discountColumns,
    ])
    .where('subscription.backend_id', '=', backendId)
    .where('subscription.member_id', '=', memberId)
    .where('subscription.surplus_reason', 'is', null)
    .where('subscription.status', 'not in', ['incomplete', 'incomplete_expired'])
    .orderBy('subscription.is_live', 'desc')
    .orderBy('subscription.started_at', 'desc')
    .orderBy('subscription.id')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    stripeSubscriptionId: row.stripe_subscription_id,
    planId: row.plan_id ?? undefined,
    title: row.title ?? undefined,
    description: row.description ?? '',
    tokens: row.token_allotment ?? 0,
    // The table's checks hold these to the words of their types.
    status: row.status as SubscriptionStatus,
    isLive: row.is_live ?? false,
    amountMinor: row.amount_minor,
    currency: row.currency,
    interval: { unit: row.interval_unit as IntervalUnit, count: row.interval_count },
    startedAt: row.started_at,
    periodEndsAt: row.period_ends_at ?? undefined,
    trialEndsAt: row.trial_ends_at ?? undefined,
    cancelsAt: row.cancels_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    pastDueSince: row.past_due_since ?? undefined,
    isPaused: row.is_paused,
    money: row.money as SubscriptionMoney,
    isToEnd: row.is_to_end,
    discount: discountFromRow(row),
    toCome:
      row.first_at === null || row.target_minor === null
        ? undefined
        : {
            amountMinor: row.target_minor,
            // Its day has passed without a payment of it: then the next one is.
            firstAt:
              row.period_ends_at && row.period_ends_at > row.first_at
                ? row.period_ends_at
                : row.first_at,
          },
    next:
      row.next_title === null ||
      row.next_id === row.target_id ||
      row.next_amount_minor === null ||
      row.next_currency === null ||
      row.next_interval_count === null
        ? undefined
        : {
            title: row.next_title,
            amountMinor: row.next_amount_minor,
            currency: row.next_currency,
            interval: {
              unit: row.next_interval_unit as IntervalUnit,
              count: row.next_interval_count,
            },
          },
    hasOthers: row.has_others,
    card:
      row.card_brand !== null && row.card_last4 !== null
        ? {
            brand: row.card_brand,
            last4: row.card_last4,
            expires: row.card_expires ?? undefined,
          }
        : undefined,
  }))
}

export interface HeldInvoice {
  readonly id: string
  readonly subscriptionId: string
  readonly number: string | undefined
  readonly status: InvoiceStatus
  readonly totalMinor: number
  readonly paidMinor: number
  /** What of it went back. */
  readonly refundedMinor: number
  /** Stripe's word for the newest dispute about it, if there is one. */
  readonly dispute: string | undefined
  /** It was paid at Stripe, and something of it is left: it can be given back there. */
  readonly isRefundable: boolean
  readonly currency: string
  readonly madeAt: Date
  readonly pdfUrl: string | undefined
  /** Where an open one is paid. */
  readonly payUrl: string | undefined
}

/** Invoices of these subscriptions that asked for money, the newest first. */
export async function invoicesOf(
  db: Db,
  subscriptionIds: readonly string[],
  most: number,
): Promise<HeldInvoice[]> {
  if (subscriptionIds.length === 0) return []
  const rows = await db
    .selectFrom('subscription_invoice')
    .select([
      'id',
      'subscription_id',
      'number',
      'status',
      'due_minor',
      'paid_minor',
      'refunded_minor',
      'stripe_payment_intent_id',
      sql<
        string | null
      >`(select state from subscription_dispute d where d.invoice_id = subscription_invoice.id
        order by d.created_at desc, d.id desc limit 1)`.as('dispute'),
      'currency',
      'made_at',
      'pdf_url',
      'hosted_url',
    ])
    .where('subscription_id', 'in', subscriptionIds)
    .where('status', 'not in', ['draft', 'unknown'])
    .where((where) => where.or([where('due_minor', '>', 0), where('paid_minor', '>', 0)]))
    .orderBy('made_at', 'desc')
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    number: row.number ?? undefined,
    // The table's check holds it to the words of this type.
    status: row.status as InvoiceStatus,
    subscriptionId: row.subscription_id,
    totalMinor: row.status === 'paid' ? row.paid_minor : row.due_minor,
    paidMinor: row.paid_minor,
    refundedMinor: row.refunded_minor,
    dispute: row.dispute ?? undefined,
    isRefundable:
      row.status === 'paid' &&
      row.stripe_payment_intent_id !== null &&
      row.refunded_minor < row.paid_minor,
    currency: row.currency,
    madeAt: row.made_at,
    pdfUrl: row.pdf_url ?? undefined,
    payUrl: row.status === 'open' ? (row.hosted_url ?? undefined) : undefined,
  }))
}

/** Whether there is anything for a member to see: a plan that is open, or a subscription of theirs. */
export async function hasAnything(db: Db, backendId: number, memberId: string): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select exists (select from plan where is_enabled)
      or exists (select from subscription where backend_id = ${backendId} and member_id = ${memberId})
      or exists (select from given_plan join customer on customer.id = given_plan.customer_id
        where customer.member_id = ${memberId}) as has`.execute(db)
  return rows[0]?.has ?? false
}

export interface OwnCheckout {
  readonly state: 'open' | 'complete' | 'expired' | 'failed'
  readonly stripeSessionId: string | undefined
  readonly stripeSessionUrl: string | undefined
  readonly planTitle: string
}

export async function ownCheckout(
  db: Db,
  memberId: string,
  id: string,
): Promise<OwnCheckout | undefined> {
  const row = await db
    .selectFrom('subscription_checkout')
    .innerJoin('plan', 'plan.id', 'subscription_checkout.plan_id')
    .select([
      'subscription_checkout.state',
      'subscription_checkout.stripe_session_id',
      'subscription_checkout.stripe_session_url',
      'plan.title',
    ])
    .where('subscription_checkout.id', '=', id)
    .where('subscription_checkout.member_id', '=', memberId)
    .executeTakeFirst()
  return (
    row && {
      // The table's check holds it to the words of this type.
      state: row.state as OwnCheckout['state'],
      stripeSessionId: row.stripe_session_id ?? undefined,
      stripeSessionUrl: row.stripe_session_url ?? undefined,
      planTitle: row.title,
    }
  )
}
