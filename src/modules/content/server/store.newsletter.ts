import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

export type AskedWhere = 'welcome' | 'settings'
export type LeftBy = 'settings' | 'link' | 'one_click' | 'bounce' | 'owner'

export interface NewsletterRow {
  readonly wording: string
  readonly askedAt: Date
  readonly leftAt: Date | undefined
  readonly leftBy: LeftBy | undefined
}

export async function findNewsletterReader(
  db: Db,
  memberId: string,
): Promise<NewsletterRow | undefined> {
  const row = await db
    .selectFrom('newsletter_reader')
    .select(['wording', 'asked_at', 'left_at', 'left_by'])
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return (
    row && {
      wording: row.wording,
      askedAt: row.asked_at,
      leftAt: row.left_at ?? undefined,
      // The table's check holds it to these words.
      leftBy: (row.left_by as LeftBy | null) ?? undefined,
    }
  )
}

/** Begins, or begins anew after having left; whoever reads it already keeps the moment and the words of their yes. */
export async function writeNewsletterReader(
  tx: Tx,
  memberId: string,
  asked: { readonly wording: string; readonly where: AskedWhere },
): Promise<void> {
  await sql`
    insert into newsletter_reader (member_id, wording, asked_where) values (${memberId}::uuid, ${asked.wording}, ${asked.where})
    on conflict (member_id) do update set wording = excluded.wording, asked_where = excluded.asked_where,
      asked_at = clock_now(), left_at = null, left_by = null
    where newsletter_reader.left_at is not null
  `.execute(tx)
}

/** Returns whether they read it until now. */
export async function writeLeft(tx: Tx, memberId: string, by: LeftBy): Promise<boolean> {
  const result = await tx
    .updateTable('newsletter_reader')
    .set({ left_at: clockNow, left_by: by })
    .where('member_id', '=', memberId)
    .where('left_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** The member of a mailbox who reads the newsletter. */
export async function readerAt(db: Db, email: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('newsletter_reader')
    .innerJoin('member', 'member.id', 'newsletter_reader.member_id')
    .select('member.id')
    .where('member.email', '=', email)
    .where('newsletter_reader.left_at', 'is', null)
    .executeTakeFirst()
  return row?.id
}

export async function countNewsletterReaders(db: Db): Promise<number> {
  const row = await db
    .selectFrom('newsletter_reader')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('left_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Whoever's mail server knows no such address gets no more, from the first mail on that it said so about. Returns how many. */
export async function leaveOnBounces(db: Db): Promise<number> {
  const result = await sql`
    update newsletter_reader reader set left_at = clock_now(), left_by = 'bounce'
    from post_mail mail
    join email_message message on message.template = 'post' and message.entity_key = mail.post_id || ':' || mail.member_id
    where mail.member_id = reader.member_id and reader.left_at is null and mail.state = 'mailed'
      and message.state = 'failed' and message.fault = 'reader' and message.created_at >= reader.asked_at
  `.execute(db)
  return Number(result.numAffectedRows ?? 0)
}

export type MailingState = 'waiting' | 'running' | 'stopped' | 'done'

export interface Mailing {
  readonly state: MailingState
  readonly createdAt: Date
  readonly finishedAt: Date | undefined
  /** On the list, not mailed yet. */
  readonly waiting: number
  /** In the outbox, on their way. */
  readonly leaving: number
  readonly sent: number
  /** Whose mail server refused the address or the mail for good. */
  readonly refused: number
  /** Had left meanwhile, or may not have it any more. */
  readonly leftOut: number
}

export async function findMailing(db: Db, postId: string): Promise<Mailing | undefined> {
  const { rows } = await sql<{
    state: MailingState
    created_at: Date
    finished_at: Date | null
    waiting: number
    leaving: number
    sent: number
    refused: number
    left_out: number
  }>`
    select mailing.state, mailing.created_at, mailing.finished_at,
      count(*) filter (where mail.state = 'waiting')::int as waiting,
      count(*) filter (where message.state in ('queued', 'sending'))::int as leaving,
      count(*) filter (where message.state = 'sent')::int as sent,
      count(*) filter (where message.state = 'failed')::int as refused,
      count(*) filter (where mail.state = 'left_out' or (mail.state = 'mailed' and message.id is null))::int as left_out
    from post_mailing mailing
    left join post_mail mail on mail.post_id = mailing.post_id
    left join email_message message on mail.state = 'mailed'
      and message.template = 'post' and message.entity_key = mail.post_id || ':' || mail.member_id
    where mailing.post_id = ${postId}::uuid
    group by mailing.post_id
  `.execute(db)
  const row = rows[0]
  return (
    row && {
      state: row.state,
      createdAt: row.created_at,
      finishedAt: row.finished_at ?? undefined,
      waiting: row.waiting,
      leaving: row.leaving,
      sent: row.sent,
      refused: row.refused,
      leftOut: row.left_out,
    }
  )
}

/** Who reads the newsletter and was never on this post's list. */
const unlisted = (postId: string) => sql`
  select member_id from newsletter_reader reader
  where left_at is null
    and not exists (select from post_mail listed where listed.post_id = ${postId}::uuid and listed.member_id = reader.member_id)`

export async function countUnlisted(db: Db, postId: string): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from (${unlisted(postId)}) them`.execute(db)
  return rows[0]?.count ?? 0
}

/** Puts everybody on the list who reads the newsletter now. Returns how many came on it. */
export async function listReaders(tx: Tx, postId: string): Promise<number> {
  const result = await sql`
    insert into post_mail (post_id, member_id) select ${postId}::uuid, member_id from (${unlisted(postId)}) them
    on conflict do nothing`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

/** Begins the mailing of a post, or goes on with one that was stopped or done. */
export async function writeMailing(
  tx: Tx,
  postId: string,
  state: 'waiting' | 'running',
  by: string,
): Promise<void> {
  await sql`
    insert into post_mailing (post_id, state, asked_by) values (${postId}::uuid, ${state}, ${by}::uuid)
    on conflict (post_id) do update set state = excluded.state, finished_at = null, next_at = machine_now()
  `.execute(tx)
}

/** Begins the mailings that waited for their posts, where these have appeared. Returns their posts. */
export async function beginAppeared(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ post_id: string }>`
    update post_mailing mailing set state = 'running', next_at = machine_now()
    from post where post.id = mailing.post_id and mailing.state = 'waiting'
      and post.state = 'published' and post.deleted_at is null
    returning mailing.post_id
  `.execute(tx)
  return rows.map((row) => row.post_id)
}

/** Stops one that runs or waits. Returns whether there was one. */
export async function writeStopped(tx: Tx, postId: string): Promise<boolean> {
  const result = await tx
    .updateTable('post_mailing')
    .set({ state: 'stopped' })
    .where('post_id', '=', postId)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function writeDone(tx: Tx, postId: string): Promise<void> {
  await tx
    .updateTable('post_mailing')
    .set({ state: 'done', finished_at: clockNow })
    .where('post_id', '=', postId)
    .execute()
}

/** Takes the running mailing whose turn it is, and sets its next turn: several processes mail no faster than one. */
export async function takeMailing(tx: Tx, pauseMs: number): Promise<string | undefined> {
  const { rows } = await sql<{ post_id: string }>`
    update post_mailing set next_at = machine_now() + ${pauseMs} * interval '1 millisecond'
    where post_id = (
      select post_id from post_mailing where state = 'running' and next_at <= machine_now()
      order by next_at limit 1 for update skip locked
    )
    returning post_id
  `.execute(tx)
  return rows[0]?.post_id
}

export interface ListedReader {
  readonly memberId: string
  readonly email: string
  readonly isWanted: boolean
}

/** The next ones of a list, locked, with whether they still want it. */
export async function nextReaders(tx: Tx, postId: string, most: number): Promise<ListedReader[]> {
  const { rows } = await sql<ListedReader>`
    select mail.member_id as "memberId", member.email, coalesce(reader.left_at is null, false) as "isWanted"
    from post_mail mail join member on member.id = mail.member_id
    left join newsletter_reader reader on reader.member_id = mail.member_id
    where mail.post_id = ${postId}::uuid and mail.state = 'waiting'
    order by mail.member_id limit ${most}
    for update of mail skip locked
  `.execute(tx)
  return rows
}

export async function markMails(
  tx: Tx,
  postId: string,
  memberIds: readonly string[],
  state: 'mailed' | 'left_out',
): Promise<void> {
  if (memberIds.length === 0) return
  await tx
    .updateTable('post_mail')
    .set({ state, at: clockNow })
    .where('post_id', '=', postId)
    .where('member_id', 'in', [...memberIds])
    .execute()
}

/** A reader as the text is made for them; undefined for whom has left, or is no member any more. */
export async function mailReader(
  db: Db,
  memberId: string,
): Promise<{ readonly email: string; readonly isOwner: boolean } | undefined> {
  return db
    .selectFrom('newsletter_reader')
    .innerJoin('member', 'member.id', 'newsletter_reader.member_id')
    .select(['member.email', sql<boolean>`member.role = 'owner'`.as('isOwner')])
    .where('member.id', '=', memberId)
    .where('newsletter_reader.left_at', 'is', null)
    .executeTakeFirst()
}
