import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

/** A comment with its writer, as it is read for a page. */
export interface ThreadRow {
  readonly id: string
  readonly parentId: string | null
  readonly answersId: string | null
  readonly memberId: string | null
  readonly state: string
  readonly hiddenBy: string | null
  readonly body: string
  readonly createdAt: Date
  readonly editedAt: Date | null
  readonly role: string | null
  readonly name: string | null
  readonly handle: string | null
  readonly avatarId: string | null
}

/** Comments on the post itself that are one page. */
export const threadsOnPage = 25
/** Under one comment; more than these nobody reads. */
const mostReplies = 200

const comments = (db: Db) =>
  db
    .selectFrom('comment as c')
    .leftJoin('member', 'member.id', 'c.member_id')
    .leftJoin('member_profile as profile', 'profile.member_id', 'c.member_id')
    .select([
      'c.id',
      'c.parent_id as parentId',
      'c.answers_id as answersId',
      'c.member_id as memberId',
      'c.state',
      'c.hidden_by as hiddenBy',
      'c.body',
      'c.created_at as createdAt',
      'c.edited_at as editedAt',
      'member.role',
      'profile.display_name as name',
      // What its member does not show is not read here at all.
      sql<string | null>`case when profile.is_shown then profile.handle end`.as('handle'),
      sql<
        string | null
      >`case when profile.is_shown and profile.shows_picture then member.avatar_id end`.as(
        'avatarId',
      ),
    ])

/** A removed comment stands as long as somebody answered it. */
const standsOrIsAnswered = sql<boolean>`(c.state = 'shown'
  or (c.state in ('hidden', 'deleted', 'spam') and exists (
    select from comment reply where reply.state = 'shown' and (reply.parent_id = c.id or reply.answers_id = c.id))))`

export interface ThreadRows {
  readonly tops: readonly ThreadRow[]
  readonly replies: readonly ThreadRow[]
  /** Threads of all pages. */
  readonly total: number
  readonly likes: number
  readonly comments: number
  readonly isClosed: boolean
}

/** One page of a post's comments, the newest threads first and their replies oldest first, with its sums. page: from 1. */
export async function threadRows(db: Db, postId: string, page: number): Promise<ThreadRows> {
  const [tops, sums] = await Promise.all([
    comments(db)
      .where('c.post_id', '=', postId)
      .where('c.depth', '=', 0)
      .where(standsOrIsAnswered)
      .orderBy('c.created_at', 'desc')
      .orderBy('c.id', 'desc')
      .limit(threadsOnPage)
      .offset((page - 1) * threadsOnPage)
      .execute(),
    db
      .selectNoFrom([
        sql<number>`coalesce((select likes from post_tally where post_id = ${postId}), 0)`.as(
          'likes',
        ),
        sql<number>`coalesce((select comments from post_tally where post_id = ${postId}), 0)`.as(
          'comments',
        ),
        sql<boolean>`exists (select from post_comments_closed where post_id = ${postId})`.as(
          'isClosed',
        ),
        sql<number>`(select count(*)::int from comment c where c.post_id = ${postId} and c.depth = 0 and ${standsOrIsAnswered})`.as(
          'total',
        ),
      ])
      .executeTakeFirstOrThrow(),
  ])
  const replies =
    tops.length === 0
      ? []
      : await comments(db)
          .where('c.depth', '=', 1)
          .where(
            'c.parent_id',
            'in',
            tops.map(({ id }) => id),
          )
          .where(standsOrIsAnswered)
          .where(
            sql<boolean>`(select count(*) from comment sooner where sooner.parent_id = c.parent_id and sooner.state = 'shown'
              and (sooner.created_at, sooner.id) < (c.created_at, c.id)) < ${mostReplies}`,
          )
          .orderBy('c.created_at')
          .orderBy('c.id')
          .execute()
  return { tops, replies, ...sums }
}

/** What is true of one reader: asked anew each time. */
export interface ReaderRow {
  readonly likes: number
  readonly isLiked: boolean
  readonly isBanned: boolean
  readonly name: string
  /** Seconds since 1970, of the database: a form is stamped with it. */
  readonly seconds: number
  /** Milliseconds since 1970, by the one clock. */
  readonly nowMs: number
  /** Comments of theirs that nobody else sees yet. */
  readonly hasWaiting: boolean
  /** Of the comments asked about: how many like each, and whether this reader does. */
  readonly liked: Likes
}

export type Likes = Readonly<Record<string, readonly [likes: number, isLiked: boolean] | undefined>>

/** All of it as one value: it is asked for each page that a member opens, together with what else that page asks. */
export function readerQuestion(asked: {
  readonly postId: string
  readonly memberId: string
  readonly commentIds: readonly string[]
}): RawBuilder<ReaderRow> {
  const { postId, memberId } = asked
  const commentIds = filledUp(asked.commentIds)
  return sql<ReaderRow>`json_build_object(
    'liked', coalesce((
      select json_object_agg(tally.comment_id, json_build_array(tally.likes, exists (
        select from comment_like l where l.comment_id = tally.comment_id and l.member_id = ${memberId}::uuid)))
      from comment_tally tally where tally.comment_id = any(${commentIds}::uuid[])), '{}'),
    'hasWaiting', exists (select from comment c where c.post_id = ${postId}::uuid and c.member_id = ${memberId}::uuid
      and c.state in ('held', 'spam') and c.shown_at is null),
    'likes', coalesce((select likes from post_tally where post_id = ${postId}::uuid), 0),
    'isLiked', exists (select from post_like where post_id = ${postId}::uuid and member_id = ${memberId}::uuid),
    'isBanned', exists (select from community_ban where member_id = ${memberId}::uuid),
    'name', coalesce((select display_name from member_profile where member_id = ${memberId}::uuid), ''),
    'seconds', floor(extract(epoch from machine_now()))::bigint,
    'nowMs', floor(extract(epoch from clock_now()) * 1000)::bigint
  )`
}

/** The id of no comment. */
const nobodys = '00000000-0000-0000-0000-000000000000'

/**
 * With at least as many places as a page has threads. PostgreSQL keeps one plan for a prepared statement as long as that looks no dearer
 * than a plan for the values at hand; for a list of two or none, and for one of nulls, it always does, and planning costs more than the
 * answer.
 */
const filledUp = (ids: readonly string[]): readonly string[] => [
  ...ids,
  ...Array.from({ length: Math.max(0, threadsOnPage - ids.length) }, () => nobodys),
]

export async function readerRow(db: Db, question: RawBuilder<ReaderRow>): Promise<ReaderRow> {
  const { row } = await db.selectNoFrom(question.as('row')).executeTakeFirstOrThrow()
  return row
}

/** How many like these comments, for who likes none. */
export async function likesOf(db: Db, commentIds: readonly string[]): Promise<Likes> {
  if (commentIds.length === 0) return {}
  const rows = await db
    .selectFrom('comment_tally')
    .select(['comment_id as id', 'likes'])
    .where('comment_id', 'in', commentIds)
    .execute()
  return Object.fromEntries(rows.map(({ id, likes }) => [id, [likes, false] as const]))
}

/** Comments of a member on a post that wait to be looked at; of spam its writer is told no more than that. At most 20. */
export async function waitingRows(
  db: Db,
  postId: string,
  memberId: string,
): Promise<readonly ThreadRow[]> {
  return comments(db)
    .where('c.post_id', '=', postId)
    .where('c.member_id', '=', memberId)
    .where('c.state', 'in', ['held', 'spam'])
    .where('c.shown_at', 'is', null)
    .orderBy('c.created_at', 'desc')
    .limit(20)
    .execute()
}

/** On which page of its post a comment's thread stands; undefined where readers do not see it. */
export async function placeOf(
  db: Db,
  commentId: string,
): Promise<{ readonly slug: string; readonly page: number } | undefined> {
  const row = await db
    .selectFrom('comment as asked')
    .innerJoin('comment as c', (join) =>
      join.on(sql<boolean>`c.id = coalesce(asked.parent_id, asked.id)`),
    )
    .innerJoin('post', 'post.id', 'asked.post_id')
    .select([
      'post.slug',
      sql<number>`(select count(*)::int from comment c where c.post_id = asked.post_id and c.depth = 0 and ${standsOrIsAnswered}
        and (c.created_at, c.id) > (select top.created_at, top.id from comment top where top.id = coalesce(asked.parent_id, asked.id)))`.as(
        'before',
      ),
    ])
    .where('asked.id', '=', commentId)
    .where('asked.state', '=', 'shown')
    .where(standsOrIsAnswered)
    .executeTakeFirst()
  return row && { slug: row.slug, page: Math.floor(row.before / threadsOnPage) + 1 }
}
