import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { reaching, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Standing } from '../types.ts'

/** What the owner's list is narrowed to. */
export type QueueFilter = 'waiting' | 'spam' | 'hidden' | 'all'

export interface QueueRow {
  readonly id: string
  readonly state: string
  readonly hiddenBy: string | null
  readonly body: string
  readonly createdAt: Date
  readonly editedAt: Date | null
  readonly memberId: string | null
  readonly role: string | null
  readonly name: string | null
  readonly isBanned: boolean
  readonly slug: string
  readonly title: string
  readonly answers: string | null
  readonly reports: number
  readonly undo: number | null
}

const openReports = sql<number>`(select count(*)::int from comment_report where comment_id = comment.id and not is_settled)`

// An index finds each of these; the table of reports is small, and of those that are settled smaller still.
const filters = {
  waiting: sql<boolean>`(comment.state = 'held' or comment.hidden_by = 'reports'
    or (comment.state = 'shown' and exists (select from comment_report where comment_id = comment.id and not is_settled)))`,
  spam: sql<boolean>`comment.state = 'spam'`,
  hidden: sql<boolean>`(comment.state = 'hidden' and comment.hidden_by = 'owner')`,
  all: sql<boolean>`comment.state <> 'deleted'`,
} satisfies Record<QueueFilter, unknown>

/** Comments as the owner judges them, newest first. How often one is liked is not read. */
export async function queuePage(
  db: Db,
  filter: QueueFilter,
  reach: Reach,
): Promise<readonly QueueRow[]> {
  return db
    .selectFrom('comment')
    .innerJoin('post', 'post.id', 'comment.post_id')
    .leftJoin('member', 'member.id', 'comment.member_id')
    .leftJoin('member_profile', 'member_profile.member_id', 'comment.member_id')
    .select([
      'comment.id',
      'comment.state',
      'comment.hidden_by as hiddenBy',
      'comment.body',
      'comment.created_at as createdAt',
      'comment.edited_at as editedAt',
      'comment.member_id as memberId',
      'member.role',
      'member_profile.display_name as name',
      sql<boolean>`exists (select from community_ban where community_ban.member_id = comment.member_id)`.as(
        'isBanned',
      ),
      'post.slug',
      'post.title',
      sql<
        string | null
      >`(select left(other.body, 200) from comment other where other.id = coalesce(comment.answers_id, comment.parent_id))`.as(
        'answers',
      ),
      openReports.as('reports'),
      sql<
        number | null
      >`(select case when entry.action in ('publish', 'hide', 'spam') then entry.id end
        from moderation_entry entry where entry.comment_id = comment.id order by entry.id desc limit 1)`.as(
        'undo',
      ),
    ])
    .where(filters[filter])
    .$call(reaching(reach, { table: 'comment', at: 'created_at' }))
    .execute()
}

export async function queueCounts(db: Db): Promise<Readonly<Record<QueueFilter, number>>> {
  return db
    .selectFrom('comment')
    .select([
      sql<number>`count(*) filter (where ${filters.waiting})`.as('waiting'),
      sql<number>`count(*) filter (where ${filters.spam})`.as('spam'),
      sql<number>`count(*) filter (where ${filters.hidden})`.as('hidden'),
      sql<number>`count(*) filter (where ${filters.all})`.as('all'),
    ])
    .executeTakeFirstOrThrow()
}

export async function waitingCount(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (select count(*)::int from comment where state = 'held')
      + (select count(*)::int from comment where state = 'hidden' and hidden_by = 'reports')
      + (select count(distinct comment_id)::int from comment_report join comment on comment.id = comment_id
        where not is_settled and state = 'shown') as count`.execute(db)
  return rows[0]?.count ?? 0
}

export interface NewEntry {
  readonly commentId: string
  readonly action: 'publish' | 'hide' | 'spam' | 'undo' | 'reports'
  readonly from: Standing
  readonly to: Standing
  readonly by: 'owner' | 'reports'
}

export async function insertEntry(tx: Tx, entry: NewEntry): Promise<string> {
  const row = await tx
    .insertInto('moderation_entry')
    .values({
      comment_id: entry.commentId,
      action: entry.action,
      from_state: entry.from,
      to_state: entry.to,
      by_whom: entry.by,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return String(row.id)
}

export async function insertBanEntry(
  tx: Tx,
  memberId: string,
  action: 'ban' | 'unban',
): Promise<void> {
  await tx
    .insertInto('moderation_entry')
    .values({ member_id: memberId, action, by_whom: 'owner' })
    .execute()
}

/** A decision and whether it is the last about its comment. */
export async function findEntry(
  db: Db,
  id: string,
): Promise<
  | {
      readonly commentId: string
      readonly action: string
      readonly from: string
      readonly to: string
      readonly isLast: boolean
    }
  | undefined
> {
  const row = await db
    .selectFrom('moderation_entry as entry')
    .select([
      'entry.comment_id as commentId',
      'entry.action',
      'entry.from_state as from',
      'entry.to_state as to',
      sql<boolean>`not exists (select from moderation_entry later where later.comment_id = entry.comment_id and later.id > entry.id)`.as(
        'isLast',
      ),
    ])
    .where('entry.id', '=', Number(id))
    .where('entry.comment_id', 'is not', null)
    .executeTakeFirst()
  if (!row || row.commentId === null || row.from === null || row.to === null) return undefined
  return { ...row, commentId: row.commentId, from: row.from, to: row.to }
}

/** Returns whether the member was not banned yet. */
export async function insertBan(tx: Tx, memberId: string): Promise<boolean> {
  const result = await tx
    .insertInto('community_ban')
    .values({ member_id: memberId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function deleteBan(tx: Tx, memberId: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('community_ban')
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** undefined: there is no such member. */
export async function roleOf(db: Db, memberId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('member')
    .select('role')
    .where('id', '=', memberId)
    .executeTakeFirst()
  return row?.role
}

export async function setClosed(tx: Tx, postId: string, isClosed: boolean): Promise<void> {
  if (isClosed)
    await tx
      .insertInto('post_comments_closed')
      .values({ post_id: postId })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  else await tx.deleteFrom('post_comments_closed').where('post_id', '=', postId).execute()
}
