import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, afterEach, describe, expect, inject, test, vi } from 'vitest'
import { sql } from 'kysely'
import { backUpWhenDue } from '#boot/server/backup-round.ts'
import {
  backupOfShop,
  backupState,
  claimStorage,
  db,
  runtime,
  storage,
} from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import { BackupError } from '../../src/modules/platform/server/backup/write-backup.ts'
import {
  examineBackup,
  RestoreError,
} from '../../src/modules/platform/server/backup/read-backup.ts'
import { restoreShop } from '../../scripts/restore-shop.ts'
import { migrationsFolder, onServer } from '../../scripts/throwaway-database.ts'
import { migrate, readMigrations } from '../../server/database/migrate.ts'
import { useDatabase } from '../database.ts'
import { aFileProduct, sellTo } from '../files.ts'
import { brokenInvariants } from '../invariants.ts'
import { setUpOwner } from '../people.ts'
import { startS3Server } from '../s3-server.ts'
import { until } from '../until.ts'

// Building a database anew for every restore takes its time on two busy processors.
vi.setConfig({ testTimeout: 120_000 })
const database = useDatabase()
const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-backup-'))
const made: string[] = []
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(async () => {
  for (const name of made.splice(0))
    await onServer(serverUrl('postgres'), `drop database ${name} with (force)`)
})

const serverUrl = (name: string) => inject('databaseUrl').replace('DATABASE', name)

async function emptyDatabase(): Promise<string> {
  const name = `restored_${randomBytes(5).toString('hex')}`
  await onServer(serverUrl('postgres'), `create database ${name}`)
  made.push(name)
  return serverUrl(name)
}

let count = 0
const newPath = () => path.join(folder, `file-${++count}`)

async function backUp(): Promise<string> {
  const place = newPath()
  expect(await backupOfShop('asked', place)).toMatchObject({ ok: true })
  return place
}

/** Restores with settings of its own; the runtime of the tests is as before afterwards. */
async function restore(
  file: string,
  url: string,
  more: Record<string, string | undefined> = {},
  newSecret = false,
) {
  const before = runtime()
  const dataDir = newPath()
  try {
    return {
      dataDir,
      lines: await restoreShop(
        { file, into: dataDir, newSecret },
        { DATABASE_URL: url, SUNDRY_SECRET: before.settings.secret, ...more },
        folder,
      ),
    }
  } finally {
    provideRuntime(before)
  }
}

/** Every row of every table of ours, as one digest a table; identical when nothing is lost and nothing changed. */
async function digests(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // the query under way rejects with the same error
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1`,
    )
    const found: Record<string, string> = {}
    for (const { name } of rows) {
      if (name === 'backup_run') continue
      const { rows: all } = await client.query<{ line: string }>(
        `select t::text as line from ${name} t order by 1`,
      )
      found[name] = `${all.length} ${createHash('sha256')
        .update(all.map(({ line }) => line).join('\n'))
        .digest('hex')}`
    }
    return found
  } finally {
    await client.end()
  }
}

async function shape(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // the query under way rejects with the same error
  await client.connect()
  try {
    const { rows } = await client.query<{ line: string }>(
      `select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint where connamespace = 'public'::regnamespace
       union all select tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text from pg_trigger where not tgisinternal
       union all select indexdef from pg_indexes where schemaname = 'public' order by 1`,
    )
    return rows.map(({ line }) => line)
  } finally {
    await client.end()
  }
}

test('a shop comes back whole in another database: every row, every file, numbers that go on, triggers and keys as they were', async () => {
  await setUpOwner()
  const content = randomBytes(3_000_000)
  await sellTo(await aFileProduct(content, 'Odd\tsigns \\ and\nlines, "quoted", ünïcode'), {
    email: 'ada@example.com',
  })
  await sellTo(await aFileProduct('x', 'Next to nothing in it'), { email: 'ada@example.com' })
  // More than one batch of rows; a few at a time, since a statement of the shop may take four seconds.
  for (let first = 1; first < 12_000; first += 1_000)
    await sql`insert into email_message (template, entity_key, to_address, subject, content, message_id)
      select 'filler', n::text, 'a@b.example', 'x', jsonb_build_object('text', repeat(md5(n::text), 30)), n || '@x'
      from generate_series(${first}::int, ${first + 999}::int) n`.execute(db())
  const file = await backUp()
  const url = await emptyDatabase()
  const { dataDir, lines } = await restore(file, url)
  expect(lines[0]).toMatch(/^Restored the backup of 20/)
  expect(await digests(url)).toEqual(await digests(database.url()))
  expect(await shape(url)).toEqual(await shape(database.url()))

  const before = runtime()
  const { rows: stored } = await sql<{
    key: string
    sha: string
  }>`select storage_key as key, sha256 as sha from stored_file`.execute(db())
  expect(stored.length).toBeGreaterThanOrEqual(2)
  for (const { key, sha } of stored)
    expect(
      createHash('sha256')
        .update(readFileSync(path.join(dataDir, 'files', key)))
        .digest('hex'),
    ).toBe(sha)
  const { rows: numbers } = await sql<{
    last: number
  }>`select last_value as last from order_number`.execute(db())
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows: next } = await client.query<{ next: string }>(
    `select nextval('order_number') as next`,
  )
  await expect(client.query(`update audit_entry set action = 'other'`)).rejects.toThrow(
    'append-only',
  )
  await client.end()
  expect(Number(next[0]?.next)).toBe((numbers[0]?.last ?? 0) + 1)
  expect(await brokenInvariants()).toEqual([])
  provideRuntime(before)
  // The backups of the other tests need not carry it.
  await sql`delete from email_message where template = 'filler'`.execute(db())
})

test('a shop with its files in a bucket comes back into an empty bucket, byte for byte, and never into that of another shop (M40)', async () => {
  const [lost, found, foreign] = await Promise.all([
    startS3Server(),
    startS3Server(),
    startS3Server(),
  ])
  const usual = runtime()
  const inBucket = (url: string) =>
    provideRuntime({ ...usual, settings: { ...usual.settings, storageUrl: url } })
  try {
    inBucket(lost.url('shop'))
    await claimStorage(db(), { mayMove: true })
    const content = randomBytes(6_000_000) // more than one part of an upload
    await sellTo(await aFileProduct(content, 'In a bucket'), { email: 'ada@example.com' })
    const file = await backUp()
    const { rows: stored } = await sql<{
      key: string
      sha: string
    }>`select storage_key as key, sha256 as sha from stored_file where file_name is not null`.execute(
      db(),
    )
    await lost.shut()
    const { lines } = await restore(file, await emptyDatabase(), { STORAGE_URL: found.url('new') })
    expect(lines.join(' ')).toContain('the place that STORAGE_URL names')
    inBucket(found.url('new'))
    const digestOf = async (key: string) => {
      const read = await storage().read(key)
      return (
        read &&
        createHash('sha256')
          .update(await buffer(read.stream))
          .digest('hex')
      )
    }
    const large = stored.find(
      ({ sha }) => sha === createHash('sha256').update(content).digest('hex'),
    )
    expect(await digestOf(large?.key ?? '')).toBe(large?.sha)

    inBucket(foreign.url('shop'))
    await storage().put('images/aa/another-shops', Readable.from([Buffer.from('x')]), 10)
    await expect(
      restore(file, await emptyDatabase(), { STORAGE_URL: foreign.url('shop') }),
    ).rejects.toThrow(/is not empty and does not hold the files of this shop/)
    // The other tests look for all files where they usually lie.
    provideRuntime(usual)
    await storage().put(large?.key ?? '', Readable.from([content]), content.length)
  } finally {
    provideRuntime(usual)
    await lost.open()
    for (const store of [lost, found, foreign]) await store.close()
  }
})

test('what is sold while the backup is written is in it whole or not at all', async () => {
  const product = await aFileProduct('while it runs', 'Sold meanwhile')
  const end = new AbortController()
  const selling = (async () => {
    let sold = 0
    while (!end.signal.aborted) await sellTo(product, { email: `buyer${++sold}@example.com` })
    return sold
  })()
  const files = [await backUp(), await backUp()]
  end.abort()
  expect(await selling).toBeGreaterThan(0)
  for (const file of files) {
    const url = await emptyDatabase()
    await restore(file, url)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<{ torn: string }>(
      `select count(*) as torn from shop_order o full join order_line l on l.order_id = o.id full join entitlement e on e.source_id = l.id
       where o.id is null or l.id is null or e.id is null`,
    )
    await client.end()
    expect(Number(rows[0]?.torn)).toBe(0)
  }
})

describe('a restore refuses, in words, and changes nothing', () => {
  test('what is not empty', async () => {
    const file = await backUp()
    const url = await emptyDatabase()
    await onServer(url, 'create table of_somebody_else (x int)')
    await expect(restore(file, url)).rejects.toThrow('not empty (it has public.of_somebody_else)')
    const other = await emptyDatabase()
    const files = newPath()
    await restore(file, other, { STORAGE_URL: `file:${files}` })
    // The same shop's own files may lie there already; another's may not.
    await restore(file, await emptyDatabase(), { STORAGE_URL: `file:${files}` })
    writeFileSync(path.join(files, 'home', 'shop'), 'another shop\n')
    await expect(
      restore(file, await emptyDatabase(), { STORAGE_URL: `file:${files}` }),
    ).rejects.toThrow('STORAGE_URL')
  })

  test('a damaged, cut or foreign file', async () => {
    const file = await backUp()
    const packed = readFileSync(file)
    const url = await emptyDatabase()
    const refusal = async (bytes: Buffer) => {
      const damaged = newPath()
      writeFileSync(damaged, bytes)
      return restore(damaged, url).then(
        () => 'it was restored',
        (error: unknown) => (error instanceof RestoreError ? error.message : String(error)),
      )
    }
    for (const share of [0.001, 0.3, 0.6, 0.9, 0.999])
      expect(await refusal(packed.subarray(0, Math.floor(packed.length * share)))).toMatch(
        /no whole backup/,
      )
    for (const share of [0.1, 0.4, 0.7, 0.95]) {
      const flipped = Buffer.from(packed)
      const at = Math.floor(packed.length * share)
      flipped[at] = (flipped[at] ?? 0) ^ 0x10
      expect(await refusal(flipped)).toMatch(/no whole backup|is damaged/)
    }
    // Packed again, so that only the list of digests can tell.
    const plain = gunzipSync(packed)
    const inside = plain.indexOf('while it runs')
    plain[inside] = 0x57
    expect(inside).toBeGreaterThan(0)
    expect(await refusal(gzipSync(plain))).toMatch(/is damaged: files\//)
    expect(await refusal(Buffer.from('my diary'))).toMatch(/no whole backup/)
    await expect(restore(newPath(), url)).rejects.toThrow('There is no file')
    expect(Object.keys(await digests(url))).toEqual([])
  })

  test('another secret than the one things are sealed with, unless a new one is asked for', async () => {
    const file = await backUp()
    const url = await emptyDatabase()
    await expect(
      restore(file, url, { SUNDRY_SECRET: 'another secret, as long as it has to be' }),
    ).rejects.toThrow('is not the one this shop was run with')
    await expect(restore(file, url, { SUNDRY_SECRET: undefined })).rejects.toThrow(
      'Set it as it was',
    )
    expect(Object.keys(await digests(url))).toEqual([])
    const { dataDir } = await restore(file, url, { SUNDRY_SECRET: undefined }, true)
    expect(readFileSync(path.join(dataDir, 'secret'), 'utf8').trim().length).toBeGreaterThan(32)
  })
})

test('a secret that the shop made itself travels, one from the environment does not', async () => {
  const before = runtime()
  expect((await examineBackup(await backUp())).secret).toBeUndefined()
  writeFileSync(path.join(before.settings.dataDir, 'secret'), `${before.settings.secret}\n`)
  const file = await backUp()
  rmSync(path.join(before.settings.dataDir, 'secret'))
  expect((await examineBackup(file)).secret).toBe(before.settings.secret)
  const { dataDir } = await restore(file, await emptyDatabase(), { SUNDRY_SECRET: undefined })
  expect(readFileSync(path.join(dataDir, 'secret'), 'utf8').trim()).toBe(before.settings.secret)
})

test('a backup of an older version is restored as it was and then brought up to date; one of a newer version is refused', async () => {
  const all = readMigrations(migrationsFolder)
  const before = runtime()
  for (const steps of [9, 12]) {
    const old = await emptyDatabase()
    await migrate(old, all.slice(0, steps))
    await onServer(
      old,
      `insert into audit_entry (actor_kind, action, subject_kind, subject_id) values ('system', 'test.done', 'test', '1')`,
    )
    provideRuntime({ ...before, databaseUrl: old })
    const file = await backUp().finally(() => provideRuntime(before))
    const url = await emptyDatabase()
    await restore(file, url)
    expect(await digests(url)).toEqual(await digests(old))
    expect((await migrate(url, all)).length).toBe(all.length - steps)
    expect(await shape(url)).toEqual(await shape(database.url()))
  }
  const file = await backUp()
  const plain = gunzipSync(readFileSync(file))
  const sha = all.at(-1)?.sha256 ?? ''
  const at = plain.lastIndexOf(sha)
  plain.write('0'.repeat(64), at)
  const newer = newPath()
  writeFileSync(newer, gzipSync(plain))
  await expect(restore(newer, await emptyDatabase())).rejects.toThrow(
    /whose database this one does not know/,
  )
})

test('a file whose bytes are gone or damaged is told, and does not keep the rest from being saved', async () => {
  const product = await aFileProduct('soon shorter than it should be', 'Shortened')
  const { rows } = await sql<{
    key: string
    id: string
  }>`select storage_key as key, id from stored_file order by created_at desc limit 1`.execute(db())
  const key = rows[0]?.key ?? ''
  const bytes = path.join(runtime().settings.dataDir, 'files', key)
  writeFileSync(bytes, 'short')
  const cut = await backupOfShop('asked', newPath())
  expect(cut.ok && cut.manifest.files.missing).toEqual([key])
  rmSync(bytes)
  const gone = await backupOfShop('asked', newPath())
  expect(gone.ok && gone.manifest.files.missing).toEqual([key])
  const { lines } = await restore(gone.place, await emptyDatabase())
  expect(lines.join('\n')).toContain(`${key} was not in it`)
  writeFileSync(bytes, 'soon shorter than it should be')
  expect(product.itemId).not.toBe('')
})

describe('the running shop', () => {
  const shopBackups = () => readdirSync(runtime().settings.backups.folder)
  const age = (interval: string) =>
    sql`update backup_run set started_at = started_at - ${interval}::interval, finished_at = finished_at - ${interval}::interval`.execute(
      db(),
    )

  test('makes one every hour, one process at a time, and tells the owner by mail when that fails', async () => {
    await sql`delete from backup_run`.execute(db())
    await sql`update migration set applied_at = now() - interval '2 hours'`.execute(db())
    await Promise.all([backUpWhenDue(), backUpWhenDue(), backUpWhenDue()])
    await until('one is there', () => shopBackups().length === 1)
    await backUpWhenDue()
    expect(shopBackups()).toHaveLength(1)
    expect(await backupState(db())).toMatchObject({ isOverdue: false, failure: undefined })
    await age('61 minutes')
    await backUpWhenDue()
    expect(shopBackups()).toHaveLength(2)

    await age('61 minutes')
    const before = runtime()
    const inTheWay = newPath()
    writeFileSync(inTheWay, 'a file, no folder')
    provideRuntime({
      ...before,
      settings: {
        ...before.settings,
        backups: { ...before.settings.backups, folder: path.join(inTheWay, 'x') },
      },
    })
    await backUpWhenDue()
    await backUpWhenDue()
    provideRuntime(before)
    expect((await backupState(db())).failure).toMatch(/cannot be written to/)
    const { rows: mails } = await sql<{
      subject: string
    }>`select subject from email_message where template = 'backup_missing'`.execute(db())
    expect(mails).toEqual([{ subject: 'Your shop has no new backup' }])
  })

  test('says when the last good one is older than a day', async () => {
    await age('27 hours')
    expect((await backupState(db())).isOverdue).toBe(true)
  })

  test('a backup is never written over, and what a killed one left is cleared away', async () => {
    const place = await backUp()
    await expect(backupOfShop('asked', place)).rejects.toThrow(BackupError)
    await sql`insert into backup_run (cause, place) values ('hourly', 'killed')`.execute(db())
    const draft = path.join(runtime().settings.backups.folder, 'sundry-20260101-000000.tar.gz.part')
    writeFileSync(draft, 'half')
    const made = await backupOfShop('asked')
    expect(made.ok).toBe(true)
    expect(existsSync(draft)).toBe(false)
    const { rows } = await sql<{
      state: string
      error: string
    }>`select state, error from backup_run where place = 'killed'`.execute(db())
    expect(rows).toEqual([{ state: 'failed', error: 'It was broken off: its process ended.' }])
  })
})
