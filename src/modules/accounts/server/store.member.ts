import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { SealedPassword } from './auth.ts'

export interface MemberRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: 'owner' | 'member'
  readonly passwordHash: string | null
  /** The owner's: ask for a fresh proof before refunds, prices and changes of access. */
  readonly asksForProof: boolean
  /** The hint about second factors was put away. */
  readonly isHintClosed: boolean
}

const columns = [
  'id',
  'email',
  'name',
  'role',
  'password_hash as passwordHash',
  'asks_for_proof as asksForProof',
  sql<boolean>`factor_hint_closed_at is not null`.as('isHintClosed'),
] as const

/** The check on the column allows these two only. */
const asMember = (row: {
  [Key in keyof MemberRow]: Key extends 'role' ? string : MemberRow[Key]
}) => row as MemberRow

/**
 * Holds everything that depends on whether an address has an account (account made, guest's customer made or
 * claimed, address changed) until this transaction ends, so that no purchase falls between two of them.
 */
export async function lockAddress(tx: Tx, email: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`address:${email}`}, 0))`.execute(tx)
}

export async function memberByEmail(db: Db, email: string): Promise<MemberRow | undefined> {
  const row = await db
    .selectFrom('member')
    .select(columns)
    .where('email', '=', email)
    .executeTakeFirst()
  return row && asMember(row)
}

export async function memberById(db: Db, memberId: string): Promise<MemberRow | undefined> {
  const row = await db
    .selectFrom('member')
    .select(columns)
    .where('id', '=', memberId)
    .executeTakeFirst()
  return row && asMember(row)
}

/** The member, locked until the transaction ends: one change of a person at a time. */
export async function lockMember(tx: Tx, memberId: string): Promise<MemberRow | undefined> {
  const row = await tx
    .selectFrom('member')
    .select(columns)
    .where('id', '=', memberId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row && asMember(row)
}

/** The caller holds lockAddress() and has proof of the mailbox. */
export async function insertMember(
  tx: Tx,
  member: {
    email: string
    name?: string
    role?: 'owner' | 'member'
    password?: SealedPassword
  },
): Promise<MemberRow> {
  const row = await tx
    .insertInto('member')
    .values({
      email: member.email,
      name: member.name ?? '',
      role: member.role ?? 'member',
      password_hash: member.password ?? null,
      password_set_at: member.password ? clockNow : null,
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
  return asMember(row)
}

export async function ownerId(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('member')
    .select('id')
    .where('role', '=', 'owner')
    .executeTakeFirst()
  return row?.id
}

export async function setProofWish(tx: Tx, memberId: string, isWished: boolean): Promise<void> {
  await tx
    .updateTable('member')
    .set({ asks_for_proof: isWished })
    .where('id', '=', memberId)
    .execute()
}

export async function closeFactorHint(tx: Tx, memberId: string): Promise<void> {
  await tx
    .updateTable('member')
    .set({ factor_hint_closed_at: clockNow })
    .where('id', '=', memberId)
    .execute()
}

/** From now on the member signs in by code, until a password is set again. */
export async function dropPassword(tx: Tx, memberId: string): Promise<void> {
  await tx
    .updateTable('member')
    .set({ password_hash: null, password_set_at: null, updated_at: clockNow })
    .where('id', '=', memberId)
    .execute()
}

export async function updateMember(
  tx: Tx,
  memberId: string,
  change: {
    email?: string
    name?: string
    role?: 'owner'
    password?: SealedPassword
    avatarId?: string | null
  },
): Promise<void> {
  await tx
    .updateTable('member')
    .set({
      ...(change.email === undefined ? {} : { email: change.email }),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.role === undefined ? {} : { role: change.role }),
      ...(change.avatarId === undefined ? {} : { avatar_id: change.avatarId }),
      ...(change.password === undefined
        ? {}
        : { password_hash: change.password, password_set_at: clockNow }),
      updated_at: clockNow,
    })
    .where('id', '=', memberId)
    .execute()
}

/** With everything that refers to the member and goes with it. Never the owner. */
export async function deleteMember(tx: Tx, memberId: string): Promise<void> {
  await tx.deleteFrom('member').where('id', '=', memberId).where('role', '<>', 'owner').execute()
}
