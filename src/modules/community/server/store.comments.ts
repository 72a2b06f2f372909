import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import { standingOf, stored } from '../standing.ts'
import type { Standing } from '../types.ts'

/** A comment as use cases need it. */
export interface StoredComment {
  readonly id: string
  readonly postId: string
  readonly slug: string
  readonly postTitle: string
  readonly parentId: string | null
  readonly answersId: string | null
  readonly memberId: string | null
  readonly standing: Standing
  readonly body: string
  readonly createdAt: Date
  readonly shownAt: Date | null
  /** By the one clock: how old it is. */
  readonly ageSeconds: number
}

const storedComments = (db: Db) =>
  db
    .selectFrom('comment')
    .innerJoin('post', 'post.id', 'comment.post_id')
    .select([
      'comment.id',
      'comment.post_id as postId',
      'post.slug',
      'post.title as postTitle',
      'comment.parent_id as parentId',
      'comment.answers_id as answersId',
      'comment.member_id as memberId',
      'comment.state',
      'comment.hidden_by as hiddenBy',
      'comment.body',
      'comment.created_at as createdAt',
      'comment.shown_at as shownAt',
      sql<number>`extract(epoch from clock_now() - comment.created_at)::float8`.as('ageSeconds'),
    ])

export async function findComment(db: Db, id: string): Promise<StoredComment | undefined> {
  const row = await storedComments(db).where('comment.id', '=', id).executeTakeFirst()
  if (!row) return undefined
  const { state, hiddenBy, ...comment } = row
  return { ...comment, standing: standingOf(state, hiddenBy) }
}

/** The comment, locked until the transaction ends: what was read of it stays true. */
export async function lockComment(tx: Tx, id: string): Promise<StoredComment | undefined> {
  const locked = await tx
    .selectFrom('comment')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return locked && findComment(tx, id)
}

export interface NewComment {
  readonly id: string
  readonly postId: string
  /** undefined = on the post itself. */
  readonly parentId: string | undefined
  readonly answersId: string | undefined
  readonly memberId: string
  readonly formId: string
  readonly body: string
  readonly wordsSha256: string
  readonly state: 'shown' | 'held' | 'spam'
  readonly score: number
}

/** Returns whether it was new: of the same form there is one comment, however often and at once it comes. */
export async function insertComment(tx: Tx, comment: NewComment): Promise<boolean> {
  const result = await tx
    .insertInto('comment')
    .values({
      id: comment.id,
      post_id: comment.postId,
      depth: comment.parentId === undefined ? 0 : 1,
      parent_id: comment.parentId ?? null,
      parent_depth: comment.parentId === undefined ? null : 0,
      answers_id: comment.answersId ?? null,
      member_id: comment.memberId,
      form_id: comment.formId,
      body: comment.body,
      words_sha256: comment.wordsSha256,
      state: comment.state,
      score: comment.score,
      shown_at: comment.state === 'shown' ? clockNow : null,
    })
    .onConflict((conflict) => conflict.columns(['member_id', 'form_id']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function commentOfForm(
  db: Db,
  memberId: string,
  formId: string,
): Promise<StoredComment | undefined> {
  const row = await db
    .selectFrom('comment')
    .select('id')
    .where('member_id', '=', memberId)
    .where('form_id', '=', formId)
    .executeTakeFirst()
  return row && findComment(db, row.id)
}

/** What the filter wants to know of a writer and these words. but: a comment that does not count. */
export async function writerHistory(
  db: Db,
  asked: { readonly memberId: string; readonly wordsSha256: string; readonly but: string | null },
): Promise<{
  readonly sameWords: number
  readonly shownBefore: number
  readonly ageDays: number
  readonly seconds: number
  readonly isBanned: boolean
}> {
  const { memberId, wordsSha256, but } = asked
  return db
    .selectNoFrom([
      sql<number>`(select count(*)::int from (select from comment where words_sha256 = ${wordsSha256}
        and created_at > clock_now() - interval '30 days' and id is distinct from ${but}::uuid limit 10) same)`.as(
        'sameWords',
      ),
      sql<number>`(select count(*)::int from (select from comment where member_id = ${memberId} and state = 'shown'
        and id is distinct from ${but}::uuid limit 10) shown)`.as('shownBefore'),
      sql<number>`coalesce((select extract(epoch from clock_now() - created_at) / 86400 from member where id = ${memberId}), 0)::float8`.as(
        'ageDays',
      ),
      sql<number>`floor(extract(epoch from machine_now()))::bigint`.as('seconds'),
      sql<boolean>`exists (select from community_ban where member_id = ${memberId})`.as('isBanned'),
    ])
    .executeTakeFirstOrThrow()
}

export async function changeBody(
  tx: Tx,
  id: string,
  body: string,
  wordsSha256: string,
): Promise<void> {
  await tx
    .updateTable('comment')
    .set({ body, words_sha256: wordsSha256, edited_at: clockNow })
    .where('id', '=', id)
    .execute()
}

/** Where a comment stands from now on. Deleting takes its words away for good. */
export async function setStanding(tx: Tx, id: string, standing: Standing): Promise<void> {
  const { state, hiddenBy } = stored(standing)
  await tx
    .updateTable('comment')
    .set({
      state,
      hidden_by: hiddenBy,
      state_at: clockNow,
      ...(state === 'shown' && { shown_at: sql<Date>`coalesce(shown_at, clock_now())` }),
      ...(state === 'deleted' && { body: '' }),
    })
    .where('id', '=', id)
    .execute()
}

export async function isClosed(db: Db, postId: string): Promise<boolean> {
  const row = await db
    .selectFrom('post_comments_closed')
    .select('post_id')
    .where('post_id', '=', postId)
    .executeTakeFirst()
  return row !== undefined
}

/** Returns whether this member had not reported it yet. */
export async function insertReport(tx: Tx, commentId: string, memberId: string): Promise<boolean> {
  const result = await tx
    .insertInto('comment_report')
    .values({ comment_id: commentId, member_id: memberId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Reports that the owner has not looked at. */
export async function openReports(db: Db, commentId: string): Promise<number> {
  const row = await db
    .selectFrom('comment_report')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('comment_id', '=', commentId)
    .where('is_settled', '=', false)
    .executeTakeFirstOrThrow()
  return row.count
}

export async function settleReports(tx: Tx, commentId: string): Promise<void> {
  await tx
    .updateTable('comment_report')
    .set({ is_settled: true })
    .where('comment_id', '=', commentId)
    .execute()
}

/** Removes spam that lay in the bin for 30 days; of what was answered only the words. Returns how many. */
export async function sweepSpam(db: Db): Promise<number> {
  const old = sql<boolean>`state = 'spam' and state_at < clock_now() - interval '30 days'`
  const isAnswered = sql<boolean>`exists (select from comment reply where reply.parent_id = comment.id or reply.answers_id = comment.id)`
  const gone = await db
    .deleteFrom('comment')
    .where(old)
    .where(sql<boolean>`not ${isAnswered}`)
    .executeTakeFirst()
  const emptied = await db
    .updateTable('comment')
    .set({ state: 'deleted', body: '', state_at: clockNow })
    .where(old)
    .where(isAnswered)
    .executeTakeFirst()
  return Number(gone.numDeletedRows + emptied.numUpdatedRows)
}
