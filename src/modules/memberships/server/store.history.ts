import type { Db } from '#modules/platform/server/index.ts'
import type { HistoryLine } from '../history-words.ts'

export interface HistoryRow extends HistoryLine {
  readonly id: string
  readonly subscriptionId: string
  readonly at: Date
}

/** What happened to these subscriptions and what caused it, newest first. */
export async function historyOf(
  db: Db,
  subscriptionIds: readonly string[],
  most: number,
): Promise<HistoryRow[]> {
  if (subscriptionIds.length === 0) return []
  const rows = await db
    .selectFrom('subscription_event')
    .leftJoin('plan', 'plan.id', 'subscription_event.plan_id')
    .select([
      'subscription_event.id',
      'subscription_event.subscription_id',
      'subscription_event.at',
      'subscription_event.what',
      'subscription_event.status',
      'subscription_event.cause',
      'subscription_event.detail',
      'plan.title',
    ])
    .where('subscription_event.subscription_id', 'in', subscriptionIds)
    .orderBy('subscription_event.id', 'desc')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    id: String(row.id),
    subscriptionId: row.subscription_id,
    at: row.at,
    what: row.what,
    status: row.status,
    planTitle: row.title ?? undefined,
    cause: row.cause,
    // Written by the mirror alone, as an object.
    detail: (row.detail ?? {}) as Readonly<Record<string, unknown>>,
  }))
}
