import { sql } from 'kysely'
import type { MailFault } from '../mail-fault.ts'
import type { Reach } from '#modules/platform/paging.ts'
import {
  clockNow,
  reaching,
  type Db,
  type MailContent,
  type Tx,
} from '#modules/platform/server/index.ts'

export interface StoredMail {
  readonly id: string
  readonly template: string
  readonly to: string
  readonly replyTo: string | undefined
  readonly subject: string
  readonly content: MailContent
  readonly messageId: string
  readonly state: 'queued' | 'sending' | 'sent' | 'failed'
  readonly attempts: number
  readonly lastError: string | undefined
  readonly via: 'smtp' | 'mailbox' | undefined
  readonly createdAt: Date
  readonly sentAt: Date | undefined
  readonly unsubscribeUrl: string | undefined
}

const columns = [
  'id',
  'template',
  'to_address',
  'reply_to',
  'subject',
  'content',
  'message_id',
  'state',
  'attempts',
  'last_error',
  'via',
  'created_at',
  'sent_at',
  'unsubscribe_url',
] as const

interface Row {
  id: string
  template: string
  to_address: string
  reply_to: string | null
  subject: string
  content: unknown
  message_id: string
  state: string
  attempts: number
  last_error: string | null
  via: string | null
  created_at: Date
  sent_at: Date | null
  unsubscribe_url: string | null
}

function fromRow(row: Row): StoredMail {
  return {
    id: row.id,
    template: row.template,
    to: row.to_address,
    replyTo: row.reply_to ?? undefined,
    subject: row.subject,
    content: row.content as MailContent, // written by queueMail alone
    messageId: row.message_id,
    state: row.state as StoredMail['state'], // held to these words by the table's check
    attempts: row.attempts,
    lastError: row.last_error ?? undefined,
    via: (row.via as StoredMail['via'] | null) ?? undefined,
    createdAt: row.created_at,
    sentAt: row.sent_at ?? undefined,
    unsubscribeUrl: row.unsubscribe_url ?? undefined,
  }
}

/**
 * Takes one mail for sending; undefined when it is sent, failed, or in somebody's hands. A hand that died lets go after 45 s.
 * known: modules that can complete mails here. The database refuses to hand over one that only another program can complete; its job
 * is tried again, there or here.
 */
export async function takeMail(
  db: Db,
  id: string,
  known: readonly string[],
): Promise<StoredMail | undefined> {
  const row = await db
    .updateTable('email_message')
    .set({
      state: 'sending',
      leased_until: sql`machine_now() + interval '45 seconds'`,
      attempts: sql`attempts + 1`,
      understood_attempt: sql`case when completed_by = any(${known}::text[]) then attempts + 1 end`,
    })
    .where('id', '=', id)
    .where((where) =>
      where.or([
        where('state', '=', 'queued'),
        where.and([
          where('state', '=', 'sending'),
          where('leased_until', '<', sql<Date>`machine_now()`),
        ]),
      ]),
    )
    .returning(columns)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function markSent(db: Db, id: string, via: 'smtp' | 'mailbox'): Promise<void> {
  await db
    .updateTable('email_message')
    .set({ state: 'sent', via, sent_at: clockNow, leased_until: null, last_error: null })
    .where('id', '=', id)
    .execute()
}

export async function markUnsent(
  db: Db,
  id: string,
  state: 'queued' | 'failed',
  error: { readonly words: string; readonly fault: MailFault },
): Promise<void> {
  await db
    .updateTable('email_message')
    .set({ state, leased_until: null, last_error: error.words.slice(0, 500), fault: error.fault })
    .where('id', '=', id)
    .execute()
}

/** Takes a mail back that its reader does not want or may not have any more; it leaves no trace. */
export async function withdrawMail(db: Db, id: string): Promise<void> {
  await db.deleteFrom('email_message').where('id', '=', id).where('state', '=', 'sending').execute()
}

/** Mails that wait although no job can be at them: never tried for minutes, without a job at all, or held by a hand that died. */
export async function strandedMails(db: Db, jobName: string, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('email_message')
    .select('id')
    .where((where) =>
      where.or([
        where.and([
          where('state', '=', 'sending'),
          where('leased_until', '<', sql<Date>`machine_now()`),
        ]),
        where.and([
          where('state', '=', 'queued'),
          where('attempts', '=', 0),
          where('created_at', '<', sql<Date>`clock_now() - interval '5 minutes'`),
        ]),
        where.and([
          where('state', '=', 'queued'),
          where('attempts', '>', 0),
          where(
            'email_message.id',
            'not in',
            sql<string>`(select (data->>'mailId')::uuid from pgboss.job where name = ${jobName} and state < 'completed')`,
          ),
        ]),
      ]),
    )
    .orderBy('next_attempt_at')
    .limit(most)
    .execute()
  return rows.map((row) => row.id)
}

export async function mailPage(
  db: Db,
  filter: { readonly to: string | undefined; readonly isUnsent: boolean },
  reach: Reach,
): Promise<StoredMail[]> {
  let query = db.selectFrom('email_message').select(columns)
  if (filter.to) query = query.where('to_address', '=', filter.to)
  if (filter.isUnsent) query = query.where('state', '<>', 'sent')
  const rows = await query
    .$call(reaching(reach, { table: 'email_message', at: 'created_at' }))
    .execute()
  return rows.map(fromRow)
}

export async function findMail(db: Db, id: string): Promise<StoredMail | undefined> {
  const row = await db
    .selectFrom('email_message')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The mails of one template whose keys begin alike, e.g. an order's receipt and its copies; the newest 50, oldest first. */
export async function mailsWithPrefix(
  db: Db,
  template: string,
  entityPrefix: string,
): Promise<StoredMail[]> {
  const rows = await db
    .selectFrom('email_message')
    .select(columns)
    .where('template', '=', template)
    .where('entity_key', '>=', entityPrefix)
    .where('entity_key', '<', `${entityPrefix}￿`)
    .orderBy('created_at', 'desc')
    .limit(50)
    .execute()
  return rows.map(fromRow).toReversed()
}

/** Puts a mail that failed back into the queue; false when it did not fail. */
export async function requeue(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable('email_message')
    .set({ state: 'queued', attempts: 0, next_attempt_at: clockNow, leased_until: null })
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function failedMails(db: Db): Promise<number> {
  const row = await db
    .selectFrom('email_message')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('state', '=', 'failed')
    .executeTakeFirstOrThrow()
  return row.count
}
