import { ownerAddress } from '#modules/accounts/server/index.ts'
import { postFor } from '#modules/content/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import {
  isSigned,
  queueMail,
  sha256,
  useLimit,
  type Db,
  type Limit,
  type LimitResult,
  type Tx,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { bareWords } from '../comment-text.ts'
import { spamScore, verdictOf } from '../spam-score.ts'
import { editMinutes, reportersThatHide } from '../standing.ts'
import type { Member } from '../types.ts'
import { mayRead } from './likes.ts'
import { commentForOwner } from './mails/to-owner.ts'
import { nameForComments } from './profiles.ts'
import * as store from './store.comments.ts'
import { insertEntry } from './store.moderation.ts'
import { tellOfComment } from './telling.ts'
import { stampPurpose } from './threads.ts'

const burst: Limit = { name: 'comment:burst', most: 1, windowSeconds: 15 }
const hourly: Limit = { name: 'comment:hour', most: 10, windowSeconds: 3_600 }
const firstDay: Limit = { name: 'comment:first-day', most: 3, windowSeconds: 3_600 }
const reports: Limit = { name: 'comment:report', most: 20, windowSeconds: 3_600 }

/** Counts a comment of a member: one in 15 seconds, ten an hour, three an hour in the first day of an account. The owner's are free. */
export async function mayComment(db: Db, member: Member): Promise<LimitResult> {
  if (member.kind === 'owner') return { ok: true }
  const quick = await useLimit(burst, member.memberId)
  if (!quick.ok) return quick
  const { ageDays } = await store.writerHistory(db, { ...nothing, memberId: member.memberId })
  return useLimit(ageDays < 1 ? firstDay : hourly, member.memberId)
}

const nothing = { wordsSha256: '', but: null } as const

/** Counts a report. */
export function mayReport(member: Member): Promise<LimitResult> {
  return useLimit(reports, member.memberId)
}

export interface WrittenComment {
  readonly slug: string
  readonly body: string
  /** What shall stand beside it; asked only of who has no name yet. */
  readonly name: string
  /** Of the comment that is answered; '' = the post. */
  readonly answers: string
  readonly formId: string
  readonly stamp: string
  /** Of the field that people do not see. */
  readonly hiddenField: string
}

export type CommentWritten =
  /** isShown: at once; otherwise the owner looks at it first. */
  | { readonly ok: true; readonly id: string; readonly isShown: boolean }
  | { readonly ok: false; readonly reason: 'none' | 'closed' | 'banned' | 'gone' }
  | { readonly ok: false; readonly reason: 'name'; readonly words: string }

/**
 * A member comments on a post or answers a comment; deeper answers stand under the same comment, with the name of whom they speak to.
 * The filter decides whether it is shown, held for the owner or spam; only what is shown is told to anybody but the owner, and spam to
 * nobody. The same form sent again gives the same comment. none: no such post, or not in whole for this member; gone: what it answers
 * is not shown any more; name: the name cannot be taken, in words. The caller has asked mayComment().
 */
export async function writeComment(
  tx: Tx,
  member: Member,
  written: WrittenComment,
): Promise<CommentWritten> {
  const found = await postFor(tx, written.slug, member)
  if (found.found !== 'post' || !found.post.isWhole) return { ok: false, reason: 'none' }
  const before = await store.commentOfForm(tx, member.memberId, written.formId)
  if (before) return { ok: true, id: before.id, isShown: before.standing === 'shown' }
  const postId = found.post.id
  if (await store.isClosed(tx, postId)) return { ok: false, reason: 'closed' }
  const wordsSha256 = sha256(bareWords(written.body))
  const history = await store.writerHistory(tx, {
    memberId: member.memberId,
    wordsSha256,
    but: null,
  })
  if (history.isBanned) return { ok: false, reason: 'banned' }
  const answered = isId(written.answers) ? await store.lockComment(tx, written.answers) : undefined
  if (written.answers !== '' && (answered?.postId !== postId || answered.standing !== 'shown'))
    return { ok: false, reason: 'gone' }
  const named = await nameForComments(tx, member, written.name)
  if (!named.ok) return { ok: false, reason: 'name', words: named.words }

  const score =
    member.kind === 'owner'
      ? 0
      : spamScore({
          body: written.body,
          hiddenField: written.hiddenField,
          secondsOnForm: secondsSince(written.stamp, member.memberId, history.seconds),
          ...history,
        })
  const comment: store.NewComment = {
    id: newId(),
    postId,
    parentId: answered?.parentId ?? answered?.id,
    answersId: answered?.parentId ? answered.id : undefined,
    memberId: member.memberId,
    formId: written.formId,
    body: written.body,
    wordsSha256,
    state: verdictOf(score),
    score,
  }
  if (!(await store.insertComment(tx, comment))) {
    const same = await store.commentOfForm(tx, member.memberId, written.formId)
    if (!same)
      throw new Error(`The comment of the form ${written.formId} is neither new nor there.`)
    return { ok: true, id: same.id, isShown: same.standing === 'shown' }
  }
  if (comment.state === 'shown') await tellOfComment(tx, comment.id)
  if (comment.state === 'held') await alertOwner(tx, comment.id, 'held')
  return { ok: true, id: comment.id, isShown: comment.state === 'shown' }
}

/** Seconds between the making of a form and now; undefined where the stamp is not ours or of somebody else. */
function secondsSince(stamp: string, memberId: string, now: number): number | undefined {
  const [seconds = '', signature = ''] = stamp.split('.', 2)
  if (!/^\d{1,12}$/.test(seconds) || !isSigned(signature, stampPurpose, seconds, memberId))
    return undefined
  return Math.max(0, now - Number(seconds))
}

export type CommentChanged =
  | { readonly ok: true; readonly slug: string; readonly isShown: boolean }
  | { readonly ok: false; readonly reason: 'none' | 'late' | 'banned' }

/** A member changes own words, within 15 minutes. What the filter doubts now waits for the owner like a new one. */
export async function editComment(
  tx: Tx,
  member: Member,
  commentId: string,
  body: string,
): Promise<CommentChanged> {
  const comment = await ownComment(tx, member, commentId)
  if (!comment) return { ok: false, reason: 'none' }
  if (comment.ageSeconds >= editMinutes * 60) return { ok: false, reason: 'late' }
  const wordsSha256 = sha256(bareWords(body))
  const history = await store.writerHistory(tx, {
    memberId: member.memberId,
    wordsSha256,
    but: comment.id,
  })
  if (history.isBanned) return { ok: false, reason: 'banned' }
  const isShown = comment.standing === 'shown'
  if (body === comment.body) return { ok: true, slug: comment.slug, isShown }
  await store.changeBody(tx, comment.id, body, wordsSha256)
  const doubt = spamScore({ body, hiddenField: '', secondsOnForm: 60, ...history })
  if (!isShown || member.kind === 'owner' || verdictOf(doubt) === 'shown')
    return { ok: true, slug: comment.slug, isShown }
  await store.setStanding(tx, comment.id, 'held')
  await alertOwner(tx, comment.id, 'held')
  return { ok: true, slug: comment.slug, isShown: false }
}

/** A member deletes an own comment: its words are gone for good, what was answered stays as a place without words. */
export async function deleteComment(
  tx: Tx,
  member: Member,
  commentId: string,
): Promise<CommentChanged> {
  const comment = await ownComment(tx, member, commentId)
  if (!comment) return { ok: false, reason: 'none' }
  await store.setStanding(tx, comment.id, 'deleted')
  return { ok: true, slug: comment.slug, isShown: false }
}

/** Own and not deleted; locked. Of a post one may not read any more the own words are still one's own. */
async function ownComment(tx: Tx, member: Member, commentId: string) {
  const comment = isId(commentId) ? await store.lockComment(tx, commentId) : undefined
  return comment?.memberId === member.memberId && comment.standing !== 'deleted'
    ? comment
    : undefined
}

export type Reported =
  | { readonly ok: true; readonly slug: string; readonly isHidden: boolean }
  | { readonly ok: false; readonly reason: 'none' | 'own' | 'banned' | 'again' }

/**
 * A member reports a comment, once for ever: also after the owner looked and kept it (again). With the third different member it is
 * hidden until the owner looks, who gets a mail then. The caller has asked mayReport().
 */
export async function reportComment(tx: Tx, member: Member, commentId: string): Promise<Reported> {
  const comment = isId(commentId) ? await store.lockComment(tx, commentId) : undefined
  if (comment?.standing !== 'shown' || !(await mayRead(tx, comment.slug, member)))
    return { ok: false, reason: 'none' }
  if (comment.memberId === member.memberId) return { ok: false, reason: 'own' }
  const { isBanned } = await store.writerHistory(tx, { ...nothing, memberId: member.memberId })
  if (isBanned) return { ok: false, reason: 'banned' }
  if (!(await store.insertReport(tx, comment.id, member.memberId)))
    return { ok: false, reason: 'again' }
  const isHidden = (await store.openReports(tx, comment.id)) >= reportersThatHide
  if (isHidden) {
    await store.setStanding(tx, comment.id, 'reported')
    await insertEntry(tx, {
      commentId: comment.id,
      action: 'reports',
      from: 'shown',
      to: 'reported',
      by: 'reports',
    })
    await alertOwner(tx, comment.id, 'reported')
  }
  return { ok: true, slug: comment.slug, isHidden }
}

/** Ten an hour: the queue itself shows all of them. */
const alerts: Limit = { name: 'comment:alert', most: 10, windowSeconds: 3_600 }

async function alertOwner(tx: Tx, commentId: string, why: 'held' | 'reported'): Promise<void> {
  const to = await ownerAddress(tx)
  if (to === undefined || !(await useLimit(alerts, 'owner')).ok) return
  const comment = await store.findComment(tx, commentId)
  if (!comment) throw new Error(`There is no comment ${commentId}.`)
  const { name } = await siteIdentity(tx)
  await queueMail(tx, commentForOwner(comment, { to, why, shopName: name }))
}
