import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

export interface DisputeRow {
  readonly id: string
  readonly stripeDisputeId: string
  readonly backendId: number
  readonly checkoutId: string
  readonly paymentIntentId: string | undefined
  readonly state: string
  readonly reason: string
  readonly amountMinor: number
  readonly currency: string
  readonly evidenceDueAt: Date | undefined
  readonly createdAt: Date
  readonly answer: AnswerRow | undefined
}

export interface AnswerRow {
  readonly kind: 'evidence' | 'acceptance'
  readonly evidence: Readonly<Record<string, string>>
  readonly state: 'requested' | 'sent' | 'refused'
  readonly failure: string | undefined
  readonly createdAt: Date
}

export async function findDispute(db: Db, id: string): Promise<DisputeRow | undefined> {
  const row = await db
    .selectFrom('dispute')
    .innerJoin('payment', 'payment.id', 'dispute.payment_id')
    .select([
      'dispute.id',
      'dispute.stripe_dispute_id as stripeDisputeId',
      'dispute.backend_id as backendId',
      'payment.checkout_id as checkoutId',
      'payment.stripe_payment_intent_id as paymentIntentId',
      'dispute.state',
      'dispute.reason',
      'dispute.amount_minor as amountMinor',
      'dispute.currency',
      'dispute.evidence_due_at as evidenceDueAt',
      'dispute.created_at as createdAt',
    ])
    .where('dispute.id', '=', id)
    .executeTakeFirst()
  return (
    row && {
      ...row,
      paymentIntentId: row.paymentIntentId ?? undefined,
      evidenceDueAt: row.evidenceDueAt ?? undefined,
      answer: await findAnswer(db, id),
    }
  )
}

export async function findAnswer(db: Db, disputeId: string): Promise<AnswerRow | undefined> {
  const row = await db
    .selectFrom('dispute_answer')
    .select(['kind', 'evidence', 'state', 'failure', 'created_at as createdAt'])
    .where('dispute_id', '=', disputeId)
    .executeTakeFirst()
  return (
    row && {
      // The table's checks hold both to these words; the evidence is written by this file, as texts.
      kind: row.kind as AnswerRow['kind'],
      state: row.state as AnswerRow['state'],
      evidence: row.evidence as AnswerRow['evidence'],
      failure: row.failure ?? undefined,
      createdAt: row.createdAt,
    }
  )
}

/** false: it was answered before. One that Stripe refused is replaced. */
export async function insertAnswer(
  tx: Tx,
  answer: {
    readonly disputeId: string
    readonly kind: string
    readonly evidence: Readonly<Record<string, string>>
    readonly requestedBy: string
  },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('dispute_answer')
    .values({
      dispute_id: answer.disputeId,
      kind: answer.kind,
      evidence: JSON.stringify(answer.evidence),
      requested_by: answer.requestedBy,
    })
    .onConflict((conflict) =>
      conflict
        .column('dispute_id')
        .doUpdateSet((set) => ({
          kind: set.ref('excluded.kind'),
          evidence: set.ref('excluded.evidence'),
          requested_by: set.ref('excluded.requested_by'),
          state: 'requested',
          failure: null,
          updated_at: clockNow,
        }))
        .where('dispute_answer.state', '=', 'refused'),
    )
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function setAnswer(
  db: Db,
  disputeId: string,
  to: { readonly state: 'sent' | 'refused'; readonly failure?: string },
): Promise<void> {
  await db
    .updateTable('dispute_answer')
    .set({ state: to.state, failure: to.failure ?? null, updated_at: clockNow })
    .where('dispute_id', '=', disputeId)
    .where('state', '=', 'requested')
    .execute()
}

export async function unsentAnswers(db: Db, backendId: number, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('dispute_answer')
    .innerJoin('dispute', 'dispute.id', 'dispute_answer.dispute_id')
    .select('dispute.id')
    .where('dispute_answer.state', '=', 'requested')
    .where('dispute.backend_id', '=', backendId)
    .where('dispute_answer.created_at', '<', sql<Date>`clock_now() - interval '1 minute'`)
    .orderBy('dispute_answer.created_at')
    .limit(most)
    .execute()
  return rows.map((row) => row.id)
}

/** Whether it is time to compare; at most one process does it in that time. */
export async function takeDriftTurn(
  db: Db,
  backendId: number,
  everyHours: number,
  turn: DriftTurn = 'drift_swept_at',
): Promise<boolean> {
  const taken = await db
    .updateTable('stripe_cursor')
    .set(
      turn === 'drift_swept_at'
        ? { drift_swept_at: clockNow }
        : { subscriptions_swept_at: clockNow },
    )
    .where('backend_id', '=', backendId)
    .where((where) =>
      where.or([
        where(turn, 'is', null),
        where(turn, '<', sql<Date>`clock_now() - ${everyHours} * interval '1 hour'`),
      ]),
    )
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

/** What is compared with Stripe, each in its own time: refunds and disputes, or subscriptions. */
type DriftTurn = 'drift_swept_at' | 'subscriptions_swept_at'

/** The comparison did not come to its end: its next turn is so many hours sooner. */
export async function bringDriftTurnForward(
  db: Db,
  backendId: number,
  hours: number,
  turn: DriftTurn = 'drift_swept_at',
): Promise<void> {
  const sooner = sql<Date>`${sql.ref(turn)} - ${hours} * interval '1 hour'`
  await db
    .updateTable('stripe_cursor')
    .set(
      turn === 'drift_swept_at' ? { drift_swept_at: sooner } : { subscriptions_swept_at: sooner },
    )
    .where('backend_id', '=', backendId)
    .execute()
}

/** Of these refunds and disputes at Stripe, those we know in exactly this state. */
export async function knownIn(
  db: Db,
  backendId: number,
  told: readonly { readonly id: string; readonly state: string }[],
): Promise<ReadonlySet<string>> {
  if (told.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    with told as (
      select * from unnest(${told.map((one) => one.id)}::text[], ${told.map((one) => one.state)}::text[]) as t (id, state)
    )
    select told.id from told join refund on refund.backend_id = ${backendId} and refund.stripe_refund_id = told.id and refund.state = told.state
    union all
    select told.id from told join dispute on dispute.backend_id = ${backendId} and dispute.stripe_dispute_id = told.id and dispute.state = told.state
  `.execute(db)
  return new Set(rows.map((row) => row.id))
}
