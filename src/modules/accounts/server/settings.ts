import { newId } from '#modules/platform/ids.ts'
import { audit, queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import { makeCode } from '../one-time-code.ts'
import type { MemberActor, Visitor } from '../types.ts'
import { isPassword, type SealedPassword } from './auth.ts'
import { codeDigest, judgeCode, type CodeRefusal } from './code-check.ts'
import { claimPurchases } from './customers.ts'
import { addressChangedMail } from './mails/address-changed.ts'
import { addressCodeMail } from './mails/address-code.ts'
import { passwordChangedMail } from './mails/password-changed.ts'
import { startSession, type SessionStart } from './sessions.ts'
import * as codes from './store.code.ts'
import { moveCustomersToAddress } from './store.customer.ts'
import { deleteHalfSignIns } from './store.half-sign-in.ts'
import * as members from './store.member.ts'
import { deleteSessions, isFreshlyProvenByCode, type ProvenBy } from './store.session.ts'

/** For so long after signing in with a code, the old password is not asked for: that is how a forgotten one is replaced. */
const freshMinutes = 15

/** What the settings page needs to know beside the actor. */
export interface AccountSettings {
  readonly hasPassword: boolean
  /** Password and address may be changed only with the password; false: there is none, or a code was typed just now. */
  readonly asksForPassword: boolean
  /** A change of address waits for its code. */
  readonly pendingEmail: string | undefined
}

export async function accountSettings(db: Db, actor: MemberActor): Promise<AccountSettings> {
  const member = await members.memberById(db, actor.memberId)
  const hasPassword = member?.passwordHash != null
  const pending = await codes.emailChange(db, actor.memberId)
  return {
    hasPassword,
    asksForPassword:
      hasPassword && !(await isFreshlyProvenByCode(db, actor.sessionId, freshMinutes)),
    pendingEmail: pending && !pending.isExpired ? pending.newEmail : undefined,
  }
}

/** name: trimmed, at most 120 characters, '' to take it back. */
export async function rename(tx: Tx, actor: MemberActor, name: string): Promise<void> {
  await members.updateMember(tx, actor.memberId, { name })
}

declare const confirmed: unique symbol

/**
 * Proof that the person at the session is its member: the password, or a code a moment ago. Made outside a
 * transaction; storedHash must still be the same when it is used.
 */
export interface Confirmation {
  readonly memberId: string
  readonly storedHash: string | null
  readonly [confirmed]: true
}

/**
 * Asks who changes password or address to prove it once more, so that a borrowed or stolen session cannot
 * take the account away. A member without a password, or with a code typed at most 15 minutes ago, needs none.
 * undefined: the password is missing or wrong. The caller has asked mayTryToSignIn().
 */
export async function confirmItIsMe(
  db: Db,
  actor: MemberActor,
  password: string,
): Promise<Confirmation | undefined> {
  const member = await members.memberById(db, actor.memberId)
  if (!member) return undefined
  const needsNone =
    member.passwordHash === null || (await isFreshlyProvenByCode(db, actor.sessionId, freshMinutes))
  if (!needsNone && !(await isPassword(password, member.passwordHash))) return undefined
  // The proof: this is the one place where it is made.
  return { memberId: member.id, storedHash: member.passwordHash } as Confirmation
}

/**
 * Sets or changes the password. All sessions end, and one begins anew for who changed it; a mail tells.
 * undefined when the password was changed by somebody else in the meantime.
 */
export async function changePassword(
  tx: Tx,
  confirmation: Confirmation,
  password: SealedPassword,
  visitor: Visitor,
): Promise<SessionStart | undefined> {
  const member = await confirmedMember(tx, confirmation)
  if (!member) return undefined
  await members.updateMember(tx, member.id, { password })
  await audit(tx, {
    actor: { kind: member.role, memberId: member.id },
    action: member.passwordHash === null ? 'member.password_set' : 'member.password_changed',
    subject: { kind: 'member', id: member.id },
  })
  await queueMail(
    tx,
    passwordChangedMail({
      changeId: newId(),
      email: member.email,
      isFirst: member.passwordHash === null,
    }),
  )
  return restartSessions(tx, member, 'password', visitor)
}

/**
 * Mails a code to the address the member wants to be reached at; nothing changes before it is typed. The
 * answer is the same whether somebody has an account there or not. newEmail: canonical, not the present one.
 * false when the password was changed in the meantime. The caller has asked mayAskForCode(newEmail).
 */
export async function requestEmailChange(
  tx: Tx,
  confirmation: Confirmation,
  newEmail: string,
): Promise<boolean> {
  const member = await confirmedMember(tx, confirmation)
  if (!member) return false
  const changeId = newId()
  const code = makeCode()
  await codes.replaceEmailChange(tx, {
    id: changeId,
    memberId: member.id,
    newEmail,
    digest: codeDigest('address code', newEmail, code),
  })
  await queueMail(tx, addressCodeMail({ changeId, newEmail, code }))
  return true
}

/** Takes the wish back. */
export async function dropEmailChange(tx: Tx, actor: MemberActor): Promise<void> {
  await codes.deleteEmailChange(tx, actor.memberId)
}

export type EmailChange =
  | { readonly ok: true; readonly session: SessionStart }
  | CodeRefusal
  /** Another account has this address; told only now that its mailbox is proven. */
  | { readonly ok: false; readonly reason: 'taken' }

/**
 * Changes the member's address with the code that was sent to the new one. In one transaction: the address,
 * that of the member's customers (receipts follow), purchases of guests at the new address claimed, notice to
 * the old address, codes sent there dead, all sessions ended and one begun anew.
 * Refusals are values and must be committed: wrong tries count.
 */
export async function changeEmail(
  tx: Tx,
  actor: MemberActor,
  code: string,
  visitor: Visitor,
): Promise<EmailChange> {
  const wish = await codes.lockEmailChange(tx, actor.memberId)
  const judged = judgeCode(wish, codeDigest('address code', wish?.newEmail ?? '', code))
  if (!judged.ok || !wish) {
    if (judged.ok) return { ok: false, reason: 'unknown' }
    if (judged.reason === 'wrong' || judged.reason === 'too_many_tries')
      await codes.countWrongEmailChange(tx, actor.memberId)
    return judged
  }
  await codes.deleteEmailChange(tx, actor.memberId)
  // Codes before addresses before members: the order in which signing in takes its locks, too.
  await codes.deleteSignInCode(tx, actor.email)
  await members.lockAddress(tx, wish.newEmail)
  const member = await members.lockMember(tx, actor.memberId)
  if (!member) throw new Error(`The member ${actor.memberId} of a live session does not exist.`)
  const holder = await members.memberByEmail(tx, wish.newEmail)
  if (holder) return { ok: false, reason: 'taken' }

  await members.updateMember(tx, member.id, { email: wish.newEmail })
  await moveCustomersToAddress(tx, member.id, wish.newEmail)
  await claimPurchases(tx, member.id, wish.newEmail)
  await audit(tx, {
    actor: { kind: member.role, memberId: member.id },
    action: 'member.address_changed',
    subject: { kind: 'member', id: member.id },
  })
  await queueMail(
    tx,
    addressChangedMail({ changeId: newId(), oldEmail: member.email, newEmail: wish.newEmail }),
  )
  return { ok: true, session: await restartSessions(tx, member, 'code', visitor) }
}

async function confirmedMember(tx: Tx, confirmation: Confirmation) {
  const member = await members.lockMember(tx, confirmation.memberId)
  return member?.passwordHash === confirmation.storedHash ? member : undefined
}

async function restartSessions(
  tx: Tx,
  member: members.MemberRow,
  provenBy: ProvenBy,
  visitor: Visitor,
): Promise<SessionStart> {
  await deleteSessions(tx, member.id)
  await deleteHalfSignIns(tx, member.id)
  return startSession(tx, member, { provenBy, isAnnounced: false }, visitor)
}
