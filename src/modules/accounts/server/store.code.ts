import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import { codeMinutes } from '../one-time-code.ts'

const codeEnd = sql<Date>`clock_now() + ${sql.lit(codeMinutes)} * interval '1 minute'`

export interface StoredCode {
  readonly digest: string
  readonly wrongTries: number
  readonly isExpired: boolean
}

export interface StoredSignInCode extends StoredCode {
  readonly email: string
  readonly nextPath: string | null
}

const codeColumns = [
  'code_digest as digest',
  'wrong_tries as wrongTries',
  sql<boolean>`expires_at <= clock_now()`.as('isExpired'),
] as const

/** Replaces whatever code the address had. */
export async function replaceSignInCode(
  tx: Tx,
  code: { id: string; email: string; digest: string; nextPath: string | null },
): Promise<void> {
  const fresh = {
    id: code.id,
    code_digest: code.digest,
    wrong_tries: 0,
    next_path: code.nextPath,
    expires_at: codeEnd,
    created_at: clockNow,
  }
  await tx
    .insertInto('sign_in_code')
    .values({ email: code.email, ...fresh })
    .onConflict((conflict) => conflict.column('email').doUpdateSet(fresh))
    .execute()
}

export async function signInCode(db: Db, id: string): Promise<StoredSignInCode | undefined> {
  return db
    .selectFrom('sign_in_code')
    .select(['email', 'next_path as nextPath', ...codeColumns])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** The code, locked: of two that press at once, the second sees what the first left. */
export async function lockSignInCode(tx: Tx, id: string): Promise<StoredSignInCode | undefined> {
  return tx
    .selectFrom('sign_in_code')
    .select(['email', 'next_path as nextPath', ...codeColumns])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

export async function countWrongSignInCode(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('sign_in_code')
    .set({ wrong_tries: sql<number>`wrong_tries + 1` })
    .where('id', '=', id)
    .execute()
}

export async function deleteSignInCode(tx: Tx, email: string): Promise<void> {
  await tx.deleteFrom('sign_in_code').where('email', '=', email).execute()
}

export interface StoredEmailChange extends StoredCode {
  readonly newEmail: string
}

/** Replaces whatever change the member had asked for before. */
export async function replaceEmailChange(
  tx: Tx,
  change: { id: string; memberId: string; newEmail: string; digest: string },
): Promise<void> {
  const fresh = {
    id: change.id,
    new_email: change.newEmail,
    code_digest: change.digest,
    wrong_tries: 0,
    expires_at: codeEnd,
    created_at: clockNow,
  }
  await tx
    .insertInto('email_change')
    .values({ member_id: change.memberId, ...fresh })
    .onConflict((conflict) => conflict.column('member_id').doUpdateSet(fresh))
    .execute()
}

export async function emailChange(
  db: Db,
  memberId: string,
): Promise<StoredEmailChange | undefined> {
  return db
    .selectFrom('email_change')
    .select(['new_email as newEmail', ...codeColumns])
    .where('member_id', '=', memberId)
    .executeTakeFirst()
}

export async function lockEmailChange(
  tx: Tx,
  memberId: string,
): Promise<StoredEmailChange | undefined> {
  return tx
    .selectFrom('email_change')
    .select(['new_email as newEmail', ...codeColumns])
    .where('member_id', '=', memberId)
    .forUpdate()
    .executeTakeFirst()
}

export async function countWrongEmailChange(tx: Tx, memberId: string): Promise<void> {
  await tx
    .updateTable('email_change')
    .set({ wrong_tries: sql<number>`wrong_tries + 1` })
    .where('member_id', '=', memberId)
    .execute()
}

export async function deleteEmailChange(tx: Tx, memberId: string): Promise<void> {
  await tx.deleteFrom('email_change').where('member_id', '=', memberId).execute()
}
