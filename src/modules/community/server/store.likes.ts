import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'

export async function isBanned(db: Db, memberId: string): Promise<boolean> {
  const row = await db
    .selectFrom('community_ban')
    .select('member_id')
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return row !== undefined
}

/** One row a member and post, however often it is asked for. */
export async function putPostLike(tx: Tx, postId: string, memberId: string): Promise<void> {
  await tx
    .insertInto('post_like')
    .values({ post_id: postId, member_id: memberId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function dropPostLike(tx: Tx, postId: string, memberId: string): Promise<void> {
  await tx
    .deleteFrom('post_like')
    .where('post_id', '=', postId)
    .where('member_id', '=', memberId)
    .execute()
}

export async function putCommentLike(tx: Tx, commentId: string, memberId: string): Promise<void> {
  await tx
    .insertInto('comment_like')
    .values({ comment_id: commentId, member_id: memberId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function dropCommentLike(tx: Tx, commentId: string, memberId: string): Promise<void> {
  await tx
    .deleteFrom('comment_like')
    .where('comment_id', '=', commentId)
    .where('member_id', '=', memberId)
    .execute()
}

export async function likesOfPost(db: Db, postId: string): Promise<number> {
  const row = await db
    .selectFrom('post_tally')
    .select('likes')
    .where('post_id', '=', postId)
    .executeTakeFirst()
  return row?.likes ?? 0
}

export async function likesOfComment(db: Db, commentId: string): Promise<number> {
  const row = await db
    .selectFrom('comment_tally')
    .select('likes')
    .where('comment_id', '=', commentId)
    .executeTakeFirst()
  return row?.likes ?? 0
}

/** Takes up what changed since the last round; what is taken renews the kept pages. At most 10,000 likes at once. */
export async function takeTallyChanges(db: Db): Promise<number> {
  const result = await sql`delete from post_tally_change where id in (
    select id from post_tally_change order by id limit 10000 for update skip locked)`.execute(db)
  return Number(result.numAffectedRows ?? 0)
}
