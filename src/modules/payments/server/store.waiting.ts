import { sql } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

/** A purchase whose money is on its way: a bank debit takes days. */
export interface WaitingPurchase {
  readonly checkoutId: string
  readonly titles: readonly string[]
  readonly totalMinor: number
  readonly currency: string
}

/** More than a person has on the way; the purchase pages of the others are in their mail. */
const most = 10

/** What a member has bought and their bank has not sent yet, newest first, at most ten. */
export async function waitingPurchases(
  db: Db,
  memberId: string,
): Promise<readonly WaitingPurchase[]> {
  return db
    .selectFrom('checkout')
    .select([
      'id as checkoutId',
      'total_minor as totalMinor',
      'currency',
      sql<string[]>`array(select coalesce(line.bundle_title, line.title) from checkout_line line
        where line.checkout_id = checkout.id group by coalesce(line.bundle_title, line.title) order by min(line.position))`.as(
        'titles',
      ),
    ])
    .where('member_id', '=', memberId)
    .where('state', '=', 'awaiting_payment')
    .orderBy('created_at', 'desc')
    .limit(most)
    .execute()
}
