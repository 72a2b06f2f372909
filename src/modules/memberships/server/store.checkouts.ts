import { clockNow, type Tx } from '#modules/platform/server/index.ts'

/** Marks what is open for a plan to be closed at Stripe, at once. Returns how many. */
export async function closeCheckoutsOf(tx: Tx, planId: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('subscription_checkout')
    .set({ is_to_close: true, due_at: clockNow })
    .where('plan_id', '=', planId)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return Number(numUpdatedRows)
}
