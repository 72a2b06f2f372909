import { queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { makeCode } from '../one-time-code.ts'
import type { Visitor } from '../types.ts'
import { isPassword } from './auth.ts'
import { codeDigest, judgeCode, type CodeRefusal } from './code-check.ts'
import { claimPurchases } from './customers.ts'
import { signInCodeMail } from './mails/sign-in-code.ts'
import { afterFirstStep, type FirstStep, type HalfSignInStart } from './second-step.ts'
import type { SessionStart } from './sessions.ts'
import * as codes from './store.code.ts'
import * as members from './store.member.ts'

/**
 * Mails a six-digit code to an address, good for 10 minutes; the one it had before is dead. The same for
 * everybody: whether there is an account is known only to who can read the mail.
 * email: canonical. nextPath: where to go afterwards, made by nextPath(). The caller has asked mayAskForCode().
 * Returns the request's id, by which the code page finds it.
 */
export async function requestSignInCode(
  tx: Tx,
  request: { email: string; nextPath: string | undefined },
): Promise<string> {
  const id = newId()
  const code = makeCode()
  await codes.replaceSignInCode(tx, {
    id,
    email: request.email,
    digest: codeDigest('sign-in code', request.email, code),
    nextPath: request.nextPath ?? null,
  })
  await queueMail(tx, signInCodeMail({ requestId: id, email: request.email, code }))
  return id
}

/** What the code page says about a request: where its code went. Reading it uses nothing up. */
export async function signInRequest(
  db: Db,
  requestId: string,
): Promise<
  { readonly email: string; readonly nextPath: string | undefined; isExpired: boolean } | undefined
> {
  const found = isId(requestId) ? await codes.signInCode(db, requestId) : undefined
  return (
    found && {
      email: found.email,
      nextPath: found.nextPath ?? undefined,
      isExpired: found.isExpired,
    }
  )
}

export type SignInByCode =
  | {
      readonly ok: true
      readonly step: 'done'
      readonly session: SessionStart
      /** The account came into being just now. */
      readonly isNew: boolean
      readonly nextPath: string | undefined
    }
  /** The member has a second factor: nothing is open yet. */
  | { readonly ok: true; readonly step: 'second'; readonly half: HalfSignInStart }
  | CodeRefusal

/**
 * Signs in whoever read the code in the mailbox; where the address has no account yet, it comes into being
 * here and nowhere else. In one transaction: code used up, account, purchases of the address claimed, session (or the half
 * of one, for whoever has a second factor).
 * The caller has asked mayTryToSignIn(). Refusals are values and must be committed: wrong tries count.
 */
export async function signInByCode(
  tx: Tx,
  attempt: { requestId: string; code: string },
  visitor: Visitor,
): Promise<SignInByCode> {
  const stored = isId(attempt.requestId)
    ? await codes.lockSignInCode(tx, attempt.requestId)
    : undefined
  const judged = judgeCode(stored, codeDigest('sign-in code', stored?.email ?? '', attempt.code))
  if (!judged.ok || !stored) {
    if (stored && !judged.ok) await countWrongTry(tx, attempt.requestId, judged)
    return judged.ok ? { ok: false, reason: 'unknown' } : judged
  }
  await codes.deleteSignInCode(tx, stored.email)
  await members.lockAddress(tx, stored.email)
  const known = await members.memberByEmail(tx, stored.email)
  const member = known ?? (await members.insertMember(tx, { email: stored.email }))
  await claimPurchases(tx, member.id, member.email)
  const isNew = known === undefined
  const nextPath = stored.nextPath ?? undefined
  const next = await afterFirstStep(
    tx,
    member,
    { provenBy: 'code', nextPath, isFirstEver: isNew },
    visitor,
  )
  return next.step === 'done' ? { ok: true, ...next, isNew, nextPath } : { ok: true, ...next }
}

async function countWrongTry(tx: Tx, requestId: string, refusal: CodeRefusal): Promise<void> {
  const { reason } = refusal
  if (reason === 'wrong' || reason === 'too_many_tries')
    await codes.countWrongSignInCode(tx, requestId)
}

declare const checked: unique symbol

/** Somebody typed the member's password. Made outside a transaction, for checking takes about 100 ms. */
export interface PasswordProof {
  readonly memberId: string
  /** The stored form that was checked: it must still be the same when the session begins. */
  readonly storedHash: string
  readonly [checked]: true
}

/**
 * Checks e-mail and password. undefined for an unknown address, a member without a password and a wrong
 * password alike, after the same work. email: canonical. The caller has asked mayTryToSignIn().
 */
export async function provePassword(
  db: Db,
  attempt: { email: string; password: string },
): Promise<PasswordProof | undefined> {
  const member = await members.memberByEmail(db, attempt.email)
  const isRight = await isPassword(attempt.password, member?.passwordHash)
  if (!isRight || !member?.passwordHash) return undefined
  // The proof: this is the one place where it is made, from the right password.
  return { memberId: member.id, storedHash: member.passwordHash } as PasswordProof
}

/**
 * Begins a session for who typed the password, or the second step. undefined when it was changed in between.
 * nextPath: where to go after a second step, made by nextPath().
 */
export async function signInByPassword(
  tx: Tx,
  proof: PasswordProof,
  visitor: Visitor,
  nextPath?: string,
): Promise<FirstStep | undefined> {
  const member = await members.lockMember(tx, proof.memberId)
  if (!member || member.passwordHash !== proof.storedHash) return undefined
  return afterFirstStep(tx, member, { provenBy: 'password', nextPath, isFirstEver: false }, visitor)
}
