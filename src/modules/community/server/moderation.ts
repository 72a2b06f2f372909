import type { OwnerActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { decided, standingOf } from '../standing.ts'
import type { Decision, ModeratedComment, Moderator, Standing } from '../types.ts'
import { lockComment, openReports, setStanding, settleReports } from './store.comments.ts'
import * as store from './store.moderation.ts'
import { tellOfComment } from './telling.ts'
import { writerOf } from './threads.ts'

/** Comments as the owner judges them, newest first, 25 a page. */
export async function moderationQueue(
  db: Db,
  filter: store.QueueFilter,
  turn: Turn,
): Promise<ListPage<ModeratedComment>> {
  const site = await siteIdentity(db)
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  const page = await readPage(from, 25, (reach) => store.queuePage(db, filter, reach))
  return { ...page, rows: page.rows.map((row) => moderated(row, site.ownerName || site.name)) }
}

function moderated(row: store.QueueRow, ownerName: string): ModeratedComment {
  return {
    id: row.id,
    standing: standingOf(row.state, row.hiddenBy),
    body: row.body,
    at: row.createdAt,
    isEdited: row.editedAt !== null,
    writer: writerOf({ ...row, handle: null, avatarId: null }, ownerName),
    memberId: row.memberId ?? undefined,
    isBanned: row.isBanned,
    post: { slug: row.slug, title: row.title },
    answers: row.answers ?? '',
    reports: row.reports,
    undo: row.undo === null ? undefined : String(row.undo),
  }
}

/** How many comments there are of each kind. */
export function moderationCounts(db: Db): Promise<Readonly<Record<store.QueueFilter, number>>> {
  return store.queueCounts(db)
}

/** How many comments wait for the owner: beside the way to them. */
export function commentsWaiting(db: Db): Promise<number> {
  return store.waitingCount(db)
}

export type Decided =
  /** undo: names the decision, to take it back. */
  | { readonly ok: true; readonly standing: Standing; readonly undo: string }
  /** same: it stood there already. */
  | { readonly ok: false; readonly reason: 'gone' | 'same' }

/**
 * The owner decides about a comment, whatever it looks like to others. What appears now for the first time is told to whom it
 * answers. Showing it settles its reports: those who made them make no second one.
 */
export async function decide(
  tx: Tx,
  moderator: Moderator,
  commentId: string,
  decision: Decision,
): Promise<Decided> {
  const comment = isId(commentId) ? await lockComment(tx, commentId) : undefined
  if (!comment || comment.standing === 'deleted') return { ok: false, reason: 'gone' }
  const to = decided(comment.standing, decision, await openReports(tx, comment.id))
  if (to === undefined) return { ok: false, reason: 'same' }
  await settleReports(tx, comment.id)
  if (to !== comment.standing) await setStanding(tx, comment.id, to)
  const undo = await store.insertEntry(tx, {
    commentId: comment.id,
    action: decision,
    from: comment.standing,
    to,
    by: 'owner',
  })
  await audit(tx, {
    actor:
      moderator === 'mail' ? { kind: 'system' } : { kind: 'owner', memberId: moderator.memberId },
    action: `comment.${decision}`,
    subject: { kind: 'comment', id: comment.id },
    detail: { from: comment.standing, to, byMail: moderator === 'mail' },
  })
  if (to === 'shown' && comment.shownAt === null) await tellOfComment(tx, comment.id)
  return { ok: true, standing: to, undo }
}

/** Takes the last decision about a comment back: it stands again where it stood. Reports that were settled stay so. */
export async function undoDecision(tx: Tx, owner: OwnerActor, entryId: string): Promise<Decided> {
  const entry = await store.findEntry(tx, entryId)
  const comment = entry && (await lockComment(tx, entry.commentId))
  if (!entry || !comment || comment.standing === 'deleted') return { ok: false, reason: 'gone' }
  if (!entry.isLast || entry.action === 'undo' || comment.standing !== entry.to)
    return { ok: false, reason: 'same' }
  const to = standingNamed(entry.from)
  if (to !== comment.standing) await setStanding(tx, comment.id, to)
  const undo = await store.insertEntry(tx, {
    commentId: comment.id,
    action: 'undo',
    from: comment.standing,
    to,
    by: 'owner',
  })
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'comment.undo',
    subject: { kind: 'comment', id: comment.id },
    detail: { from: comment.standing, to },
  })
  return { ok: true, standing: to, undo }
}

function standingNamed(name: string): Standing {
  const all = ['shown', 'held', 'spam', 'reported', 'hidden'] as const
  const found = all.find((standing) => standing === name)
  if (!found) throw new Error(`A comment cannot go back to “${name}”.`)
  return found
}

export type Banned =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'none' | 'owner' | 'same' }

/** From now on the member neither likes, comments nor reports; the shop's goods stay theirs. What they wrote stays where it is. */
export async function banMember(tx: Tx, owner: OwnerActor, memberId: string): Promise<Banned> {
  const role = isId(memberId) ? await store.roleOf(tx, memberId) : undefined
  if (role === undefined) return { ok: false, reason: 'none' }
  if (role === 'owner') return { ok: false, reason: 'owner' }
  if (!(await store.insertBan(tx, memberId))) return { ok: false, reason: 'same' }
  await store.insertBanEntry(tx, memberId, 'ban')
  await auditBan(tx, owner, memberId, 'banned')
  return { ok: true }
}

export async function unbanMember(tx: Tx, owner: OwnerActor, memberId: string): Promise<Banned> {
  if (!isId(memberId) || !(await store.deleteBan(tx, memberId)))
    return { ok: false, reason: 'same' }
  await store.insertBanEntry(tx, memberId, 'unban')
  await auditBan(tx, owner, memberId, 'unbanned')
  return { ok: true }
}

function auditBan(tx: Tx, owner: OwnerActor, memberId: string, what: string): Promise<void> {
  return audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: `member.${what}`,
    subject: { kind: 'member', id: memberId },
  })
}

/** Closes the comments of a post, or opens them again: what stands there stays. postId: of a post that exists. */
export async function closeComments(
  tx: Tx,
  owner: OwnerActor,
  postId: string,
  isClosed: boolean,
): Promise<void> {
  await store.setClosed(tx, postId, isClosed)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: isClosed ? 'post.comments_closed' : 'post.comments_opened',
    subject: { kind: 'post', id: postId },
  })
}
