import { postFor } from '#modules/content/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { useLimit, type Db, type LimitResult, type Tx } from '#modules/platform/server/index.ts'
import type { Member } from '../types.ts'
import { findComment } from './store.comments.ts'
import * as store from './store.likes.ts'

/** As it is afterwards, whatever it was before. */
export type Liked =
  | { readonly ok: true; readonly likes: number; readonly isLiked: boolean }
  | { readonly ok: false; readonly reason: 'none' | 'banned' }

/** Counts a press of a heart: enough for somebody who reads fast. */
export function mayLike(member: Member): Promise<LimitResult> {
  return useLimit({ name: 'like:member', most: 60, windowSeconds: 60 }, member.memberId)
}

/**
 * A member likes a post (isLiked), or does not any more. Done again, at once or from another device, it is the same. none: there is no
 * such post, or the member may not read all of it. Taking back is open to who was banned, too.
 */
export async function likePost(
  tx: Tx,
  member: Member,
  slug: string,
  isLiked: boolean,
): Promise<Liked> {
  const found = await postFor(tx, slug, member)
  if (found.found !== 'post' || !found.post.isWhole) return { ok: false, reason: 'none' }
  const { id } = found.post
  if (!isLiked) await store.dropPostLike(tx, id, member.memberId)
  else if (await store.isBanned(tx, member.memberId)) return { ok: false, reason: 'banned' }
  else await store.putPostLike(tx, id, member.memberId)
  return { ok: true, likes: await store.likesOfPost(tx, id), isLiked }
}

/** The same for a comment. none: it is not shown, or stands below a post that is not this member's in whole. */
export async function likeComment(
  tx: Tx,
  member: Member,
  commentId: string,
  isLiked: boolean,
): Promise<Liked> {
  const comment = isId(commentId) ? await findComment(tx, commentId) : undefined
  if (comment?.standing !== 'shown' || !(await mayRead(tx, comment.slug, member)))
    return { ok: false, reason: 'none' }
  if (!isLiked) await store.dropCommentLike(tx, comment.id, member.memberId)
  else if (await store.isBanned(tx, member.memberId)) return { ok: false, reason: 'banned' }
  else await store.putCommentLike(tx, comment.id, member.memberId)
  return { ok: true, likes: await store.likesOfComment(tx, comment.id), isLiked }
}

/** Whether all of a post is this reader's: asked of content, which decides it for every page. */
export async function mayRead(
  db: Db,
  slug: string,
  reader: Pick<Member, 'kind' | 'memberId'>,
): Promise<boolean> {
  const found = await postFor(db, slug, reader)
  return found.found === 'post' && found.post.isWhole
}

/** For a round: likes since the last one renew the kept pages, all together once. Returns how many there were. */
export async function renewLikes(db: Db): Promise<number> {
  return store.takeTallyChanges(db)
}
