import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

const columns = [
  'half_sign_in.id',
  'half_sign_in.member_id as memberId',
  'half_sign_in.proven_by as provenBy',
  'half_sign_in.next_path as nextPath',
  'half_sign_in.wrong_tries as wrongTries',
] as const

export async function insertHalfSignIn(
  tx: Tx,
  half: {
    memberId: string
    digest: string
    provenBy: 'code' | 'password'
    nextPath: string | undefined
  },
): Promise<void> {
  await tx
    .insertInto('half_sign_in')
    .values({
      member_id: half.memberId,
      token_sha256: half.digest,
      proven_by: half.provenBy,
      next_path: half.nextPath ?? null,
      expires_at: sql<Date>`clock_now() + interval '10 minutes'`,
    })
    .execute()
}

export async function halfSignIn(db: Db, digest: string) {
  return db
    .selectFrom('half_sign_in')
    .innerJoin('member', 'member.id', 'half_sign_in.member_id')
    .select([...columns, 'member.email'])
    .where('half_sign_in.token_sha256', '=', digest)
    .where('half_sign_in.expires_at', '>', clockNow)
    .executeTakeFirst()
}

/** Locked: tries at once are counted one by one. */
export async function lockHalfSignIn(tx: Tx, digest: string) {
  return tx
    .selectFrom('half_sign_in')
    .select(columns)
    .where('half_sign_in.token_sha256', '=', digest)
    .where('half_sign_in.expires_at', '>', clockNow)
    .forUpdate()
    .executeTakeFirst()
}

export async function countWrongSecondStep(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('half_sign_in')
    .set({ wrong_tries: sql<number>`wrong_tries + 1` })
    .where('id', '=', id)
    .execute()
}

export async function deleteHalfSignIn(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('half_sign_in').where('id', '=', id).execute()
}

/** Whoever is half in with an old password or code begins anew. */
export async function deleteHalfSignIns(tx: Tx, memberId: string): Promise<void> {
  await tx.deleteFrom('half_sign_in').where('member_id', '=', memberId).execute()
}
