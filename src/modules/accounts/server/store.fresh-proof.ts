import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import { proofMinutes, type ProofState } from '../fresh-proof-rules.ts'

/** undefined when the session has ended. */
export async function proofState(db: Db, sessionId: string): Promise<ProofState | undefined> {
  const { rows } = await sql<ProofState>`
    select m.role, m.asks_for_proof as "asksForProof",
      (exists (select from totp_factor t where t.member_id = m.id and t.confirmed_at is not null)
        or exists (select from passkey p where p.member_id = m.id)) as "hasFactor",
      coalesce(s.proven_at, s.created_at) > clock_now() - ${proofMinutes} * interval '1 minute' as "isFresh",
      coalesce(s.factor_proven_at > clock_now() - ${proofMinutes} * interval '1 minute', false) as "isFreshByFactor"
    from member_session s join member m on m.id = s.member_id
    where s.id = ${sessionId} and s.expires_at > clock_now()
  `.execute(db)
  return rows[0]
}

/** Notes a proof given at this session, and gives the session a new token. false when it has ended. */
export async function proveSession(
  tx: Tx,
  sessionId: string,
  proof: { byFactor: boolean; newDigest: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('member_session')
    .set({
      token_sha256: proof.newDigest,
      proven_at: clockNow,
      ...(proof.byFactor ? { factor_proven_at: clockNow } : {}),
    })
    .where('id', '=', sessionId)
    .where('expires_at', '>', clockNow)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The same without a new token: for what proves the factor by the way (setting it up). */
export async function noteFactorProof(tx: Tx, sessionId: string): Promise<void> {
  await tx
    .updateTable('member_session')
    .set({ proven_at: clockNow, factor_proven_at: clockNow })
    .where('id', '=', sessionId)
    .execute()
}

export async function insertKeptForm(
  tx: Tx,
  form: { id: string; sessionId: string; path: string; whatFor: string; fieldsSealed: string },
): Promise<void> {
  await tx
    .insertInto('kept_form')
    .values({
      id: form.id,
      session_id: form.sessionId,
      path: form.path,
      what_for: form.whatFor,
      fields_sealed: form.fieldsSealed,
      expires_at: sql<Date>`clock_now() + ${2 * proofMinutes} * interval '1 minute'`,
    })
    .execute()
}

/** Of one session at most so many: the oldest make room. */
export async function deleteKeptFormsBut(tx: Tx, sessionId: string, most: number): Promise<void> {
  await tx
    .deleteFrom('kept_form')
    .where('id', 'in', (select) =>
      select
        .selectFrom('kept_form')
        .select('id')
        .where('session_id', '=', sessionId)
        .orderBy('expires_at', 'desc')
        .offset(most),
    )
    .execute()
}

export async function keptForm(db: Db, sessionId: string, id: string) {
  return db
    .selectFrom('kept_form')
    .select(['path', 'what_for as whatFor'])
    .where('id', '=', id)
    .where('session_id', '=', sessionId)
    .where('expires_at', '>', clockNow)
    .executeTakeFirst()
}

/** Takes the form out: it goes on once. */
export async function takeKeptForm(tx: Tx, sessionId: string, id: string) {
  return tx
    .deleteFrom('kept_form')
    .where('id', '=', id)
    .where('session_id', '=', sessionId)
    .where('expires_at', '>', clockNow)
    .returning(['path', 'fields_sealed as fieldsSealed'])
    .executeTakeFirst()
}
