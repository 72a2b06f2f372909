import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** The link of now: any earlier one that was not used is dead. */
export async function replaceOwnerSetup(tx: Tx, tokenDigest: string): Promise<void> {
  const fresh = { token_sha256: tokenDigest, created_at: clockNow, used_at: null }
  await tx
    .insertInto('owner_setup')
    .values(fresh)
    .onConflict((conflict) => conflict.column('only_row').doUpdateSet(fresh))
    .execute()
}

export async function ownerSetup(db: Db) {
  return db
    .selectFrom('owner_setup')
    .select(['token_sha256 as tokenDigest', 'used_at as usedAt'])
    .executeTakeFirst()
}

export async function lockOwnerSetup(tx: Tx) {
  return tx
    .selectFrom('owner_setup')
    .select(['token_sha256 as tokenDigest', 'used_at as usedAt'])
    .forUpdate()
    .executeTakeFirst()
}

export async function markOwnerSetupUsed(tx: Tx): Promise<void> {
  await tx.updateTable('owner_setup').set({ used_at: clockNow }).execute()
}
