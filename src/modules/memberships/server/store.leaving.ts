import type { Db } from '#modules/platform/server/index.ts'

export async function liveOf(
  db: Db,
  backendId: number,
  memberId: string,
): Promise<
  { readonly id: string; readonly stripeSubscriptionId: string; readonly title: string }[]
> {
  const rows = await db
    .selectFrom('subscription')
    .leftJoin('plan', 'plan.id', 'subscription.plan_id')
    .select(['subscription.id', 'subscription.stripe_subscription_id', 'plan.title'])
    .where('subscription.backend_id', '=', backendId)
    .where('subscription.member_id', '=', memberId)
    .where('subscription.is_live', '=', true)
    .orderBy('subscription.started_at')
    .limit(100)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    stripeSubscriptionId: row.stripe_subscription_id,
    title: row.title ?? 'Your subscription',
  }))
}

export async function customersAtStripe(
  db: Db,
  backendId: number,
  memberId: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('stripe_customer')
    .select('stripe_customer_id')
    .where('backend_id', '=', backendId)
    .where('member_id', '=', memberId)
    .where('gone_at', 'is', null)
    .limit(100)
    .execute()
  return rows.flatMap((row) => (row.stripe_customer_id === null ? [] : [row.stripe_customer_id]))
}
