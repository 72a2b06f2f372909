import { sql } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

/** Of a subscription that is paused: whether a period has begun since, which nobody has paid. */
export async function hasUnpaidPeriod(db: Db, subscriptionId: string): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select coalesce(period_started_at > (
      select max(at) from subscription_event where subscription_id = subscription.id and what = 'paused'), false) as has
    from subscription where id = ${subscriptionId}`.execute(db)
  return rows[0]?.has ?? false
}
