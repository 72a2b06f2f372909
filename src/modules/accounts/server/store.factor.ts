import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

const staleMinutes = 30

const totpColumns = [
  'id',
  'secret_sealed as secretSealed',
  'confirmed_at as confirmedAt',
  'last_step as lastStep',
  'last_used_at as lastUsedAt',
  sql<boolean>`confirmed_at is null and created_at < clock_now() - ${sql.lit(staleMinutes)} * interval '1 minute'`.as(
    'isStale',
  ),
] as const

export async function totpOf(db: Db, memberId: string) {
  return db
    .selectFrom('totp_factor')
    .select(totpColumns)
    .where('member_id', '=', memberId)
    .executeTakeFirst()
}

/** Locked: of two tries at once with one code, the second sees that it is used. */
export async function lockTotp(tx: Tx, memberId: string) {
  return tx
    .selectFrom('totp_factor')
    .select(totpColumns)
    .where('member_id', '=', memberId)
    .forUpdate()
    .executeTakeFirst()
}

/** Replaces one that was never confirmed; false when there is one in use. */
export async function insertTotp(
  tx: Tx,
  factor: { id: string; memberId: string; secretSealed: string },
): Promise<boolean> {
  const fresh = { id: factor.id, secret_sealed: factor.secretSealed, created_at: clockNow }
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('totp_factor')
    .values({ member_id: factor.memberId, ...fresh })
    .onConflict((conflict) =>
      conflict.column('member_id').doUpdateSet(fresh).where('totp_factor.confirmed_at', 'is', null),
    )
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Notes the step of a code that was taken; the first one confirms the app. The caller holds lockTotp(). */
export async function useTotpStep(tx: Tx, memberId: string, step: number): Promise<void> {
  await tx
    .updateTable('totp_factor')
    .set({
      last_step: step,
      last_used_at: clockNow,
      confirmed_at: sql<Date>`coalesce(confirmed_at, clock_now())`,
    })
    .where('member_id', '=', memberId)
    .execute()
}

/** Whether there was one in use; one that was never confirmed goes too. */
export async function deleteTotp(tx: Tx, memberId: string): Promise<boolean> {
  const gone = await tx
    .deleteFrom('totp_factor')
    .where('member_id', '=', memberId)
    .returning('confirmed_at')
    .executeTakeFirst()
  return gone?.confirmed_at != null
}

export interface PasskeyRow {
  readonly id: string
  readonly memberId: string
  readonly credentialId: string
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly transports: readonly string[]
  readonly name: string
  readonly addedAt: Date
  readonly lastUsedAt: Date | null
  readonly isBackedUp: boolean
}

const passkeyColumns = [
  'id',
  'member_id as memberId',
  'credential_id as credentialId',
  'public_key as publicKey',
  'counter',
  'transports',
  'name',
  'created_at as addedAt',
  'last_used_at as lastUsedAt',
  'is_backed_up as isBackedUp',
] as const

export async function passkeysOf(db: Db, memberId: string, most: number): Promise<PasskeyRow[]> {
  return db
    .selectFrom('passkey')
    .select(passkeyColumns)
    .where('member_id', '=', memberId)
    .orderBy('created_at')
    .orderBy('id')
    .limit(most)
    .execute()
}

export async function passkeyByCredential(
  db: Db,
  credentialId: string,
): Promise<PasskeyRow | undefined> {
  return db
    .selectFrom('passkey')
    .select(passkeyColumns)
    .where('credential_id', '=', credentialId)
    .executeTakeFirst()
}

/** undefined when this passkey is known already, to this member or another one. */
export async function insertPasskey(
  tx: Tx,
  passkey: {
    memberId: string
    credentialId: string
    publicKey: Uint8Array
    counter: number
    transports: readonly string[]
    mayBeBackedUp: boolean
    isBackedUp: boolean
    name: string
  },
): Promise<string | undefined> {
  const row = await tx
    .insertInto('passkey')
    .values({
      member_id: passkey.memberId,
      credential_id: passkey.credentialId,
      public_key: Buffer.from(passkey.publicKey),
      counter: passkey.counter,
      transports: [...passkey.transports],
      may_be_backed_up: passkey.mayBeBackedUp,
      is_backed_up: passkey.isBackedUp,
      name: passkey.name,
    })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

/**
 * Notes that a passkey signed. false when it is gone, or its counter did not go on meanwhile (it stays 0 with authenticators
 * that do not count): of two answers with the same count, one is a copy's.
 */
export async function usePasskey(
  tx: Tx,
  passkeyId: string,
  signed: { counter: number; isBackedUp: boolean },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkey')
    .set({
      counter: signed.counter,
      is_backed_up: signed.isBackedUp,
      last_used_at: clockNow,
    })
    .where('id', '=', passkeyId)
    .where((where) =>
      where.or([
        where('counter', '<', signed.counter),
        where.and([where('counter', '=', 0), where(where.val(signed.counter), '=', 0)]),
      ]),
    )
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function updatePasskeyName(
  tx: Tx,
  memberId: string,
  passkeyId: string,
  name: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkey')
    .set({ name })
    .where('id', '=', passkeyId)
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Its name, undefined when the member has none of that id. */
export async function deletePasskey(
  tx: Tx,
  memberId: string,
  passkeyId: string,
): Promise<string | undefined> {
  const row = await tx
    .deleteFrom('passkey')
    .where('id', '=', passkeyId)
    .where('member_id', '=', memberId)
    .returning('name')
    .executeTakeFirst()
  return row?.name
}

/** Whether the member has a second factor in use. */
export async function hasFactor(db: Db, memberId: string): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select exists (select from totp_factor where member_id = ${memberId} and confirmed_at is not null)
      or exists (select from passkey where member_id = ${memberId}) as has
  `.execute(db)
  return rows[0]?.has === true
}

/** Apps, passkeys and recovery codes of a member. */
export async function deleteFactors(tx: Tx, memberId: string): Promise<void> {
  await deleteTotp(tx, memberId)
  await tx.deleteFrom('passkey').where('member_id', '=', memberId).execute()
  await deleteRecoveryCodes(tx, memberId)
}

export async function replaceRecoveryCodes(
  tx: Tx,
  memberId: string,
  digests: readonly string[],
): Promise<void> {
  await deleteRecoveryCodes(tx, memberId)
  await tx
    .insertInto('recovery_code')
    .values(digests.map((digest) => ({ member_id: memberId, code_digest: digest })))
    .execute()
}

export async function deleteRecoveryCodes(tx: Tx, memberId: string): Promise<void> {
  await tx.deleteFrom('recovery_code').where('member_id', '=', memberId).execute()
}

/** Of two that use the same code at once, one is told true: the second waits for the row and finds it used. */
export async function useRecoveryCode(tx: Tx, memberId: string, digest: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('recovery_code')
    .set({ used_at: clockNow })
    .where('member_id', '=', memberId)
    .where('code_digest', '=', digest)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function recoveryCodesLeft(db: Db, memberId: string): Promise<number> {
  const row = await db
    .selectFrom('recovery_code')
    .select((select) => select.fn.countAll<number>().as('left'))
    .where('member_id', '=', memberId)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return row?.left ?? 0
}

/** Where an answer to a challenge counts: nowhere else. */
export type ChallengeScope =
  | { readonly purpose: 'sign_in' }
  | { readonly purpose: 'second_step'; readonly memberId: string; readonly halfSignInId: string }
  | {
      readonly purpose: 'proof' | 'register'
      readonly memberId: string
      readonly sessionId: string
    }

function columnsOf(scope: ChallengeScope) {
  return {
    purpose: scope.purpose,
    member_id: 'memberId' in scope ? scope.memberId : null,
    half_sign_in_id: 'halfSignInId' in scope ? scope.halfSignInId : null,
    session_id: 'sessionId' in scope ? scope.sessionId : null,
  }
}

export async function insertChallenge(
  tx: Tx,
  challenge: string,
  scope: ChallengeScope,
): Promise<void> {
  await tx
    .insertInto('passkey_challenge')
    .values({
      challenge,
      ...columnsOf(scope),
      expires_at: sql<Date>`clock_now() + interval '6 minutes'`,
    })
    .execute()
}

/** Takes the challenge out: whatever is answered to it later finds none. Whether it was there, for this scope and in time. */
export async function takeChallenge(
  tx: Tx,
  challenge: string,
  scope: ChallengeScope,
): Promise<boolean> {
  const wanted = columnsOf(scope)
  const taken = await tx
    .deleteFrom('passkey_challenge')
    .where('challenge', '=', challenge)
    .returning([
      'purpose',
      'member_id',
      'half_sign_in_id',
      'session_id',
      sql<boolean>`expires_at > clock_now()`.as('isInTime'),
    ])
    .executeTakeFirst()
  return (
    taken !== undefined &&
    taken.isInTime &&
    taken.purpose === wanted.purpose &&
    taken.member_id === wanted.member_id &&
    taken.half_sign_in_id === wanted.half_sign_in_id &&
    taken.session_id === wanted.session_id
  )
}
