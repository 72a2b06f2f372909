import { sql } from 'kysely'
import type {
  InvoiceView,
  SubscriptionItemView,
  SubscriptionView,
} from '#modules/payments/types.ts'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import { recurringOff, type RunningDiscount } from '../discount-run.ts'
import type { SubscriptionMoney } from '../subscription-money.ts'
import type { Interval, IntervalUnit, SubscriptionStatus } from '../types.ts'
import {
  discountColumns,
  discountFromRow,
  discountOf,
  type DiscountRow,
} from './store.discounts.ts'

export interface MirroredSubscription {
  readonly id: string
  readonly stripeSubscriptionId: string
  readonly customerId: string | undefined
  readonly memberId: string | undefined
  readonly planId: string | undefined
  /** Which it changes to when the paid period ends. */
  readonly nextPlanId: string | undefined
  /** Whose price counts from the next period on, should it be heard of within this one. */
  readonly notedPlanId: string | undefined
  readonly group: string
  readonly status: SubscriptionStatus
  readonly surplusReason: 'second' | 'plan_disabled' | undefined
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
  readonly startedAt: Date
  readonly periodEndsAt: Date | undefined
  readonly cancelsAt: Date | undefined
  readonly pastDueSince: Date | undefined
  readonly isPaused: boolean
  readonly isGone: boolean
  readonly money: SubscriptionMoney
  /** It is to be cancelled at Stripe. */
  readonly isToEnd: boolean
  /** What comes off its payments; undefined: nothing. */
  readonly discount: RunningDiscount | undefined
  readonly recurringOffMinor: number
}

const columns = [
  'id',
  'stripe_subscription_id',
  'customer_id',
  'member_id',
  'plan_id',
  'next_plan_id',
  'noted_plan_id',
  'plan_group',
  'status',
  'surplus_reason',
  'amount_minor',
  'currency',
  'interval_unit',
  'interval_count',
  'started_at',
  'period_ends_at',
  'cancels_at',
  'past_due_since',
  'is_paused',
  'is_gone',
  'money',
  'is_to_end',
  ...discountColumns,
  'recurring_off_minor',
] as const

interface Row extends DiscountRow {
  recurring_off_minor: number
  id: string
  stripe_subscription_id: string
  customer_id: string | null
  member_id: string | null
  plan_id: string | null
  next_plan_id: string | null
  noted_plan_id: string | null
  plan_group: string
  status: string
  surplus_reason: string | null
  amount_minor: number
  currency: string
  interval_unit: string
  interval_count: number
  started_at: Date
  period_ends_at: Date | null
  cancels_at: Date | null
  past_due_since: Date | null
  is_paused: boolean
  is_gone: boolean
  money: string
  is_to_end: boolean
}

function fromRow(row: Row): MirroredSubscription {
  return {
    id: row.id,
    stripeSubscriptionId: row.stripe_subscription_id,
    customerId: row.customer_id ?? undefined,
    memberId: row.member_id ?? undefined,
    planId: row.plan_id ?? undefined,
    nextPlanId: row.next_plan_id ?? undefined,
    notedPlanId: row.noted_plan_id ?? undefined,
    group: row.plan_group,
    // The table's checks hold these to the words of their types.
    status: row.status as SubscriptionStatus,
    surplusReason:
      (row.surplus_reason as MirroredSubscription['surplusReason'] | null) ?? undefined,
    amountMinor: row.amount_minor,
    currency: row.currency,
    interval: { unit: row.interval_unit as IntervalUnit, count: row.interval_count },
    startedAt: row.started_at,
    periodEndsAt: row.period_ends_at ?? undefined,
    cancelsAt: row.cancels_at ?? undefined,
    pastDueSince: row.past_due_since ?? undefined,
    isPaused: row.is_paused,
    isGone: row.is_gone,
    money: row.money as SubscriptionMoney,
    isToEnd: row.is_to_end,
    discount: discountFromRow(row),
    recurringOffMinor: row.recurring_off_minor,
  }
}

export async function lockMirrored(
  tx: Tx,
  backendId: number,
  stripeSubscriptionId: string,
): Promise<MirroredSubscription | undefined> {
  const row = await tx
    .selectFrom('subscription')
    .select(columns)
    .where('backend_id', '=', backendId)
    .where('stripe_subscription_id', '=', stripeSubscriptionId)
    .forUpdate()
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Another live one of the same holder and group, which is not to be given back. */
export async function otherLive(
  tx: Tx,
  backendId: number,
  one: {
    readonly memberId: string | undefined
    readonly customerId: string
    readonly group: string
    readonly stripeSubscriptionId: string
  },
): Promise<MirroredSubscription | undefined> {
  const row = await tx
    .selectFrom('subscription')
    .select(columns)
    .where('backend_id', '=', backendId)
    .where('is_live', '=', true)
    .where('surplus_reason', 'is', null)
    .where(sql<boolean>`lower(plan_group) = lower(${one.group})`)
    .where('stripe_subscription_id', '<>', one.stripeSubscriptionId)
    .where((where) =>
      where.or([
        where('customer_id', '=', one.customerId),
        ...(one.memberId === undefined ? [] : [where('member_id', '=', one.memberId)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function markSurplus(
  tx: Tx,
  id: string,
  reason: 'second' | 'plan_disabled',
): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({ surplus_reason: reason })
    .where('id', '=', id)
    .execute()
}

/** Where a subscription came from, as it is noted beside it: the checkout of ours, and its member. */
export async function findOrigin(
  tx: Tx,
  backendId: number,
  told: { readonly checkoutId: string | undefined; readonly stripeCustomerId: string },
): Promise<{ readonly checkoutId: string | undefined; readonly memberId: string | undefined }> {
  const checkout =
    told.checkoutId === undefined
      ? undefined
      : await tx
          .selectFrom('subscription_checkout')
          .select(['id', 'member_id'])
          .where('id', '=', told.checkoutId)
          .where('backend_id', '=', backendId)
          .executeTakeFirst()
  const customer = await tx
    .selectFrom('stripe_customer')
    .select('member_id')
    .where('backend_id', '=', backendId)
    .where('stripe_customer_id', '=', told.stripeCustomerId)
    .executeTakeFirst()
  return {
    checkoutId: checkout?.id,
    memberId: checkout?.member_id ?? customer?.member_id ?? undefined,
  }
}

export async function memberExists(tx: Tx, memberId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('member')
    .select('id')
    .where('id', '=', memberId)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * The plan whose price this is. One whose price this database does not know (it came back from an older copy) is known by what is noted
 * beside the price, if it costs the same.
 */
export async function planOfPrice(
  tx: Tx,
  backendId: number,
  item: SubscriptionItemView,
  currency: string,
): Promise<string | undefined> {
  const known = await tx
    .selectFrom('plan_price')
    .select('plan_id')
    .where('backend_id', '=', backendId)
    .where('stripe_price_id', '=', item.stripePriceId)
    .executeTakeFirst()
  if (known || item.planId === undefined) return known?.plan_id
  const { rows } = await sql<{ plan_id: string }>`
    insert into plan_price as known (plan_id, backend_id, stripe_price_id)
    select id, ${backendId}, ${item.stripePriceId} from plan
    where id = ${item.planId} and amount_minor = ${item.amountMinor} and currency = ${currency}
    on conflict (plan_id, backend_id) do update set stripe_price_id = excluded.stripe_price_id, due_at = clock_now()
      where known.stripe_price_id is null
    returning plan_id`.execute(tx)
  return rows[0]?.plan_id
}

export async function wasOffered(tx: Tx, planId: string, at: Date): Promise<boolean> {
  const { rows } = await sql<{ was: boolean }>`
    select plan_was_offered(${planId}::uuid, ${at}) as was`.execute(tx)
  return rows[0]?.was ?? true
}

export interface Written {
  readonly id: string
  readonly backendId: number
  readonly view: SubscriptionView
  readonly item: SubscriptionItemView
  readonly group: string
  readonly customerId: string | undefined
  readonly memberId: string | undefined
  readonly checkoutId: string | undefined
  readonly planId: string | undefined
  readonly nextPlanId: string | undefined
  readonly notedPlanId: string | undefined
  /** Of our coupon there, if what comes off is one of ours. */
  readonly couponAtStripeId: string | undefined
  /** Of one; what the present plan costs while another one waits. */
  readonly amountMinor: number
  readonly surplusReason: 'second' | 'plan_disabled' | undefined
  readonly pastDueSince: Date | undefined
  readonly digest: string
}

const latest = (dates: readonly (Date | undefined)[]) => {
  const times = dates.flatMap((date) => (date ? [date.getTime()] : []))
  return times.length > 0 ? new Date(Math.max(...times)) : undefined
}

/** The latest end of all items: until then it is paid or tried. */
export const periodEndOf = (view: SubscriptionView) =>
  latest(view.items.map((item) => item.periodEndsAt))

export async function upsertSubscription(tx: Tx, one: Written): Promise<void> {
  const { view, item } = one
  const changing = {
    stripe_customer_id: view.stripeCustomerId,
    customer_id: one.customerId ?? null,
    member_id: one.memberId ?? null,
    plan_id: one.planId ?? null,
    next_plan_id: one.nextPlanId ?? null,
    noted_plan_id: one.notedPlanId ?? null,
    plan_group: one.group,
    status: view.status,
    surplus_reason: one.surplusReason ?? null,
    amount_minor: one.amountMinor * item.quantity,
    currency: view.currency,
    interval_unit: item.interval.unit,
    interval_count: item.interval.count,
    period_started_at: item.periodStartsAt ?? null,
    period_ends_at: periodEndOf(view) ?? null,
    trial_ends_at: view.trialEndsAt ?? null,
    cancels_at: view.cancelsAt ?? null,
    cancels_by: view.cancelsBy ?? null,
    ended_at: view.endedAt ?? null,
    past_due_since: one.pastDueSince ?? null,
    ...discountOf(view.discount),
    coupon_at_stripe_id: one.couponAtStripeId ?? null,
    recurring_off_minor: recurringOff(view.discount, one.amountMinor * item.quantity),
    is_paused: view.isPaused,
    resumes_at: view.resumesAt ?? null,
    stripe_method_id: view.methodId ?? null,
    card_brand: view.card?.brand ?? null,
    card_last4: view.card?.last4 ?? null,
    card_expires: view.card?.expires ?? null,
    digest: one.digest,
    is_gone: false,
    synced_at: clockNow,
  }
  await tx
    .insertInto('subscription')
    .values({
      id: one.id,
      backend_id: one.backendId,
      stripe_subscription_id: view.stripeSubscriptionId,
      checkout_id: one.checkoutId ?? null,
      started_at: view.startedAt,
      ...changing,
    })
    .onConflict((conflict) =>
      conflict.columns(['backend_id', 'stripe_subscription_id']).doUpdateSet(changing),
    )
    .execute()
}

export async function replaceItems(
  tx: Tx,
  subscriptionId: string,
  items: readonly (SubscriptionItemView & { readonly ownPlanId: string | undefined })[],
): Promise<void> {
  await tx.deleteFrom('subscription_item').where('subscription_id', '=', subscriptionId).execute()
  if (items.length === 0) return
  await tx
    .insertInto('subscription_item')
    .values(
      items.map((item) => ({
        subscription_id: subscriptionId,
        stripe_item_id: item.stripeItemId,
        stripe_price_id: item.stripePriceId,
        plan_id: item.ownPlanId ?? null,
        quantity: item.quantity,
        amount_minor: item.amountMinor,
        period_started_at: item.periodStartsAt ?? null,
        period_ends_at: item.periodEndsAt ?? null,
      })),
    )
    .execute()
}

/** Writes an invoice down; returns its id here. */
export async function upsertInvoice(
  tx: Tx,
  of: { readonly id: string; readonly backendId: number; readonly subscriptionId: string },
  invoice: InvoiceView,
): Promise<string> {
  const changing = {
    number: invoice.number ?? null,
    status: invoice.status,
    due_minor: invoice.dueMinor,
    paid_minor: invoice.paidMinor,
    discount_minor: invoice.discountMinor,
    period_started_at: invoice.periodStartsAt ?? null,
    period_ends_at: invoice.periodEndsAt ?? null,
    stripe_payment_intent_id: invoice.paymentIntentId ?? null,
    attempts: invoice.attempts,
    next_attempt_at: invoice.nextAttemptAt ?? null,
    hosted_url: invoice.hostedUrl ?? null,
    pdf_url: invoice.pdfUrl ?? null,
    paid_at: invoice.paidAt ?? null,
    synced_at: clockNow,
  }
  const { id } = await tx
    .insertInto('subscription_invoice')
    .values({
      id: of.id,
      backend_id: of.backendId,
      subscription_id: of.subscriptionId,
      stripe_invoice_id: invoice.stripeInvoiceId,
      reason: invoice.reason,
      currency: invoice.currency,
      made_at: invoice.madeAt,
      ...changing,
    })
    .onConflict((conflict) =>
      conflict.columns(['backend_id', 'stripe_invoice_id']).doUpdateSet(changing),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** What a paid invoice gives, once for ever. Returns whether it was given now. */
export async function giveAllotment(
  tx: Tx,
  given: {
    readonly invoiceId: string
    readonly subscriptionId: string
    readonly planId: string | undefined
    /** Paid for a change within a period: gives what the plan gives more than was given for it. */
    readonly isChange: boolean
    readonly periodStartsAt: Date | undefined
    readonly periodEndsAt: Date | undefined
  },
): Promise<boolean> {
  const former = given.isChange
    ? sql`(select coalesce(sum(tokens), 0) from allotment
        where subscription_id = ${given.subscriptionId} and period_ends_at > ${given.periodStartsAt ?? null})`
    : sql`0`
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('allotment')
    .values({
      invoice_id: given.invoiceId,
      subscription_id: given.subscriptionId,
      plan_id: given.planId ?? null,
      tokens:
        given.planId === undefined
          ? 0
          : sql<number>`(select greatest(0, token_allotment - ${former}) from subscription where id = ${given.subscriptionId})`,
      period_started_at: given.periodStartsAt ?? null,
      period_ends_at: given.periodEndsAt ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

export interface NewSubscriptionEvent {
  readonly subscriptionId: string
  readonly what:
    | 'begun'
    | 'status'
    | 'renewed'
    | 'cancel_set'
    | 'cancel_unset'
    | 'plan'
    | 'change_set'
    | 'change_unset'
    | 'grace_ending'
    | 'grace_over'
    | 'paused'
    | 'resumed'
    | 'surplus'
    | 'assigned'
    | 'gone'
    | 'discount_set'
    | 'discount_over'
    | 'refunded'
    | 'refund_failed'
    | 'dispute'
    | 'access_kept'
    | 'price_told'
    | 'price_kept'
  readonly status: SubscriptionStatus
  readonly planId: string | undefined
  readonly cause: string
  readonly detail: Readonly<Record<string, string | number | null>>
  readonly revenueDeltaMinor: number
  readonly committedDeltaMinor: number
  readonly currency: string
}

/** Returns what was written, with the id of each. */
export async function insertEvents(
  tx: Tx,
  events: readonly NewSubscriptionEvent[],
): Promise<(NewSubscriptionEvent & { readonly id: string })[]> {
  if (events.length === 0) return []
  const rows = await tx
    .insertInto('subscription_event')
    .values(
      events.map((event) => ({
        subscription_id: event.subscriptionId,
        what: event.what,
        status: event.status,
        plan_id: event.planId ?? null,
        cause: event.cause,
        detail: JSON.stringify(event.detail),
        revenue_delta_minor: event.revenueDeltaMinor,
        committed_delta_minor: event.committedDeltaMinor,
        currency: event.currency,
      })),
    )
    .returning('id')
    .execute()
  return events.map((event, at) => ({ ...event, id: String(rows[at]?.id ?? '') }))
}

export async function claimTrial(
  tx: Tx,
  subscriptionId: string,
  group: string,
  persons: readonly { readonly kind: 'member' | 'mailbox' | 'card'; readonly person: string }[],
): Promise<void> {
  if (persons.length === 0) return
  await tx
    .insertInto('trial_claim')
    .values(
      persons.map(({ kind, person }) => ({
        kind,
        person,
        plan_group: group.toLowerCase(),
        subscription_id: subscriptionId,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function completeCheckout(tx: Tx, checkoutId: string): Promise<void> {
  await tx
    .updateTable('subscription_checkout')
    .set({ state: 'complete', finished_at: clockNow, due_at: null })
    .where('id', '=', checkoutId)
    .where('state', '<>', 'complete')
    .execute()
}

/** Returns whether one was open. */
export async function expireCheckout(
  tx: Tx,
  backendId: number,
  stripeSessionId: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('subscription_checkout')
    .set({ state: 'expired', finished_at: clockNow, due_at: null })
    .where('backend_id', '=', backendId)
    .where('stripe_session_id', '=', stripeSessionId)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function setGone(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({
      is_gone: true,
      status: 'canceled',
      ended_at: sql<Date>`coalesce(ended_at, clock_now())`,
      digest: '',
      synced_at: clockNow,
    })
    .where('id', '=', id)
    .execute()
}

export async function digestsOf(
  db: Db,
  backendId: number,
  ids: readonly string[] | 'live',
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('subscription')
    .select(['stripe_subscription_id', 'digest'])
    .where('backend_id', '=', backendId)
    .$if(ids === 'live', (query) => query.where('is_live', '=', true))
    .$if(ids !== 'live', (query) =>
      query.where('stripe_subscription_id', 'in', ids === 'live' ? [] : ids),
    )
    .execute()
  return new Map(rows.map((row) => [row.stripe_subscription_id, row.digest]))
}

/** Ids at Stripe of what a customer there subscribes to: all that is live, or what a payment is owed of. */
export async function liveOfStripeCustomer(
  db: Db,
  backendId: number,
  stripeCustomerId: string,
  which: 'live' | 'owing',
): Promise<string[]> {
  const rows = await db
    .selectFrom('subscription')
    .select('stripe_subscription_id')
    .where('backend_id', '=', backendId)
    .where('stripe_customer_id', '=', stripeCustomerId)
    .where('is_live', '=', true)
    .$if(which === 'owing', (query) => query.where('status', 'in', ['past_due', 'unpaid']))
    .orderBy('started_at')
    .limit(20)
    .execute()
  return rows.map((row) => row.stripe_subscription_id)
}

export interface Rules {
  readonly graceDays: number
  readonly pauseKeepsAccess: boolean
}

export async function readRules(db: Db): Promise<Rules> {
  const row = await db
    .selectFrom('membership_rules')
    .select(['grace_days', 'pause_keeps_access'])
    .executeTakeFirst()
  return { graceDays: row?.grace_days ?? 7, pauseKeepsAccess: row?.pause_keeps_access ?? false }
}

export async function emailOf(tx: Db, memberId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('member')
    .select('email')
    .where('id', '=', memberId)
    .executeTakeFirst()
  return row?.email
}
