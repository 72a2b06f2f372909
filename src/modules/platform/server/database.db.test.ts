import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { until } from '../../../../test/until.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { audit, db, inTransaction, now, queueMail } from './index.ts'

useDatabase()
emptyBeforeEach()

test('what is written in a transaction that fails is gone, its mail too', async () => {
  const attempt = inTransaction(async (tx) => {
    await queueMail(tx, {
      template: 'receipt',
      entityKey: 'order-1',
      to: 'buyer@example.com',
      subject: 'Your receipt',
      content: { preheader: '', heading: 'Thanks', blocks: [], footnote: '' },
    })
    throw new Error('on purpose')
  })
  await expect(attempt).rejects.toThrow('on purpose')
  expect(await db().selectFrom('email_message').select('id').execute()).toEqual([])
})

test('the same mail about the same thing is queued once', async () => {
  const mail = {
    template: 'receipt',
    entityKey: 'order-1',
    to: 'buyer@example.com',
    subject: 'Your receipt\r\nBcc: everybody@example.com',
    content: { preheader: '', heading: 'Thanks', blocks: [], footnote: '' },
  }
  expect(await inTransaction((tx) => queueMail(tx, mail))).toBe(true)
  expect(await inTransaction((tx) => queueMail(tx, mail))).toBe(false)
  const rows = await db().selectFrom('email_message').select(['subject', 'state']).execute()
  expect(rows).toEqual([{ subject: 'Your receipt Bcc: everybody@example.com', state: 'queued' }])
})

test('the one clock moves forward by hand and never back', async () => {
  const before = await now(db())
  await passTime(3 * 86_400_000)
  const after = await now(db())
  expect(after.getTime() - before.getTime()).toBeGreaterThanOrEqual(3 * 86_400_000)
  await expect(passTime(-1)).rejects.toThrow('forward')
})

test('the audit trail refuses to be changed', async () => {
  await inTransaction((tx) =>
    audit(tx, {
      actor: { kind: 'system' },
      action: 'test.done',
      subject: { kind: 'test', id: '1' },
    }),
  )
  await expect(sql`update audit_entry set action = 'other'`.execute(db())).rejects.toThrow(
    'append-only',
  )
  await expect(sql`delete from audit_entry`.execute(db())).rejects.toThrow('append-only')
})

test('a statement that comes again is planned once a connection, and survives a change of its table', async () => {
  const titles = () =>
    db().selectFrom('site_page').selectAll().where('slug', '>', 'a').orderBy('slug').execute()
  await inTransaction((tx) =>
    sql`insert into site_page (slug, title) values ('terms', 'Terms')`.execute(tx),
  )
  for (let time = 0; time < 5; time++) expect(await titles()).toHaveLength(1)
  const { rows } = await sql<{ kept: number }>`
    select count(*) as kept from pg_prepared_statements where statement like '%from "site_page"%'
  `.execute(db())
  expect(rows[0]?.kept).toBe(1)
  await sql`alter table site_page add column extra text`.execute(db())
  await expect(titles()).rejects.toThrow('cached plan')
  expect((await titles())[0]).toHaveProperty('extra')
  await sql`alter table site_page drop column extra`.execute(db())
})

test('a statement that fails in a transaction leaves the next transaction what it needs', async () => {
  const insert = (slug: string) =>
    inTransaction((tx) => tx.insertInto('site_page').values({ slug, title: slug }).execute())
  await insert('one')
  for (let time = 0; time < 5; time++) await expect(insert('one')).rejects.toThrow('duplicate')
  await insert('two')
  expect(await db().selectFrom('site_page').select('slug').execute()).toHaveLength(2)
})

test('a connection that breaks between two statements of a transaction fails the transaction, not the program', async () => {
  const attempt = inTransaction(async (tx) => {
    const { rows } = await sql<{ id: number }>`select pg_backend_pid() as id`.execute(tx)
    const id = rows[0]?.id ?? 0
    await sql`select pg_terminate_backend(${id}, 5000)`.execute(db())
    await until('its end has arrived here', async () => {
      await sql`select 1`.execute(db())
      return sql`select 1`.execute(tx).then(
        () => false,
        () => true,
      )
    })
    await sql`select 1`.execute(tx)
  })
  await expect(attempt).rejects.toThrow()
  expect(await inTransaction((tx) => now(tx))).toBeInstanceOf(Date)
})

test('only leases and counters do not wait for the disk: what money and pages commit survives a power cut', async () => {
  const setting = async (name: 'pages' | 'money' | 'leases') => {
    const { rows } = await sql<{ setting: string; isOurs: boolean }>`
      select setting, source = 'client' as "isOurs" from pg_settings where name = 'synchronous_commit'
    `.execute(db(name))
    return rows[0]
  }
  expect(await setting('leases')).toEqual({ setting: 'off', isOurs: true })
  // As the server has it: the embedded one waits (server/database/embedded.ts).
  expect(await setting('money')).toMatchObject({ isOurs: false })
  expect(await setting('pages')).toMatchObject({ isOurs: false })
})
