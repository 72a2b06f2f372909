import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** The link of now: any earlier one is dead. */
export async function replaceOwnerRecovery(tx: Tx, digest: string, minutes: number): Promise<void> {
  const fresh = {
    token_sha256: digest,
    created_at: clockNow,
    expires_at: sql<Date>`clock_now() + ${minutes} * interval '1 minute'`,
    used_at: null,
  }
  await tx
    .insertInto('owner_recovery')
    .values(fresh)
    .onConflict((conflict) => conflict.column('only_row').doUpdateSet(fresh))
    .execute()
}

const columns = [
  'token_sha256 as tokenDigest',
  'used_at as usedAt',
  sql<boolean>`expires_at <= clock_now()`.as('isExpired'),
] as const

export async function ownerRecovery(db: Db) {
  return db.selectFrom('owner_recovery').select(columns).executeTakeFirst()
}

export async function lockOwnerRecovery(tx: Tx) {
  return tx.selectFrom('owner_recovery').select(columns).forUpdate().executeTakeFirst()
}

export async function markOwnerRecoveryUsed(tx: Tx): Promise<void> {
  await tx.updateTable('owner_recovery').set({ used_at: clockNow }).execute()
}
