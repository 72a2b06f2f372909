import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import {
  audit,
  isSigned,
  now,
  runtime,
  sign,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import type { Reader } from '../types.ts'
import {
  findNewsletterReader,
  mailReader,
  readerAt,
  writeLeft,
  writeNewsletterReader,
  type AskedWhere,
  type LeftBy,
  type NewsletterRow,
} from './store.newsletter.ts'

const leaving = 'newsletter leave'
const picture = 'post mail'
const preview = 'preview of a post mail'

/** Whether a member has posts by mail: what they agreed to and when, or how it ended; undefined for who never asked. */
export function newsletterOf(db: Db, member: MemberActor): Promise<NewsletterRow | undefined> {
  return findNewsletterReader(db, member.memberId)
}

/** A member asks for posts by mail. wording: what stood beside the tick, kept with the moment. */
export async function joinNewsletter(
  tx: Tx,
  member: MemberActor,
  asked: { readonly wording: string; readonly where: AskedWhere },
): Promise<void> {
  await writeNewsletterReader(tx, member.memberId, asked)
}

/** A member stops it, signed in. */
export async function leaveNewsletter(tx: Tx, member: MemberActor): Promise<void> {
  await writeLeft(tx, member.memberId, 'settings')
}

/** The address at which this member stops posts by mail, without signing in. It goes on working: mails are kept for years. */
export function leaveUrl(memberId: string): string {
  return `${runtime().settings.origin}/newsletter/leave/${memberId}.${sign(leaving, memberId)}`
}

/** Whose key this is; undefined for one that was never given out. */
export function memberOfLeaveKey(key: string): string | undefined {
  return signedMember(key, leaving)
}

/** Stops it by the link of a mail. Returns whether they had posts by mail until now. */
export function leaveByKey(tx: Tx, memberId: string, by: 'link' | 'one_click'): Promise<boolean> {
  return writeLeft(tx, memberId, by)
}

/** The owner heard that an address does not work, or that its reader wants no more. Returns whether anybody read there. On record. */
export async function leaveByOwner(tx: Tx, owner: OwnerActor, email: string): Promise<boolean> {
  const memberId = await readerAt(tx, email)
  if (memberId === undefined) return false
  await writeLeft(tx, memberId, 'owner')
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'newsletter.stopped_for',
    subject: { kind: 'member', id: memberId },
  })
  return true
}

/** By which the pictures of a member's mail are fetched, where nobody is signed in. */
export function mailPictureKey(memberId: string): string {
  return `${memberId}.${sign(picture, memberId)}`
}

/** Who looks at a mail's picture by this key: as long as they have posts by mail. */
export async function readerOfMailPicture(db: Db, key: string): Promise<Reader | undefined> {
  const memberId = signedMember(key, picture)
  const found = memberId === undefined ? undefined : await mailReader(db, memberId)
  return found && memberId !== undefined
    ? { kind: found.isOwner ? 'owner' : 'member', memberId }
    : undefined
}

/**
 * By which the pictures of a post are fetched in the frame where its owner looks at the mail: nobody is signed in there. Good for this
 * hour and the next.
 */
export async function previewPictureKey(db: Db, postId: string): Promise<string> {
  const hour = hourOf(await now(db))
  return `${postId}.${hour}.${sign(preview, postId, String(hour))}`
}

/** The post whose pictures this key opens; undefined for one that was never given out, or is too old. */
export async function postOfPreview(db: Db, key: string): Promise<string | undefined> {
  const [postId = '', hour = '', signature = ''] = key.slice(0, 120).split('.', 3)
  if (!isId(postId) || !isSigned(signature, preview, postId, hour)) return undefined
  const age = hourOf(await now(db)) - Number(hour)
  return age === 0 || age === 1 ? postId : undefined
}

const hourOf = (moment: Date) => Math.floor(moment.getTime() / 3_600_000)

function signedMember(key: string, purpose: string): string | undefined {
  const [memberId = '', signature = ''] = key.slice(0, 100).split('.', 2)
  return isId(memberId) && isSigned(signature, purpose, memberId) ? memberId : undefined
}

export type { LeftBy, NewsletterRow }
