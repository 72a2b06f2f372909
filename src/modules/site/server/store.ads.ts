import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** The account; undefined: none. */
export function adAccount(db: Db) {
  return db
    .selectFrom('ad_account')
    .select(['client', 'asks_first as asksFirst'])
    .executeTakeFirst()
}

/** The ad unit of each place, at most as many as there are places. */
export function adUnits(db: Db) {
  return db.selectFrom('ad_place').select(['place', 'unit']).orderBy('place').limit(50).execute()
}

/** Writes the account, or takes it away. */
export async function writeAdAccount(
  tx: Tx,
  account: { readonly client: string | undefined; readonly asksFirst: boolean },
): Promise<void> {
  if (account.client === undefined) {
    await tx.deleteFrom('ad_account').execute()
    return
  }
  const values = { client: account.client, asks_first: account.asksFirst }
  await tx
    .insertInto('ad_account')
    .values(values)
    .onConflict((conflict) =>
      conflict.column('only_row').doUpdateSet({ ...values, updated_at: clockNow }),
    )
    .execute()
}

/** The units of the places, and no others. */
export async function writeAdUnits(
  tx: Tx,
  units: readonly { readonly place: string; readonly unit: string }[],
): Promise<void> {
  await tx.deleteFrom('ad_place').execute()
  if (units.length === 0) return
  await tx
    .insertInto('ad_place')
    .values(units)
    .onConflict((conflict) =>
      conflict.column('place').doUpdateSet((row) => ({ unit: row.ref('excluded.unit') })),
    )
    .execute()
}
