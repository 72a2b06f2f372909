import { type Db, type Tx } from '#modules/platform/server/index.ts'
import { wrongTriesAllowed } from '../one-time-code.ts'
import type { Visitor } from '../types.ts'
import { makeToken } from './auth.ts'
import { proveFactor, type FactorTry } from './factor-proof.ts'
import { usePasskeyProof, type PasskeyProof } from './passkeys.ts'
import { clearHalfCookie, readHalfCookie, type CookieJar } from './session-cookie.ts'
import { startSession, type SessionStart } from './sessions.ts'
import { hasFactor, passkeysOf, recoveryCodesLeft, totpOf } from './store.factor.ts'
import * as store from './store.half-sign-in.ts'
import { lockMember, memberById, type MemberRow } from './store.member.ts'

/** The first step is done and the second is owed: hand the token to writeHalfCookie() once the transaction is committed. */
export interface HalfSignInStart {
  readonly memberId: string
  readonly token: string
}

/** What a right code or password leads to: a session, or half of one for whoever has a second factor. */
export type FirstStep =
  | { readonly step: 'done'; readonly session: SessionStart }
  | { readonly step: 'second'; readonly half: HalfSignInStart }

/** Begins a session for who did the first step, or the second step. Whoever calls has proven the first. */
export async function afterFirstStep(
  tx: Tx,
  member: MemberRow,
  first: { provenBy: 'code' | 'password'; nextPath: string | undefined; isFirstEver: boolean },
  visitor: Visitor,
): Promise<FirstStep> {
  if (!(await hasFactor(tx, member.id))) {
    const { provenBy, isFirstEver } = first
    return {
      step: 'done',
      session: await startSession(tx, member, { provenBy, isFirstEver }, visitor),
    }
  }
  const { token, digest } = makeToken()
  await store.insertHalfSignIn(tx, { memberId: member.id, digest, ...first })
  return { step: 'second', half: { memberId: member.id, token } }
}

/** Who owes the second step, and how they may do it. */
export interface HalfSignIn {
  readonly id: string
  readonly memberId: string
  readonly email: string
  readonly hasApp: boolean
  readonly hasPasskeys: boolean
  readonly hasRecoveryCodes: boolean
}

/** The half sign-in of the cookie; undefined when there is none, it is older than ten minutes or was tried too often. */
export async function halfSignIn(db: Db, cookies: CookieJar): Promise<HalfSignIn | undefined> {
  const digest = readHalfCookie(cookies)
  const half = digest && (await store.halfSignIn(db, digest))
  if (!half || half.wrongTries >= wrongTriesAllowed) return undefined
  const [app, passkeys, codesLeft] = await Promise.all([
    totpOf(db, half.memberId),
    passkeysOf(db, half.memberId, 1),
    recoveryCodesLeft(db, half.memberId),
  ])
  return {
    id: half.id,
    memberId: half.memberId,
    email: half.email,
    hasApp: app?.confirmedAt != null,
    hasPasskeys: passkeys.length > 0,
    hasRecoveryCodes: codesLeft > 0,
  }
}

export type SecondStep =
  | { readonly ok: true; readonly session: SessionStart; readonly nextPath: string | undefined }
  /** gone: none, over, or tried too often: the first step has to be done again. */
  | { readonly ok: false; readonly reason: 'gone' }
  | {
      readonly ok: false
      readonly reason: 'wrong' | 'used' | 'unread'
      readonly triesLeft: number
    }

/**
 * The second step: ends the half sign-in and begins the session, in one transaction. Refusals are values and must be
 * committed: wrong tries count, five end it. The caller has asked mayTrySecondFactor().
 */
export async function doSecondStep(
  tx: Tx,
  cookies: CookieJar,
  tried: FactorTry,
  visitor: Visitor,
): Promise<SecondStep> {
  const digest = readHalfCookie(cookies)
  const half = digest ? await store.lockHalfSignIn(tx, digest) : undefined
  if (!half || half.wrongTries >= wrongTriesAllowed) return { ok: false, reason: 'gone' }
  const member = await memberById(tx, half.memberId)
  if (!member) return { ok: false, reason: 'gone' }
  if ('passkey' in tried && !isForHalf(tried.passkey, half.id)) return { ok: false, reason: 'gone' }
  const result = await proveFactor(tx, member, tried)
  if (!result.ok) {
    if (result.reason !== 'unread') await store.countWrongSecondStep(tx, half.id)
    const tries = half.wrongTries + (result.reason === 'unread' ? 0 : 1)
    const triesLeft = wrongTriesAllowed - tries
    return triesLeft > 0
      ? { ok: false, reason: result.reason, triesLeft }
      : { ok: false, reason: 'gone' }
  }
  await store.deleteHalfSignIn(tx, half.id)
  // The check on the column allows these two only.
  const provenBy = half.provenBy as 'code' | 'password'
  return {
    ok: true,
    session: await startSession(tx, member, { provenBy, byFactor: true }, visitor),
    nextPath: half.nextPath ?? undefined,
  }
}

function isForHalf({ scope }: PasskeyProof, halfSignInId: string): boolean {
  return scope.purpose === 'second_step' && scope.halfSignInId === halfSignInId
}

/** Gives the half sign-in up. */
export async function dropHalfSignIn(tx: Tx, cookies: CookieJar): Promise<void> {
  const digest = readHalfCookie(cookies)
  const half = digest ? await store.lockHalfSignIn(tx, digest) : undefined
  if (half) await store.deleteHalfSignIn(tx, half.id)
  clearHalfCookie(cookies)
}

/**
 * Signs in with a passkey alone: it is something one has, opened by something one is or knows, so no second step follows.
 * undefined when the passkey was removed or used with the same count in the meantime, or signed for something else.
 */
export async function signInByPasskey(
  tx: Tx,
  proof: PasskeyProof,
  visitor: Visitor,
): Promise<SessionStart | undefined> {
  if (proof.scope.purpose !== 'sign_in') return undefined
  const member = await lockMember(tx, proof.memberId)
  if (!member || !(await usePasskeyProof(tx, proof))) return undefined
  return startSession(tx, member, { provenBy: 'passkey', byFactor: true }, visitor)
}
