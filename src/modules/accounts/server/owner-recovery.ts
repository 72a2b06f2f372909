import {
  audit,
  isSameText,
  queueMail,
  sha256,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import type { Visitor } from '../types.ts'
import { makeToken, type SealedPassword } from './auth.ts'
import { passwordChangedMail } from './mails/password-changed.ts'
import { startSession, type SessionStart } from './sessions.ts'
import { deleteFactors } from './store.factor.ts'
import { deleteHalfSignIns } from './store.half-sign-in.ts'
import * as members from './store.member.ts'
import * as store from './store.owner-recovery.ts'
import { deleteSessions } from './store.session.ts'

/** Long enough to copy a link from one window to another. */
const linkMinutes = 30

/**
 * Makes the link by which an owner who lost every second factor gets back in, for whoever can run a program on the shop's
 * machine and so owns its data anyway. Nothing changes before it is used. Returns the token for /sign-in/recover/<token>;
 * undefined when the shop has no owner yet.
 */
export async function prepareOwnerRecovery(tx: Tx): Promise<string | undefined> {
  const ownerId = await members.ownerId(tx)
  if (!ownerId) return undefined
  const { token, digest } = makeToken()
  await store.replaceOwnerRecovery(tx, digest, linkMinutes)
  await audit(tx, {
    actor: { kind: 'system' },
    action: 'owner.recovery_link_made',
    subject: { kind: 'member', id: ownerId },
  })
  return token
}

export type RecoveryLink = 'open' | 'used' | 'expired' | 'unknown'

/** How a recovery link stands. Looking at it uses nothing up. */
export async function recoveryLink(db: Db, token: string): Promise<RecoveryLink> {
  return judge(await store.ownerRecovery(db), token)
}

function judge(row: Awaited<ReturnType<typeof store.ownerRecovery>>, token: string): RecoveryLink {
  if (!row || !isSameText(sha256(token), row.tokenDigest)) return 'unknown'
  if (row.usedAt !== null) return 'used'
  return row.isExpired ? 'expired' : 'open'
}

export type OwnerRecovered =
  | { readonly ok: true; readonly session: SessionStart }
  | { readonly ok: false; readonly reason: Exclude<RecoveryLink, 'open'> }

/**
 * Ends all second factors, recovery codes and sessions of the owner, sets a new password and signs in, in one transaction; of
 * two at once the second is told `used`. A mail tells.
 */
export async function recoverOwner(
  tx: Tx,
  recovery: { token: string; password: SealedPassword },
  visitor: Visitor,
): Promise<OwnerRecovered> {
  const link = judge(await store.lockOwnerRecovery(tx), recovery.token)
  if (link !== 'open') return { ok: false, reason: link }
  const ownerId = await members.ownerId(tx)
  const owner = ownerId && (await members.lockMember(tx, ownerId))
  if (!owner) throw new Error('A recovery link is open, but the shop has no owner.')
  await store.markOwnerRecoveryUsed(tx)
  await deleteFactors(tx, owner.id)
  await deleteSessions(tx, owner.id)
  await deleteHalfSignIns(tx, owner.id)
  await members.updateMember(tx, owner.id, { password: recovery.password })
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.id },
    action: 'owner.recovered',
    subject: { kind: 'member', id: owner.id },
  })
  await queueMail(
    tx,
    passwordChangedMail({ changeId: newId(), email: owner.email, isFirst: false }),
  )
  return {
    ok: true,
    session: await startSession(tx, owner, { provenBy: 'recovery', isAnnounced: false }, visitor),
  }
}

/** The owner's address, for the words on the recovery page. */
export async function ownerAddress(db: Db): Promise<string | undefined> {
  const ownerId = await members.ownerId(db)
  return ownerId && (await members.memberById(db, ownerId))?.email
}
