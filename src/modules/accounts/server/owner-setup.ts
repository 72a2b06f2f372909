import { audit, isSameText, sha256, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Visitor } from '../types.ts'
import { makeToken, type SealedPassword } from './auth.ts'
import { claimPurchases } from './customers.ts'
import { startSession, type SessionStart } from './sessions.ts'
import * as members from './store.member.ts'
import * as store from './store.owner-setup.ts'
import { deleteSessions } from './store.session.ts'

/**
 * Makes the one-time link by which the owner takes the shop over, at each start as long as there is no
 * owner; a link of an earlier start is dead from then on. Returns the token for /setup/<token>, to be shown
 * at the console and nowhere else (only its digest is stored); undefined when the shop has an owner.
 */
export async function prepareOwnerSetup(tx: Tx): Promise<string | undefined> {
  if (await members.ownerId(tx)) return undefined
  const { token, digest } = makeToken()
  await store.replaceOwnerSetup(tx, digest)
  return token
}

/** open: may be used; used: was used, the shop has its owner; unknown: never a link, or one that a later start replaced. */
export type SetupLink = 'open' | 'used' | 'unknown'

/** How a set-up link stands. Looking at it uses nothing up. */
export async function setupLink(db: Db, token: string): Promise<SetupLink> {
  return judge(await store.ownerSetup(db), token)
}

function judge(row: Awaited<ReturnType<typeof store.ownerSetup>>, token: string): SetupLink {
  if (!row || !isSameText(sha256(token), row.tokenDigest)) return 'unknown'
  return row.usedAt === null ? 'open' : 'used'
}

export type OwnerCreation =
  | { readonly ok: true; readonly session: SessionStart }
  | { readonly ok: false; readonly reason: 'used' | 'unknown' }

/**
 * Makes the owner and uses the link up, in one transaction; of two at once the second is told `used`. The
 * mailbox counts as proven: who holds the link sits at the console. Where the address already has an account
 * (somebody signed in before the set-up), that account becomes the owner's and its sessions end.
 * email: canonical. name: trimmed, 1 to 120 characters.
 */
export async function createOwner(
  tx: Tx,
  setup: { token: string; name: string; email: string; password: SealedPassword },
  visitor: Visitor,
): Promise<OwnerCreation> {
  const link = judge(await store.lockOwnerSetup(tx), setup.token)
  if (link !== 'open') return { ok: false, reason: link }
  if (await members.ownerId(tx)) return { ok: false, reason: 'used' }
  await store.markOwnerSetupUsed(tx)
  await members.lockAddress(tx, setup.email)
  const ownerId = await ownerAt(tx, setup)
  await claimPurchases(tx, ownerId, setup.email)
  await audit(tx, {
    actor: { kind: 'owner', memberId: ownerId },
    action: 'owner.set_up',
    subject: { kind: 'member', id: ownerId },
  })
  return {
    ok: true,
    session: await startSession(
      tx,
      { id: ownerId, role: 'owner', email: setup.email },
      { provenBy: 'setup', isFirstEver: true },
      visitor,
    ),
  }
}

async function ownerAt(
  tx: Tx,
  setup: { name: string; email: string; password: SealedPassword },
): Promise<string> {
  const { name, email, password } = setup
  const known = await members.memberByEmail(tx, email)
  if (!known) {
    const owner = await members.insertMember(tx, { email, name, password, role: 'owner' })
    return owner.id
  }
  await members.updateMember(tx, known.id, { name, password, role: 'owner' })
  await deleteSessions(tx, known.id)
  return known.id
}
