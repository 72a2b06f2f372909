import { sql } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

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
  readonly outcome: string | undefined
  readonly lastError: string | undefined
}

/** The inbox, newest first. before: the last row of the page above. */
export async function eventPage(
  db: Db,
  filter: {
    readonly state: string | undefined
    readonly before: { readonly at: Date; readonly id: string } | undefined
    readonly most: number
  },
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
      'outcome',
      'last_error as lastError',
    ])
  if (filter.state) query = query.where('state', '=', filter.state)
  if (filter.before)
    query = query.where(
      sql<boolean>`(received_at, id) < (${filter.before.at}, ${filter.before.id})`,
    )
  const rows = await query
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.most)
    .execute()
  return rows.map((row) => ({
    ...row,
    objectId: row.objectId ?? undefined,
    handledAt: row.handledAt ?? undefined,
    outcome: row.outcome ?? undefined,
    lastError: row.lastError ?? undefined,
  }))
}

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
