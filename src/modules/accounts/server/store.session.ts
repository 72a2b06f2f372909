import { sql, type RawBuilder } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Visitor } from '../types.ts'
import { sessionDays } from './session-cookie.ts'

export type ProvenBy = 'code' | 'password' | 'setup' | 'passkey' | 'recovery'

let owesPayment: (memberId: RawBuilder<string>) => RawBuilder<boolean> = () => sql`false`

/** What tells whether a member may owe a payment: an expression over their id that costs an index look-up at most. */
export function provideOwing(expression: typeof owesPayment): void {
  owesPayment = expression
}

/** The live session of a token and whose it is: one look-up by a unique index. */
export async function sessionByDigest(db: Db, digest: string) {
  const { rows } = await sql<{
    id: string
    memberId: string
    email: string
    name: string
    role: 'owner' | 'member'
    avatarId: string | null
    isDue: boolean
    mayOwe: boolean
  }>`
    select s.id, s.member_id as "memberId", m.email, m.name, m.role, m.avatar_id as "avatarId",
      s.renewed_at < clock_now() - interval '1 day' as "isDue", ${owesPayment(sql`m.id`)} as "mayOwe"
    from member_session s join member m on m.id = s.member_id
    where s.token_sha256 = ${digest} and s.expires_at > clock_now()
  `.execute(db)
  return rows[0]
}

/** Safe when two requests do it at once: the second finds it renewed. */
export async function renewSession(db: Db, sessionId: string): Promise<void> {
  await db
    .updateTable('member_session')
    .set({ renewed_at: clockNow, expires_at: sessionEnd })
    .where('id', '=', sessionId)
    .where('renewed_at', '<', sql<Date>`clock_now() - interval '1 day'`)
    .execute()
}

export async function prolongSession(
  tx: Tx,
  sessionId: string,
  milliseconds: number,
): Promise<void> {
  await tx
    .updateTable('member_session')
    .set({ expires_at: sql<Date>`expires_at + ${milliseconds} * interval '1 millisecond'` })
    .where('id', '=', sessionId)
    .execute()
}

export async function insertSession(
  tx: Tx,
  session: {
    memberId: string
    digest: string
    provenBy: ProvenBy
    byFactor: boolean
    visitor: Visitor
  },
): Promise<string> {
  const { id } = await tx
    .insertInto('member_session')
    .values({
      member_id: session.memberId,
      token_sha256: session.digest,
      proven_by: session.provenBy,
      proven_at: clockNow,
      factor_proven_at: session.byFactor ? clockNow : null,
      network: session.visitor.network.slice(0, 60) || null,
      user_agent: session.visitor.userAgent?.slice(0, 400) || null,
      expires_at: sessionEnd,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

const sessionEnd = sql<Date>`clock_now() + ${sql.lit(sessionDays)} * interval '1 day'`

export async function deleteSessionByDigest(tx: Tx, digest: string): Promise<void> {
  await tx.deleteFrom('member_session').where('token_sha256', '=', digest).execute()
}

/** Ends one session, if it is this member's. */
export async function deleteSession(tx: Tx, memberId: string, sessionId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('member_session')
    .where('id', '=', sessionId)
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Ends all sessions of a member, but for one that is to be kept. Returns how many. */
export async function deleteSessions(tx: Tx, memberId: string, keptId?: string): Promise<number> {
  let query = tx.deleteFrom('member_session').where('member_id', '=', memberId)
  if (keptId) query = query.where('id', '<>', keptId)
  const { numDeletedRows } = await query.executeTakeFirst()
  return Number(numDeletedRows)
}

/** Live sessions, the newest first. */
export async function sessionsOf(db: Db, memberId: string, most: number) {
  return db
    .selectFrom('member_session')
    .select([
      'id',
      'network',
      'user_agent as userAgent',
      'created_at as startedAt',
      'renewed_at as lastSeenAt',
    ])
    .where('member_id', '=', memberId)
    .where('expires_at', '>', clockNow)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(most)
    .execute()
}

/** Whether the session began with a mailed code at most this many minutes ago. */
export async function isFreshlyProvenByCode(
  db: Db,
  sessionId: string,
  minutes: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('member_session')
    .select('id')
    .where('id', '=', sessionId)
    .where('proven_by', '=', 'code')
    .where('created_at', '>', sql<Date>`clock_now() - ${minutes} * interval '1 minute'`)
    .executeTakeFirst()
  return row !== undefined
}
