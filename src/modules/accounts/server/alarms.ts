import { newId } from '#modules/platform/ids.ts'
import {
  audit,
  log,
  now,
  queueMail,
  sha256,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { deviceWords } from '../device-words.ts'
import { shortNetwork } from '../network.ts'
import type { Visitor } from '../types.ts'
import { makeToken } from './auth.ts'
import { alarmMail, type Alarm } from './mails/alarm.ts'
import * as store from './store.alarm.ts'
import { deleteEmailChange } from './store.code.ts'
import { deleteFactors } from './store.factor.ts'
import { deleteHalfSignIns } from './store.half-sign-in.ts'
import { dropPassword, lockMember } from './store.member.ts'
import { deleteSessions } from './store.session.ts'

const linkDays = 14
/** Shorter where the link takes a factor away: an old mail must not be a way around it for long. */
const undoDays = 3

/** Tells the member by mail of something that only they should do, with a link that undoes it once. */
export async function raiseAlarm(
  tx: Tx,
  member: { id: string; email: string },
  alarm: Alarm,
  undoesFactors = false,
): Promise<void> {
  const { token, digest } = makeToken()
  const alarmId = newId()
  await store.insertAlarmLink(tx, {
    id: alarmId,
    memberId: member.id,
    digest,
    reason: alarm.reason,
    undoesFactors,
    days: undoesFactors ? undoDays : linkDays,
  })
  await queueMail(tx, alarmMail({ alarmId, email: member.email, token, alarm }))
}

/** Notes the browser that a member signs in with, and writes to the member when it is a strange one. */
export async function noteSignIn(
  tx: Tx,
  member: { id: string; email: string },
  visitor: Visitor,
  isFirstEver: boolean,
): Promise<void> {
  const isNew = await store.noteDevice(tx, member.id, visitor.deviceDigest)
  if (!isNew || isFirstEver) return
  await raiseAlarm(tx, member, {
    reason: 'sign_in',
    device: deviceWords(visitor.userAgent),
    network: shortNetwork(visitor.network),
    at: await now(tx),
  })
}

export type AlarmLink = 'open' | 'used' | 'expired' | 'unknown'

/** How the link of a mail stands. Looking at it changes nothing, however often scanners do. */
export async function alarmLink(db: Db, token: string): Promise<AlarmLink> {
  return judge(await store.alarmLink(db, sha256(token)))
}

function judge(row: Awaited<ReturnType<typeof store.alarmLink>>): AlarmLink {
  if (!row) return 'unknown'
  if (row.usedAt !== null) return 'used'
  return row.isExpired ? 'expired' : 'open'
}

/**
 * "This was not me", pressed on the link's page: ends all sessions and half sign-ins, forgets all devices, the password, and
 * any change of address under way, so that only the mailbox opens the account; a member's first second factor goes too when
 * the mail told of it (the owner's never: see owner-recovery.ts). Works once. Returns the address, to send a code to.
 */
export async function itWasNotMe(
  tx: Tx,
  token: string,
): Promise<
  | { readonly ok: true; readonly email: string }
  | { readonly ok: false; readonly link: Exclude<AlarmLink, 'open'> }
> {
  const row = await store.lockAlarmLink(tx, sha256(token))
  const link = judge(row)
  if (link !== 'open' || !row) return { ok: false, link: link === 'open' ? 'unknown' : link }
  const member = await lockMember(tx, row.memberId)
  if (!member) throw new Error(`The member ${row.memberId} of a live link does not exist.`)
  await store.markAlarmLinkUsed(tx, row.id)
  await deleteSessions(tx, member.id)
  await deleteHalfSignIns(tx, member.id)
  await store.deleteDevices(tx, member.id)
  await deleteEmailChange(tx, member.id)
  await dropPassword(tx, member.id)
  if (row.undoesFactors && member.role === 'member') await deleteFactors(tx, member.id)
  await audit(tx, {
    actor: { kind: member.role, memberId: member.id },
    action: 'member.disowned_sign_in',
    subject: { kind: 'member', id: member.id },
    detail: { factorsRemoved: row.undoesFactors && member.role === 'member' },
  })
  log.warn({ memberId: member.id }, 'a member says it was not them')
  return { ok: true, email: member.email }
}
