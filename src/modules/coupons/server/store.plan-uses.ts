import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** How often a person used a coupon, and holds it for a checkout that is open. */
export async function planUsesOf(
  db: Db,
  couponId: string,
  person: string,
): Promise<{ readonly used: number; readonly held: number }> {
  const rows = await db
    .selectFrom('plan_coupon_use')
    .select(['state', (select) => select.fn.countAll<number>().as('uses')])
    .where('coupon_id', '=', couponId)
    .where('person', '=', person)
    .where('state', 'in', ['held', 'used'])
    .groupBy('state')
    .execute()
  const of = (state: string) => rows.find((row) => row.state === state)?.uses ?? 0
  return { used: of('used'), held: of('held') }
}

/** How many of its uses a network holds for people who are paying. */
export async function planUsesHeldBy(tx: Tx, couponId: string, network: string): Promise<number> {
  const { held } = await tx
    .selectFrom('plan_coupon_use')
    .select((select) => select.fn.countAll<number>().as('held'))
    .where('coupon_id', '=', couponId)
    .where('network', '=', network)
    .where('state', '=', 'held')
    .executeTakeFirstOrThrow()
  return held
}

export async function insertPlanUse(
  tx: Tx,
  use: {
    readonly checkoutId: string
    readonly couponId: string
    readonly person: string
    readonly network: string
  },
): Promise<void> {
  await tx
    .insertInto('plan_coupon_use')
    .values({
      checkout_id: use.checkoutId,
      coupon_id: use.couponId,
      person: use.person,
      network: use.network,
    })
    .execute()
}

/** All that was paid with it went back: somebody else may have the use. */
export async function freePlanUse(tx: Tx, checkoutId: string): Promise<void> {
  await tx
    .updateTable('plan_coupon_use')
    .set({ state: 'freed', network: null, updated_at: clockNow })
    .where('checkout_id', '=', checkoutId)
    .where('state', '<>', 'freed')
    .execute()
}

/** Writes down what came off everything that was paid so far with a checkout's coupon, in minor units. */
export async function setPlanUseTaken(tx: Tx, checkoutId: string, minor: number): Promise<void> {
  await tx
    .updateTable('plan_coupon_use')
    .set({ discount_minor: minor, updated_at: clockNow })
    .where('checkout_id', '=', checkoutId)
    .where('discount_minor', '<>', minor)
    .execute()
}
