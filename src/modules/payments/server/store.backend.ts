import type { Db } from '#modules/platform/server/index.ts'
import type { PaymentMode } from '../types.ts'

export async function findOrInsertBackend(
  db: Db,
  mode: PaymentMode,
  account: string,
): Promise<number> {
  const find = () =>
    db
      .selectFrom('stripe_backend')
      .select('id')
      .where('mode', '=', mode)
      .where('account', '=', account)
      .executeTakeFirst()
  const found = await find()
  if (found) return found.id
  await db
    .insertInto('stripe_backend')
    .values({ mode, account })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const made = await find()
  if (!made) throw new Error(`The payment backend ${mode}/${account} could not be stored.`)
  return made.id
}

/** How often the sales of a backend have been swept away: what was noted beside older ones is not believed any more. */
export async function sweepsOf(db: Db, backendId: number): Promise<number> {
  const { sweeps } = await db
    .selectFrom('stripe_backend')
    .select('sweeps')
    .where('id', '=', backendId)
    .executeTakeFirstOrThrow()
  return sweeps
}
