import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type {
  DisputeView,
  FraudWarningView,
  PaidFacts,
  RefundState,
  RefundView,
  SessionView,
} from '../types.ts'

export interface Payment {
  readonly id: string
  readonly checkoutId: string
  readonly backendId: number
  readonly paymentIntentId: string | undefined
  readonly amountMinor: number
  readonly currency: string
  readonly method: string | undefined
  readonly methodDetail: string | undefined
  readonly refundedMinor: number
  readonly paidAt: Date
}

const columns = [
  'id',
  'checkout_id as checkoutId',
  'backend_id as backendId',
  'stripe_payment_intent_id as paymentIntentId',
  'amount_minor as amountMinor',
  'currency',
  'method',
  'method_detail as methodDetail',
  'refunded_minor as refundedMinor',
  'paid_at as paidAt',
] as const

type Row = {
  [Key in keyof Payment]: undefined extends Payment[Key]
    ? Exclude<Payment[Key], undefined> | null
    : Payment[Key]
}

function fromRow(row: Row): Payment {
  return {
    ...row,
    paymentIntentId: row.paymentIntentId ?? undefined,
    method: row.method ?? undefined,
    methodDetail: row.methodDetail ?? undefined,
  }
}

/**
 * Settles a checkout as paid with its payment, once for ever, in one statement. Returns false when it had been settled
 * before: then nothing was written and nothing is to be done.
 */
export async function settlePaid(
  tx: Tx,
  payment: {
    readonly id: string
    readonly checkoutId: string
    readonly backendId: number
    readonly session: SessionView
    readonly facts: PaidFacts
    readonly cause: string
  },
): Promise<boolean> {
  const { session, facts } = payment
  const result = await sql`
    with first_time as (
      insert into payment_effect (kind, key, event_id) values ('fulfil', ${payment.checkoutId}, ${payment.cause})
      on conflict do nothing returning kind
    ), settled as (
      update checkout set state = 'paid', failure = null, synced_at = clock_now(), sync_due_at = null, finished_at = clock_now(),
        stripe_session_id = ${session.sessionId}, expires_at = ${session.expiresAt ?? null}, stripe_session_url = ${session.url ?? null}
      where id = ${payment.checkoutId}::uuid and exists (select from first_time)
      returning id
    )
    insert into payment (id, checkout_id, backend_id, stripe_payment_intent_id, stripe_charge_id, amount_minor, currency, method, method_detail, paid_at)
    select ${payment.id}::uuid, id, ${payment.backendId}::int, ${facts.paymentIntentId ?? null}, ${facts.chargeId ?? null}, ${facts.amountMinor}::bigint,
      ${facts.currency}, ${facts.method ?? null}, ${facts.methodDetail ?? null}, clock_now()
    from settled
  `.execute(tx)
  return (result.numAffectedRows ?? 0n) > 0n
}

/** Settles a checkout that costs nothing with a payment of nothing. Throws when it was settled before. */
export async function settleFree(
  tx: Tx,
  payment: {
    readonly id: string
    readonly checkout: {
      readonly id: string
      readonly backendId: number
      readonly currency: string
    }
  },
): Promise<void> {
  const { id, checkout } = payment
  await sql`
    with first_time as (
      insert into payment_effect (kind, key, event_id) values ('fulfil', ${checkout.id}, 'nothing to pay')
    ), settled as (
      update checkout set state = 'paid', sync_due_at = null, finished_at = clock_now() where id = ${checkout.id}::uuid
    )
    insert into payment (id, checkout_id, backend_id, amount_minor, currency, paid_at)
    values (${id}::uuid, ${checkout.id}::uuid, ${checkout.backendId}::int, 0, ${checkout.currency}, clock_now())
  `.execute(tx)
}

export async function findPaymentOfIntent(
  db: Db,
  backendId: number,
  paymentIntentId: string,
): Promise<Payment | undefined> {
  const row = await db
    .selectFrom('payment')
    .select(columns)
    .where('backend_id', '=', backendId)
    .where('stripe_payment_intent_id', '=', paymentIntentId)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function findPaymentOfCheckout(
  db: Db,
  checkoutId: string,
): Promise<Payment | undefined> {
  const row = await db
    .selectFrom('payment')
    .select(columns)
    .where('checkout_id', '=', checkoutId)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function lockPayment(tx: Tx, id: string): Promise<Payment> {
  return fromRow(
    await tx
      .selectFrom('payment')
      .select(columns)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow(),
  )
}

export async function setRefunded(tx: Tx, paymentId: string, refundedMinor: number): Promise<void> {
  await tx
    .updateTable('payment')
    .set({ refunded_minor: refundedMinor })
    .where('id', '=', paymentId)
    .execute()
}

export interface Refund {
  readonly id: string
  readonly paymentId: string
  readonly stripeRefundId: string | undefined
  readonly amountMinor: number
  readonly currency: string
  readonly state: RefundState
  readonly reason: string
  readonly failure: string | undefined
  readonly createdAt: Date
  /** When its state was last told. */
  readonly updatedAt: Date
}

const refundColumns = [
  'id',
  'payment_id as paymentId',
  'stripe_refund_id as stripeRefundId',
  'amount_minor as amountMinor',
  'currency',
  'state',
  'reason',
  'failure',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

function refundFromRow(row: {
  id: string
  paymentId: string
  stripeRefundId: string | null
  amountMinor: number
  currency: string
  state: string
  reason: string
  failure: string | null
  createdAt: Date
  updatedAt: Date
}): Refund {
  return {
    ...row,
    state: row.state as RefundState, // held to these words by the table's check
    stripeRefundId: row.stripeRefundId ?? undefined,
    failure: row.failure ?? undefined,
  }
}

export async function refundsOf(db: Db, paymentId: string): Promise<Refund[]> {
  const rows = await db
    .selectFrom('refund')
    .select(refundColumns)
    .where('payment_id', '=', paymentId)
    .orderBy('created_at')
    .limit(200)
    .execute()
  return rows.map(refundFromRow)
}

export async function findRefund(db: Db, id: string): Promise<Refund | undefined> {
  const row = await db
    .selectFrom('refund')
    .select(refundColumns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && refundFromRow(row)
}

export async function insertRefund(
  tx: Tx,
  refund: {
    readonly id: string
    readonly payment: Payment
    readonly amountMinor: number
    readonly reason: string
    readonly requestedBy: string
  },
): Promise<void> {
  await tx
    .insertInto('refund')
    .values({
      id: refund.id,
      payment_id: refund.payment.id,
      backend_id: refund.payment.backendId,
      amount_minor: refund.amountMinor,
      currency: refund.payment.currency,
      state: 'requested',
      reason: refund.reason,
      requested_by: refund.requestedBy,
    })
    .execute()
}

/**
 * Writes what the provider tells of its refunds: ours by their own id (also when the answer to our call was lost),
 * others as new rows. A refund is stored once whoever tells of it first.
 */
export async function upsertRefunds(
  tx: Tx,
  payment: Payment,
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
    const known = await tx
      .updateTable('refund')
      .set(told)
      .where('payment_id', '=', payment.id)
      .where((where) =>
        where.or([
          where('stripe_refund_id', '=', refund.stripeRefundId),
          ...(refund.refundId
            ? [
                where.and([
                  where('id', '=', refund.refundId),
                  where('stripe_refund_id', 'is', null),
                ]),
              ]
            : []),
        ]),
      )
      .executeTakeFirst()
    if (known.numUpdatedRows > 0n) continue
    await tx
      .insertInto('refund')
      .values({
        ...told,
        id: newId(),
        payment_id: payment.id,
        backend_id: payment.backendId,
        currency: refund.currency,
      })
      .onConflict((conflict) => conflict.columns(['backend_id', 'stripe_refund_id']).doNothing())
      .execute()
  }
}

export async function failRefund(tx: Tx, id: string, failure: string): Promise<void> {
  await tx
    .updateTable('refund')
    .set({ state: 'failed', failure, updated_at: clockNow })
    .where('id', '=', id)
    .where('state', '=', 'requested')
    .execute()
}

export async function unansweredRefunds(
  db: Db,
  backendId: number,
  most: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('refund')
    .select('id')
    .where('state', '=', 'requested')
    .where('backend_id', '=', backendId)
    .where('created_at', '<', sql<Date>`clock_now() - interval '1 minute'`)
    .orderBy('created_at')
    .limit(most)
    .execute()
  return rows.map((row) => row.id)
}

/** Returns the disputes whose state is new, with the state they had. */
export async function upsertDisputes(
  tx: Tx,
  payment: Payment,
  disputes: readonly DisputeView[],
  newId: () => string,
): Promise<
  { readonly id: string; readonly dispute: DisputeView; readonly before: string | undefined }[]
> {
  const changed: { id: string; dispute: DisputeView; before: string | undefined }[] = []
  for (const dispute of disputes) {
    const known = await tx
      .selectFrom('dispute')
      .select(['id', 'state'])
      .where('backend_id', '=', payment.backendId)
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
    if (known) await tx.updateTable('dispute').set(told).where('id', '=', known.id).execute()
    else {
      await tx
        .insertInto('dispute')
        .values({
          ...told,
          id,
          payment_id: payment.id,
          backend_id: payment.backendId,
          stripe_dispute_id: dispute.stripeDisputeId,
          currency: dispute.currency,
        })
        .execute()
    }
  }
  return changed
}

export async function disputesOf(db: Db, paymentId: string) {
  return db
    .selectFrom('dispute')
    .select([
      'id',
      'stripe_dispute_id as stripeDisputeId',
      'state',
      'reason',
      'amount_minor as amountMinor',
      'currency',
      'evidence_due_at as evidenceDueAt',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ])
    .where('payment_id', '=', paymentId)
    .orderBy('created_at')
    .limit(20)
    .execute()
}

/** Writes what banks warn of; returns the warnings that are new and ask for something. */
export async function upsertWarnings(
  tx: Tx,
  payment: Payment,
  warnings: readonly FraudWarningView[],
  newId: () => string,
): Promise<{ readonly id: string; readonly fraudType: string }[]> {
  const fresh: { id: string; fraudType: string }[] = []
  for (const warning of warnings) {
    const known = await tx
      .updateTable('fraud_warning')
      .set({
        fraud_type: warning.fraudType,
        is_actionable: warning.isActionable,
        updated_at: clockNow,
      })
      .where('backend_id', '=', payment.backendId)
      .where('stripe_warning_id', '=', warning.stripeWarningId)
      .executeTakeFirst()
    if (known.numUpdatedRows > 0n) continue
    const id = newId()
    await tx
      .insertInto('fraud_warning')
      .values({
        id,
        payment_id: payment.id,
        backend_id: payment.backendId,
        stripe_warning_id: warning.stripeWarningId,
        fraud_type: warning.fraudType,
        is_actionable: warning.isActionable,
      })
      .execute()
    if (warning.isActionable) fresh.push({ id, fraudType: warning.fraudType })
  }
  return fresh
}

export async function warningsOf(db: Db, paymentId: string) {
  return db
    .selectFrom('fraud_warning')
    .select([
      'id',
      'fraud_type as fraudType',
      'is_actionable as isActionable',
      'created_at as createdAt',
    ])
    .where('payment_id', '=', paymentId)
    .orderBy('created_at')
    .limit(10)
    .execute()
}

/** Notes that something happened, once for ever. Returns false when it had happened before: then do nothing. */
export async function firstTime(
  tx: Tx,
  effect: { readonly kind: string; readonly key: string; readonly cause: string },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('payment_effect')
    .values({ kind: effect.kind, key: effect.key, event_id: effect.cause })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}
