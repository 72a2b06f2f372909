import { sql } from 'kysely'
import type { DisputeView, RefundState, RefundView } from '#modules/payments/types.ts'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { AfterRefund, MoneyOfSubscription, PaidInvoice } from '../subscription-money.ts'

/** A paid invoice of a subscription, as refunds and disputes see it. */
export interface InvoiceMoney extends PaidInvoice {
  readonly subscriptionId: string
  readonly stripeSubscriptionId: string
  readonly backendId: number
  readonly number: string | undefined
  readonly status: string
  readonly refundedMinor: number
  readonly currency: string
  readonly paymentIntentId: string | undefined
  readonly madeAt: Date
  readonly paidAt: Date | undefined
  /** What is shown of the subscription it is of. */
  readonly customerId: string | undefined
  readonly memberId: string | undefined
  readonly isLive: boolean
  readonly planTitle: string | undefined
}

const invoiceWith = (db: Db) =>
  db
    .selectFrom('subscription_invoice')
    .innerJoin('subscription', 'subscription.id', 'subscription_invoice.subscription_id')
    .leftJoin('plan', 'plan.id', 'subscription.plan_id')
    .select([
      'subscription_invoice.id',
      'subscription_invoice.subscription_id',
      'subscription.stripe_subscription_id',
      'subscription_invoice.backend_id',
      'subscription_invoice.number',
      'subscription_invoice.status',
      'subscription_invoice.paid_minor',
      'subscription_invoice.refunded_minor',
      'subscription_invoice.currency',
      'subscription_invoice.period_ends_at',
      'subscription_invoice.stripe_payment_intent_id',
      'subscription_invoice.made_at',
      'subscription_invoice.paid_at',
      'subscription.customer_id',
      'subscription.member_id',
      'subscription.is_live',
      'plan.title',
    ])

type InvoiceRow = Awaited<ReturnType<ReturnType<typeof invoiceWith>['executeTakeFirstOrThrow']>>

const invoiceFromRow = (row: InvoiceRow): InvoiceMoney => ({
  id: row.id,
  subscriptionId: row.subscription_id,
  stripeSubscriptionId: row.stripe_subscription_id,
  backendId: row.backend_id,
  number: row.number ?? undefined,
  status: row.status,
  paidMinor: row.paid_minor,
  refundedMinor: row.refunded_minor,
  currency: row.currency,
  periodEndsAt: row.period_ends_at ?? undefined,
  paymentIntentId: row.stripe_payment_intent_id ?? undefined,
  madeAt: row.made_at,
  paidAt: row.paid_at ?? undefined,
  customerId: row.customer_id ?? undefined,
  memberId: row.member_id ?? undefined,
  isLive: row.is_live ?? false,
  planTitle: row.title ?? undefined,
})

export async function findInvoice(db: Db, id: string): Promise<InvoiceMoney | undefined> {
  const row = await invoiceWith(db).where('subscription_invoice.id', '=', id).executeTakeFirst()
  return row && invoiceFromRow(row)
}

export async function findInvoiceOfIntent(
  db: Db,
  backendId: number,
  paymentIntentId: string,
): Promise<InvoiceMoney | undefined> {
  const row = await invoiceWith(db)
    .where('subscription_invoice.backend_id', '=', backendId)
    .where('subscription_invoice.stripe_payment_intent_id', '=', paymentIntentId)
    .orderBy('subscription_invoice.made_at')
    .limit(1)
    .executeTakeFirst()
  return row && invoiceFromRow(row)
}

export interface RefundRow {
  readonly id: string
  readonly invoiceId: string
  readonly amountMinor: number
  readonly currency: string
  readonly state: RefundState
  readonly doesThen: AfterRefund | undefined
  readonly createdAt: Date
}

const refundsWith = (db: Db) =>
  db
    .selectFrom('subscription_refund')
    .select([
      'id',
      'invoice_id as invoiceId',
      'amount_minor as amountMinor',
      'currency',
      'state',
      'does_then as doesThen',
      'created_at as createdAt',
    ])

type RefundColumns = Awaited<ReturnType<ReturnType<typeof refundsWith>['executeTakeFirstOrThrow']>>

const refundFromRow = (row: RefundColumns): RefundRow => ({
  ...row,
  // The table's checks hold both to the words of these types.
  state: row.state as RefundState,
  doesThen: (row.doesThen as AfterRefund | null) ?? undefined,
})

/** Of one invoice, the oldest first. */
export async function refundsOfInvoice(db: Db, invoiceId: string): Promise<RefundRow[]> {
  const rows = await refundsWith(db)
    .where('invoice_id', '=', invoiceId)
    .orderBy('created_at')
    .orderBy('id')
    .limit(200)
    .execute()
  return rows.map(refundFromRow)
}

export async function findRefund(db: Db, id: string): Promise<RefundRow | undefined> {
  const row = await refundsWith(db).where('id', '=', id).executeTakeFirst()
  return row && refundFromRow(row)
}

/** Of the last invoices that were paid and all that went back of them: what access follows. The newest invoice, the oldest refund first. */
export async function moneyOf(
  db: Db,
  subscriptionId: string,
): Promise<{
  readonly invoices: readonly PaidInvoice[]
  readonly refunds: readonly RefundRow[]
  readonly disputes: readonly string[]
}> {
  const invoices = await db
    .selectFrom('subscription_invoice')
    .select(['id', 'paid_minor as paidMinor', 'period_ends_at'])
    .where('subscription_id', '=', subscriptionId)
    .where('status', '=', 'paid')
    .orderBy('made_at', 'desc')
    .orderBy('id', 'desc')
    .limit(24)
    .execute()
  const refunds = await refundsWith(db)
    .where('invoice_id', 'in', (of) =>
      of
        .selectFrom('subscription_invoice')
        .select('subscription_invoice.id')
        .where('subscription_id', '=', subscriptionId),
    )
    .orderBy('created_at')
    .orderBy('id')
    .limit(500)
    .execute()
  const disputes = await db
    .selectFrom('subscription_dispute')
    .innerJoin('subscription_invoice', 'subscription_invoice.id', 'subscription_dispute.invoice_id')
    .select('subscription_dispute.state')
    .where('subscription_invoice.subscription_id', '=', subscriptionId)
    .limit(500)
    .execute()
  return {
    invoices: invoices.map(({ id, paidMinor, period_ends_at: end }) => ({
      id,
      paidMinor,
      periodEndsAt: end ?? undefined,
    })),
    refunds: refunds.map(refundFromRow),
    disputes: disputes.map(({ state }) => state),
  }
}

export async function setMoney(
  tx: Tx,
  subscriptionId: string,
  { money, isToEnd }: MoneyOfSubscription,
): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({ money, is_to_end: isToEnd })
    .where('id', '=', subscriptionId)
    .where((where) => where.or([where('money', '<>', money), where('is_to_end', '<>', isToEnd)]))
    .execute()
}

export async function setRefunded(tx: Tx, invoiceId: string, refundedMinor: number): Promise<void> {
  await tx
    .updateTable('subscription_invoice')
    .set({ refunded_minor: sql<number>`least(paid_minor, ${refundedMinor}::int8)` })
    .where('id', '=', invoiceId)
    .execute()
}

export interface NewInvoiceRefund {
  readonly id: string
  readonly invoice: InvoiceMoney
  readonly amountMinor: number
  readonly reason: string
  readonly doesThen: AfterRefund
  readonly requestedBy: string
}

/** false: this very one was asked for before. */
export async function insertRefund(tx: Tx, refund: NewInvoiceRefund): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('subscription_refund')
    .values({
      id: refund.id,
      backend_id: refund.invoice.backendId,
      invoice_id: refund.invoice.id,
      amount_minor: refund.amountMinor,
      currency: refund.invoice.currency,
      state: 'requested',
      reason: refund.reason,
      does_then: refund.doesThen,
      requested_by: refund.requestedBy,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/**
 * Writes what Stripe tells of an invoice's refunds: ours by their own id (also when the answer to our call was lost), others as new
 * rows. Each is stored once, whoever tells of it first.
 */
export async function upsertRefunds(
  tx: Tx,
  invoice: Pick<InvoiceMoney, 'id' | 'backendId'>,
  refunds: readonly RefundView[],
  newId: () => string,
): Promise<void> {
  for (const refund of refunds) {
    const told = {
      stripe_refund_id: refund.stripeRefundId,
      state: refund.state,
      failure: refund.failure ?? null,
      amount_minor: refund.amountMinor,
      updated_at: clockNow,
    }
    const { numUpdatedRows } = await tx
      .updateTable('subscription_refund')
      .set(told)
      .where('invoice_id', '=', invoice.id)
      .where((where) =>
        where.or([
          where('stripe_refund_id', '=', refund.stripeRefundId),
          ...(refund.refundId === undefined
            ? []
            : [
                where.and([
                  where('id', '=', refund.refundId),
                  where('stripe_refund_id', 'is', null),
                ]),
              ]),
        ]),
      )
      .executeTakeFirst()
    if (numUpdatedRows > 0n) continue
    await tx
      .insertInto('subscription_refund')
      .values({
        ...told,
        id: newId(),
        invoice_id: invoice.id,
        backend_id: invoice.backendId,
        currency: refund.currency,
      })
      .onConflict((conflict) => conflict.columns(['backend_id', 'stripe_refund_id']).doNothing())
      .execute()
  }
}

export async function failRefund(tx: Tx, id: string, failure: string): Promise<void> {
  await tx
    .updateTable('subscription_refund')
    .set({ state: 'failed', failure, updated_at: clockNow })
    .where('id', '=', id)
    .where('state', '=', 'requested')
    .execute()
}

/** What went back at Stripe's side closes nothing any more: the owner wants it so. Returns how many refunds that was about. */
export async function keepAfterRefunds(tx: Tx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  const { numUpdatedRows } = await tx
    .updateTable('subscription_refund')
    .set({ does_then: 'keep', updated_at: clockNow })
    .where('id', 'in', ids)
    .where('does_then', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Returns the disputes whose state is new, with the state they had. */
export async function upsertDisputes(
  tx: Tx,
  invoice: Pick<InvoiceMoney, 'id' | 'backendId'>,
  disputes: readonly DisputeView[],
  newId: () => string,
): Promise<
  { readonly id: string; readonly dispute: DisputeView; readonly before: string | undefined }[]
> {
  const changed: { id: string; dispute: DisputeView; before: string | undefined }[] = []
  for (const dispute of disputes) {
    const known = await tx
      .selectFrom('subscription_dispute')
      .select(['id', 'state'])
      .where('backend_id', '=', invoice.backendId)
      .where('stripe_dispute_id', '=', dispute.stripeDisputeId)
      .forUpdate()
      .executeTakeFirst()
    if (known?.state === dispute.state) continue
    const id = known?.id ?? newId()
    changed.push({ id, dispute, before: known?.state })
    const told = {
      state: dispute.state,
      amount_minor: dispute.amountMinor,
      reason: dispute.reason,
      evidence_due_at: dispute.evidenceDueAt ?? null,
      updated_at: clockNow,
    }
    if (known)
      await tx.updateTable('subscription_dispute').set(told).where('id', '=', known.id).execute()
    else
      await tx
        .insertInto('subscription_dispute')
        .values({
          ...told,
          id,
          backend_id: invoice.backendId,
          invoice_id: invoice.id,
          stripe_dispute_id: dispute.stripeDisputeId,
          currency: dispute.currency,
        })
        .execute()
  }
  return changed
}

/** Of these refunds and disputes at Stripe, those that are written down here in exactly this state. */
export async function knownMoney(
  db: Db,
  backendId: number,
  told: readonly { readonly id: string; readonly state: string }[],
): Promise<ReadonlySet<string>> {
  if (told.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    with told as (
      select * from unnest(${told.map((one) => one.id)}::text[], ${told.map((one) => one.state)}::text[]) as t (id, state)
    )
    select told.id from told join subscription_refund r on r.backend_id = ${backendId} and r.stripe_refund_id = told.id and r.state = told.state
    union all
    select told.id from told join subscription_dispute d on d.backend_id = ${backendId} and d.stripe_dispute_id = told.id and d.state = told.state
  `.execute(db)
  return new Set(rows.map((row) => row.id))
}

/** Refunds that Stripe has not answered for a minute. */
export async function unansweredRefunds(
  db: Db,
  backendId: number,
  most: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('subscription_refund')
    .select('id')
    .where('state', '=', 'requested')
    .where('backend_id', '=', backendId)
    .where('created_at', '<', sql<Date>`clock_now() - interval '1 minute'`)
    .orderBy('created_at')
    .limit(most)
    .execute()
  return rows.map(({ id }) => id)
}

/** Subscriptions that are to be cancelled at Stripe. */
export async function subscriptionsToEnd(
  db: Db,
  backendId: number,
  most: number,
): Promise<{ readonly id: string; readonly stripeSubscriptionId: string }[]> {
  return db
    .selectFrom('subscription')
    .select(['id', 'stripe_subscription_id as stripeSubscriptionId'])
    .where('backend_id', '=', backendId)
    .where('is_to_end', '=', true)
    .where('status', 'in', ['trialing', 'active', 'past_due', 'unpaid', 'paused'])
    .orderBy('started_at')
    .limit(most)
    .execute()
}
