import type { Db } from '#modules/platform/server/index.ts'
import type { SubscriptionStatus } from '../types.ts'

export interface HeldSubscription {
  readonly id: string
  readonly stripeSubscriptionId: string
  readonly stripeCustomerId: string
  readonly memberId: string | undefined
  readonly status: SubscriptionStatus
  readonly isPaused: boolean
  readonly cancelsAt: Date | undefined
  readonly cancelsBy: 'period_end' | 'date' | undefined
}

export async function findHeld(
  db: Db,
  backendId: number,
  id: string,
): Promise<HeldSubscription | undefined> {
  const row = await db
    .selectFrom('subscription')
    .select([
      'id',
      'stripe_subscription_id',
      'stripe_customer_id',
      'member_id',
      'status',
      'is_paused',
      'cancels_at',
      'cancels_by',
    ])
    .where('backend_id', '=', backendId)
    .where('id', '=', id)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      stripeSubscriptionId: row.stripe_subscription_id,
      stripeCustomerId: row.stripe_customer_id,
      memberId: row.member_id ?? undefined,
      // The table's checks hold both to the words of these types.
      status: row.status as SubscriptionStatus,
      isPaused: row.is_paused,
      cancelsAt: row.cancels_at ?? undefined,
      cancelsBy: (row.cancels_by as HeldSubscription['cancelsBy'] | null) ?? undefined,
    }
  )
}
