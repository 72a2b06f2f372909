import type { OwnerActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import {
  audit,
  db as pool,
  inTransaction,
  now,
  queueMail,
  type Db,
  type MailContent,
  type Tx,
} from '#modules/platform/server/index.ts'
import { previewOf } from '../teaser.ts'
import { laterPostMail, postMail } from './mails/post-by-mail.ts'
import { leaveUrl, mailPictureKey, previewPictureKey } from './newsletter.ts'
import { postFor } from './serve.ts'
import { findPost, lockPost } from './store.ts'
import * as store from './store.newsletter.ts'

/** Mails of one step, and the pause after it, over all processes: about 240 a minute, so that a mail server is not flooded. */
const aStep = { people: 20, pauseMs: 5_000 }

export interface MailingOverview {
  readonly mailing: store.Mailing | undefined
  /** Who would get it now: they have posts by mail, and never had this one. */
  readonly toMail: number
  /** Who has posts by mail at all. */
  readonly readers: number
}

/** How far the mailing of a post is, and whom it would reach. */
export async function mailingOf(db: Db, postId: string): Promise<MailingOverview> {
  const [mailing, toMail, readers] = [
    await store.findMailing(db, postId),
    await store.countUnlisted(db, postId),
    await store.countNewsletterReaders(db),
  ]
  return { mailing, toMail, readers }
}

export type MailPostResult =
  | {
      readonly ok: true
      /** waiting: until the post appears; whoever has posts by mail then gets it. */
      readonly state: 'waiting' | 'running'
    }
  | { readonly ok: false; readonly reason: 'not_found' | 'deleted' | 'nobody' }

/**
 * Mails a post to everybody who has posts by mail, or as soon as it appears: once a post and member for ever, whatever is pressed how
 * often. The mails leave in steps (mailOn); this makes the list, on record. Goes on with one that was stopped.
 */
export async function mailPost(tx: Tx, owner: OwnerActor, postId: string): Promise<MailPostResult> {
  const post = isId(postId) ? await lockPost(tx, postId) : undefined
  if (!post) return { ok: false, reason: 'not_found' }
  if (post.deletedAt) return { ok: false, reason: 'deleted' }
  const before = await store.findMailing(tx, postId)
  if (post.state !== 'published') {
    if (before?.state !== 'waiting') {
      await store.writeMailing(tx, postId, 'waiting', owner.memberId)
      await note(tx, owner, postId, 'post.mailing_asked')
    }
    return { ok: true, state: 'waiting' }
  }
  const listed = await store.listReaders(tx, postId)
  if (listed === 0 && before?.state === 'running') return { ok: true, state: 'running' } // pressed twice
  if (listed + (before?.waiting ?? 0) === 0) return { ok: false, reason: 'nobody' }
  await store.writeMailing(tx, postId, 'running', owner.memberId)
  await note(tx, owner, postId, 'post.mailed', { people: listed + (before?.waiting ?? 0) })
  return { ok: true, state: 'running' }
}

/** Stops mailing a post; who got it has it, the others wait until it is asked for again. On record. */
export async function stopMailing(tx: Tx, owner: OwnerActor, postId: string): Promise<boolean> {
  if (!isId(postId) || !(await store.writeStopped(tx, postId))) return false
  await note(tx, owner, postId, 'post.mailing_stopped')
  return true
}

/**
 * What was to be mailed when it appears begins; then one step of one running mailing: the next few readers get their mail into the outbox, in the transaction that notes it; a kill in
 * between loses and doubles nothing. Stops with a post that is not published any more, ends when nobody waits. Returns how many were mailed.
 */
export async function mailOn(): Promise<number> {
  await store.leaveOnBounces(pool())
  // Looked for here and not told by whoever publishes: that may be a program that knows nothing of mailings yet.
  await inTransaction(async (tx) => {
    for (const postId of await store.beginAppeared(tx)) await store.listReaders(tx, postId)
  })
  return inTransaction(async (tx) => {
    const postId = await store.takeMailing(tx, aStep.pauseMs)
    if (postId === undefined) return 0
    const post = await findPost(tx, { id: postId })
    if (post?.state !== 'published' || post.deletedAt) {
      await store.writeStopped(tx, postId)
      return 0
    }
    const people = await store.nextReaders(tx, postId, aStep.people)
    const wanted = people.filter(({ isWanted }) => isWanted)
    for (const { memberId, email } of wanted)
      await queueMail(
        tx,
        laterPostMail({
          postId,
          memberId,
          to: email,
          title: post.title,
          unsubscribeUrl: leaveUrl(memberId),
        }),
      )
    const idsOf = (all: typeof people) => all.map(({ memberId }) => memberId)
    await store.markMails(tx, postId, idsOf(wanted), 'mailed')
    await store.markMails(tx, postId, idsOf(people.filter((one) => !one.isWanted)), 'left_out')
    if (people.length < aStep.people) await store.writeDone(tx, postId)
    return wanted.length
  })
}

/**
 * What a post's mail says when it is delivered: what its reader may read at that moment, from the one place that decides it. undefined
 * when they have left meanwhile, or the post is gone: then nothing is sent. For boot, which hands it to the outbox.
 */
export async function postByMail(db: Db, key: string): Promise<MailContent | undefined> {
  const [postId = '', memberId = ''] = key.split(':')
  if (!isId(postId) || !isId(memberId)) return undefined
  const [reader, post] = [await store.mailReader(db, memberId), await findPost(db, { id: postId })]
  if (!reader || !post) return undefined
  const kind = reader.isOwner ? 'owner' : 'member'
  const found = await postFor(db, post.slug, { kind, memberId })
  if (found.found !== 'post') return undefined
  return postMail(found.post, {
    pictures: `mail=${mailPictureKey(memberId)}`,
    unsubscribeUrl: leaveUrl(memberId),
  })
}

/**
 * The same for its owner to look at before, in any state of the post: all of it, or as those get it who may read its beginning alone.
 * undefined where there is no such post.
 */
export async function previewOfMail(
  db: Db,
  postId: string,
  as: 'whole' | 'teaser',
): Promise<MailContent | undefined> {
  const post = isId(postId) ? await findPost(db, { id: postId }) : undefined
  if (!post) return undefined
  const isWhole = as === 'whole' || post.access.kind === 'free'
  const { whole, teaser } = previewOf(post.bodyMd)
  const html = isWhole ? whole : teaser
  return postMail(
    { ...post, html, isWhole, description: '' },
    {
      pictures: `preview=${await previewPictureKey(db, post.id)}`,
    },
  )
}

async function note(
  tx: Tx,
  owner: OwnerActor,
  postId: string,
  action: string,
  detail: { readonly [name: string]: number } = {},
): Promise<void> {
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action,
    subject: { kind: 'post', id: postId },
    detail: { ...detail, at: (await now(tx)).toISOString() },
  })
}
