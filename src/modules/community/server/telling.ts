import { ownerAddress } from '#modules/accounts/server/index.ts'
import { now, queueMail, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { mayRead } from './likes.ts'
import { replyMail } from './mails/reply.ts'
import { newCommentForOwner } from './mails/to-owner.ts'
import { findComment } from './store.comments.ts'
import { mailWishes } from './store.profiles.ts'

/**
 * Tells who is spoken to of a comment that has just appeared: the writer of what it answers, as long as they may read the post and want
 * such mail, at most once an hour for each thread; otherwise the owner, once an hour for each post. Nobody hears of their own.
 */
export async function tellOfComment(tx: Tx, commentId: string): Promise<void> {
  const comment = await findComment(tx, commentId)
  if (comment?.standing !== 'shown') throw new Error(`The comment ${commentId} is not shown.`)
  const site = await siteIdentity(tx)
  const hour = (await now(tx)).toISOString().slice(0, 13)
  const answered = comment.answersId ?? comment.parentId
  const other = answered === null ? undefined : await findComment(tx, answered)
  const wishes = other?.memberId ? await mailWishes(tx, other.memberId) : undefined
  let ownerIsTold = false
  if (other && wishes && other.memberId !== comment.memberId) {
    ownerIsTold = wishes.kind === 'owner'
    if (wishes.mailsReplies && (await mayRead(tx, comment.slug, wishes)))
      await queueMail(
        tx,
        replyMail(comment, {
          to: wishes.email,
          memberId: wishes.memberId,
          key: `${comment.parentId}:${wishes.memberId}:${hour}`,
          shopName: site.name,
        }),
      )
  }
  const to = await ownerAddress(tx)
  const owner = await mailWishes(tx, undefined)
  if (!to || !owner || ownerIsTold || owner.memberId === comment.memberId || !owner.mailsComments)
    return
  await queueMail(
    tx,
    newCommentForOwner(comment, { to, key: `${comment.postId}:${hour}`, shopName: site.name }),
  )
}
