import { newId } from '#modules/platform/ids.ts'
import { audit, realSeconds, seal, type Db, type Tx } from '#modules/platform/server/index.ts'
import { readCode } from '../one-time-code.ts'
import { makeRecoveryCodes, readRecoveryCode } from '../recovery-codes.ts'
import type { Factors, MemberActor } from '../types.ts'
import { raiseAlarm } from './alarms.ts'
import { recoveryDigest, totpPurpose, totpSecret } from './factor-proof.ts'
import type { FreshProof } from './fresh-proof.ts'
import { mostPasskeys } from './passkeys.ts'
import * as store from './store.factor.ts'
import { noteFactorProof } from './store.fresh-proof.ts'
import * as members from './store.member.ts'
import { lockMember, memberById, setProofWish, type MemberRow } from './store.member.ts'
import { inGroups, judgeTotp, makeTotpSecret, squarePicture, totpAddress } from './totp.ts'
import type { NewPasskey } from './webauthn.ts'

type Proof = FreshProof<'factors'>

/** What protects the member's account beside password and mailbox. */
export async function factorsOf(db: Db, actor: MemberActor): Promise<Factors> {
  const [app, passkeys, codesLeft] = await Promise.all([
    store.totpOf(db, actor.memberId),
    store.passkeysOf(db, actor.memberId, mostPasskeys),
    store.recoveryCodesLeft(db, actor.memberId),
  ])
  return {
    app: app?.confirmedAt
      ? { addedAt: app.confirmedAt, lastUsedAt: app.lastUsedAt ?? undefined }
      : undefined,
    passkeys: passkeys.map(({ id, name, addedAt, lastUsedAt, isBackedUp }) => ({
      id,
      name,
      addedAt,
      lastUsedAt: lastUsedAt ?? undefined,
      isBackedUp,
    })),
    codesLeft,
  }
}

/** Makes a secret for an authenticator app; it counts once a code confirmed it. false: an app is in use already. */
export async function beginApp(tx: Tx, { actor }: Proof): Promise<boolean> {
  const id = newId()
  return store.insertTotp(tx, {
    id,
    memberId: actor.memberId,
    secretSealed: seal(totpPurpose(id), makeTotpSecret()),
  })
}

/** What the member's app has to be told: as a square picture and as letters in groups. */
export interface PendingApp {
  readonly address: string
  readonly picture: { readonly path: string; readonly size: number }
  readonly secret: string
}

/** undefined when none was begun in the last half hour. */
export async function pendingApp(
  db: Db,
  { actor }: Proof,
  shopName: string,
): Promise<PendingApp | undefined> {
  const stored = await store.totpOf(db, actor.memberId)
  if (!stored || stored.confirmedAt || stored.isStale) return undefined
  const secret = totpSecret(stored)
  if (secret === undefined) return undefined
  const address = totpAddress(secret, shopName, actor.email)
  return { address, picture: squarePicture(address), secret: inGroups(secret) }
}

/** recoveryCodes: with the first factor; to be shown once, now. */
export type FactorAdded = {
  readonly ok: true
  readonly recoveryCodes: readonly string[] | undefined
}

/** Confirms the app by a code of it. gone: begin again. The caller has asked mayTrySecondFactor(). */
export async function confirmApp(
  tx: Tx,
  { actor }: Proof,
  code: string,
): Promise<FactorAdded | { readonly ok: false; readonly reason: 'wrong' | 'gone' }> {
  const member = await lockedMember(tx, actor)
  const stored = await store.lockTotp(tx, member.id)
  const secret = stored && !stored.confirmedAt && !stored.isStale ? totpSecret(stored) : undefined
  if (!stored || secret === undefined) return { ok: false, reason: 'gone' }
  const judged = judgeTotp(
    readCode(code) ?? '',
    { secret, lastStep: stored.lastStep },
    await realSeconds(tx),
  )
  if (!judged.ok) return { ok: false, reason: 'wrong' }
  const isFirst = !(await store.hasFactor(tx, member.id))
  await store.useTotpStep(tx, member.id, judged.step)
  return added(tx, member, actor, 'an authenticator app', isFirst)
}

/** name: one line, 1 to 60 characters. known: this passkey is in use already. */
export async function addPasskey(
  tx: Tx,
  { actor }: Proof,
  passkey: NewPasskey,
  name: string,
): Promise<FactorAdded | { readonly ok: false; readonly reason: 'known' | 'too_many' }> {
  const member = await lockedMember(tx, actor)
  const isFirst = !(await store.hasFactor(tx, member.id))
  if ((await store.passkeysOf(tx, member.id, mostPasskeys)).length >= mostPasskeys)
    return { ok: false, reason: 'too_many' }
  const id = await store.insertPasskey(tx, { memberId: member.id, ...passkey, name })
  if (!id) return { ok: false, reason: 'known' }
  return added(tx, member, actor, `the passkey “${name}”`, isFirst)
}

async function added(
  tx: Tx,
  member: MemberRow,
  actor: MemberActor,
  what: string,
  isFirst: boolean,
): Promise<FactorAdded> {
  // Setting it up was proof of having it.
  await noteFactorProof(tx, actor.sessionId)
  await note(tx, member, 'member.factor_added', what)
  await raiseAlarm(
    tx,
    member,
    { reason: 'factor_added', what },
    isFirst && member.role === 'member',
  )
  return { ok: true, recoveryCodes: isFirst ? await freshCodes(tx, member.id) : undefined }
}

/** Whether there was one. */
export async function removeApp(tx: Tx, { actor }: Proof): Promise<boolean> {
  const member = await lockedMember(tx, actor)
  if (!(await store.deleteTotp(tx, member.id))) return false
  await removed(tx, member, 'the authenticator app')
  return true
}

/** Whether the member had one of that id. */
export async function removePasskey(tx: Tx, { actor }: Proof, passkeyId: string): Promise<boolean> {
  const member = await lockedMember(tx, actor)
  const name = await store.deletePasskey(tx, member.id, passkeyId)
  if (name === undefined) return false
  await removed(tx, member, `the passkey “${name}”`)
  return true
}

async function removed(tx: Tx, member: MemberRow, what: string): Promise<void> {
  // Recovery codes stand in for a factor; without one there is nothing to stand in for.
  if (!(await store.hasFactor(tx, member.id))) await store.deleteRecoveryCodes(tx, member.id)
  await note(tx, member, 'member.factor_removed', what)
  await raiseAlarm(tx, member, { reason: 'factor_removed', what })
}

/** name: one line, 1 to 60 characters. Whether the member has one of that id. */
export async function renamePasskey(
  tx: Tx,
  actor: MemberActor,
  passkeyId: string,
  name: string,
): Promise<boolean> {
  return store.updatePasskeyName(tx, actor.memberId, passkeyId, name)
}

/** Ten new recovery codes, to be shown once; the old ones are dead. undefined without a second factor. */
export async function renewRecoveryCodes(
  tx: Tx,
  { actor }: Proof,
): Promise<readonly string[] | undefined> {
  const member = await lockedMember(tx, actor)
  if (!(await store.hasFactor(tx, member.id))) return undefined
  const codes = await freshCodes(tx, member.id)
  await note(tx, member, 'member.recovery_codes_replaced')
  await raiseAlarm(tx, member, { reason: 'recovery_replaced' })
  return codes
}

async function freshCodes(tx: Tx, memberId: string): Promise<readonly string[]> {
  const codes = makeRecoveryCodes()
  const digests = codes.map((code) => recoveryDigest(memberId, readRecoveryCode(code) ?? code))
  await store.replaceRecoveryCodes(tx, memberId, digests)
  return codes
}

/** The owner's wish: a fresh proof before refunds, prices and changes of access, or not. */
export async function askForProof(tx: Tx, { actor }: Proof, isWished: boolean): Promise<void> {
  const member = await lockedMember(tx, actor)
  await setProofWish(tx, member.id, isWished)
  await note(tx, member, isWished ? 'member.proof_asked' : 'member.proof_not_asked')
}

/** Whether the owner wants to be asked before refunds, prices and changes of access, once there is a second factor. */
export async function proofWish(db: Db, actor: MemberActor): Promise<boolean> {
  return (await memberById(db, actor.memberId))?.asksForProof ?? true
}

/** Puts the hint of showsFactorHint() away for good. */
export async function closeFactorHint(tx: Tx, actor: MemberActor): Promise<void> {
  await members.closeFactorHint(tx, actor.memberId)
}

/** Whether the owner should be told about second factors: has none, and has not put the hint away. */
export async function showsFactorHint(db: Db, actor: MemberActor): Promise<boolean> {
  if (actor.kind !== 'owner') return false
  const member = await memberById(db, actor.memberId)
  return (
    member !== undefined && !member.isHintClosed && !(await store.hasFactor(db, actor.memberId))
  )
}

async function lockedMember(tx: Tx, actor: MemberActor): Promise<MemberRow> {
  const member = await lockMember(tx, actor.memberId)
  if (!member) throw new Error(`The member ${actor.memberId} of a live session does not exist.`)
  return member
}

async function note(tx: Tx, member: MemberRow, action: string, what?: string): Promise<void> {
  await audit(tx, {
    actor: { kind: member.role, memberId: member.id },
    action,
    subject: { kind: 'member', id: member.id },
    ...(what === undefined ? {} : { detail: { what } }),
  })
}
