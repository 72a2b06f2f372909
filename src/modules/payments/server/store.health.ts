import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { reaching, type Db } from '#modules/platform/server/index.ts'

export interface EventRow {
  readonly id: string
  readonly type: string
  readonly objectId: string | undefined
  readonly state: string
  readonly source: string
  readonly deliveries: number
  readonly attempts: number
  readonly receivedAt: Date
  readonly handledAt: Date | undefined
  /** When a waiting one is tried next. */
  readonly nextAttemptAt: Date
  readonly outcome: string | undefined
  readonly lastError: string | undefined
}

/** The inbox, nearest to the mark first. states: only rows in one of them; [] = all. */
export async function eventPage(
  db: Db,
  states: readonly string[],
  reach: Reach,
): Promise<EventRow[]> {
  let query = db
    .selectFrom('stripe_event')
    .select([
      'id',
      'type',
      'object_id as objectId',
      'state',
      'source',
      'deliveries',
      'attempts',
      'received_at as receivedAt',
      'handled_at as handledAt',
      'next_attempt_at as nextAttemptAt',
      'outcome',
      'last_error as lastError',
    ])
  if (states.length > 0) query = query.where('state', 'in', states)
  const rows = await query
    .$call(reaching(reach, { table: 'stripe_event', at: 'received_at' }))
    .execute()
  return rows.map((row) => ({
    ...row,
    objectId: row.objectId ?? undefined,
    handledAt: row.handledAt ?? undefined,
    outcome: row.outcome ?? undefined,
    lastError: row.lastError ?? undefined,
  }))
}

/** Checkouts that were paid another amount than was asked: money is there and nothing was given. Newest first. */
export async function oddPayments(
  db: Db,
  most: number,
): Promise<{ checkoutId: string; at: Date; words: string }[]> {
  const rows = await db
    .selectFrom('payment_effect')
    .innerJoin('checkout', (join) => join.on(sql<boolean>`checkout.id = payment_effect.key::uuid`))
    .select(['checkout.id as checkoutId', 'payment_effect.at', 'checkout.failure as words'])
    .where('payment_effect.kind', '=', amountDiffers)
    .where('checkout.state', '=', 'failed')
    .orderBy('payment_effect.at', 'desc')
    .limit(most)
    .execute()
  return rows.map((row) => ({ ...row, words: row.words ?? '' }))
}

export async function wasPaidOddly(db: Db, checkoutId: string): Promise<boolean> {
  const row = await db
    .selectFrom('payment_effect')
    .select('key')
    .where('kind', '=', amountDiffers)
    .where('key', '=', checkoutId)
    .executeTakeFirst()
  return row !== undefined
}

/** The effect that sync.ts notes when the amounts do not agree. */
export const amountDiffers = 'amount_differs'

export interface InboxCounts {
  readonly pending: number
  readonly parked: number
  readonly quarantined: number
  /** Since when the longest waiting one waits. */
  readonly oldestPendingAt: Date | undefined
  readonly openCheckouts: number
  readonly unansweredRefunds: number
}

export async function inboxCounts(db: Db): Promise<InboxCounts> {
  const { rows } = await sql<{
    pending: number
    parked: number
    quarantined: number
    oldest: Date | null
    open: number
    refunds: number
  }>`
    select
      (select count(*) from stripe_event where state = 'pending') as pending,
      (select count(*) from stripe_event where state = 'parked') as parked,
      (select count(*) from stripe_event where state = 'quarantined') as quarantined,
      (select min(received_at) from stripe_event where state = 'pending') as oldest,
      (select count(*) from checkout where state in ('open', 'awaiting_payment')) as open,
      (select count(*) from refund where state = 'requested') as refunds
  `.execute(db)
  const row = rows[0]
  return {
    pending: row?.pending ?? 0,
    parked: row?.parked ?? 0,
    quarantined: row?.quarantined ?? 0,
    oldestPendingAt: row?.oldest ?? undefined,
    openCheckouts: row?.open ?? 0,
    unansweredRefunds: row?.refunds ?? 0,
  }
}
