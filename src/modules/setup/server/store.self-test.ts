import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { BackupFacts, MailFacts, TestLine } from '../self-test-words.ts'

export interface StoredLine extends TestLine {
  readonly checkedAt: Date
}

export async function storedLines(db: Db): Promise<StoredLine[]> {
  const rows = await db
    .selectFrom('self_test')
    .select(['name', 'tone', 'title', 'words', 'remedy', 'checked_at as checkedAt'])
    .limit(50)
    .execute()
  // The column's check holds the same four words.
  return rows.map((row) => ({ ...row, tone: row.tone as TestLine['tone'] }))
}

export async function writeLines(tx: Tx, lines: readonly TestLine[]): Promise<void> {
  for (const line of lines) {
    const values = {
      tone: line.tone,
      title: line.title.slice(0, 200),
      words: line.words.slice(0, 2_000),
      remedy: line.remedy.slice(0, 2_000),
    }
    await tx
      .insertInto('self_test')
      .values({ name: line.name, ...values })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet({ ...values, checked_at: sql<Date>`clock_now()` }),
      )
      .execute()
  }
}

export async function mailFacts(db: Db): Promise<Omit<MailFacts, 'isRehearsal' | 'hasServer'>> {
  const { rows } = await sql<{
    failed: number
    waiting: number
    error: string | null
    sent: Date | null
  }>`select
      (select count(*) from email_message where state = 'failed') as failed,
      (select count(*) from email_message where state in ('queued', 'sending')
        and created_at < clock_now() - interval '15 minutes') as waiting,
      (select last_error from email_message where state <> 'sent' and last_error is not null
        order by created_at desc limit 1) as error,
      (select max(sent_at) from (select sent_at from email_message where via = 'smtp'
        order by created_at desc limit 20) lately) as sent`.execute(db)
  const row = rows[0]
  return {
    failed: row?.failed ?? 0,
    waitingLong: row?.waiting ?? 0,
    lastError: row?.error ?? undefined,
    lastSentAt: row?.sent ?? undefined,
  }
}

/** All in machine time, as backups are. */
export async function backupFacts(db: Db): Promise<BackupFacts & { readonly now: Date }> {
  const { rows } = await sql<{
    now: Date
    good: Date | null
    place: string | null
    bytes: number | null
    error: string | null
  }>`select machine_now() as now, good.finished_at as good, good.place, good.bytes, last.error
    from (values (1)) one
    left join lateral (select finished_at, place, bytes from backup_run where state = 'done'
      order by finished_at desc limit 1) good on true
    left join lateral (select error from backup_run order by started_at desc, id desc limit 1) last on true`.execute(
    db,
  )
  const row = rows[0]
  if (!row) throw new Error('machine_now() gave no row')
  return {
    now: row.now,
    lastGoodAt: row.good ?? undefined,
    place: row.place ?? '',
    bytes: row.bytes ?? undefined,
    lastError: row.error ?? undefined,
  }
}

/** Version of PostgreSQL, and what of its durability is switched off. */
export async function databaseFacts(
  db: Db,
): Promise<{ readonly version: string; readonly switchedOff: readonly string[] }> {
  const { rows } = await sql<{ version: string; off: string[] }>`select
      current_setting('server_version') as version,
      coalesce((select array_agg(name order by name) from pg_settings
        where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'), '{}') as off`.execute(
    db,
  )
  return { version: rows[0]?.version.split(' ')[0] ?? '', switchedOff: rows[0]?.off ?? [] }
}

/** Paid checkouts without an order, and jobs that gave up in the last week. */
export async function leftOver(
  db: Db,
): Promise<{ readonly paidWithoutOrder: number; readonly failedJobs: number }> {
  const { rows } = await sql<{ paid: number }>`select count(*) as paid from payment
      where not exists (select from shop_order where shop_order.checkout_id = payment.checkout_id)`.execute(
    db,
  )
  const jobs = await sql<{ failed: number }>`select count(*) as failed from pgboss.job
      where state = 'failed' and completed_on > machine_now() - interval '7 days'`
    .execute(db)
    // Before the first start of the jobs there is no such table.
    .catch(() => undefined)
  return { paidWithoutOrder: rows[0]?.paid ?? 0, failedJobs: jobs?.rows[0]?.failed ?? 0 }
}
