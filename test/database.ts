import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, inject } from 'vitest'
import {
  advanceClock,
  closeDatabase,
  db,
  inTransaction,
  startJobs,
  stopJobs,
} from '#modules/platform/server/index.ts'
import type { JobKind } from '#modules/platform/server/index.ts'
import { provideRuntime, type Runtime } from '#server/runtime.ts'
import { onServer } from '../scripts/throwaway-database.ts'
import { templateName } from './database-server.ts'

/**
 * Gives the test file a database of its own at the newest schema and the runtime that goes with it:
 * everything under test then works as in the running program. Call once at the top of a *.db.test.ts.
 * options.jobs: kinds whose workers run while the file's tests do.
 */
export function useDatabase(
  options: { jobs?: readonly JobKind<never>[]; runtime?: Partial<Runtime> } = {},
): { url: () => string } {
  const name = `test_${randomBytes(6).toString('hex')}`
  const server = inject('databaseUrl')
  const url = server.replace('DATABASE', name)
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sundry-files-'))

  beforeAll(async () => {
    await onServer(
      server.replace('DATABASE', 'postgres'),
      `create database ${name} template ${templateName}`,
    )
    provideRuntime({ ...testRuntime(url, dataDir), ...options.runtime })
    if (options.jobs) await startJobs(options.jobs, { workers: true })
  })
  afterAll(async () => {
    if (options.jobs) await stopJobs()
    await closeDatabase()
    await onServer(server.replace('DATABASE', 'postgres'), `drop database ${name} with (force)`)
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { url: () => url }
}

/** Empties every table (but keeps one-row tables as migrated) before each test of the file. */
export function emptyBeforeEach(): void {
  beforeAll(async () => {
    await sql.raw(emptyTables).execute(db())
  })
  beforeEach(async () => {
    await inTransaction(async (tx) => {
      // Past the guard that keeps a shop with live sales from being emptied, and past foreign keys.
      await sql`set local session_replication_role = replica`.execute(tx)
      await sql`select test_empty_tables()`.execute(tx)
    })
    await sql`update clock set offset_ms = 0`.execute(db())
  })
}

/**
 * Deletes where there is something to delete: a test leaves rows in a few of the tables, and truncating all of them costs
 * ten times as much, a file for each table and index.
 */
const emptyTables = `
  create or replace function test_empty_tables() returns void language plpgsql as $$
  declare
    name text;
    is_filled boolean;
  begin
    for name in
      select quote_ident(tablename) from pg_tables where schemaname = 'public'
        and tablename not in ('migration', 'clock', 'public_version', 'numbers_version')
    loop
      execute 'select exists (select from ' || name || ')' into is_filled;
      if is_filled then
        execute 'delete from ' || name;
      end if;
    end loop;
    perform setval(quote_ident(sequencename)::regclass, start_value, false)
      from pg_sequences where schemaname = 'public' and last_value is not null;
  end $$`

/** Moves the one clock forward by hand. */
export async function passTime(milliseconds: number): Promise<void> {
  await inTransaction((tx) => advanceClock(tx, milliseconds))
}

export function testRuntime(databaseUrl: string, dataDir: string): Runtime {
  return {
    settings: {
      port: 0,
      host: '127.0.0.1',
      origin: 'http://shop.test',
      dataDir,
      databaseUrl,
      stripe: { mode: 'rehearsal' },
      stripeApiBase: undefined,
      smtpUrl: undefined,
      mailFrom: undefined,
      storageUrl: `file:${path.join(dataDir, 'files')}`,
      secret: 'a secret that only tests know, 32+ long',
      backups: {
        folder: path.join(dataDir, 'backups'),
        everyHours: 1,
        keepHours: 24,
        keepDays: 7,
      },
      metricsToken: undefined,
      drainSeconds: 0,
      trustedProxies: 0,
      stripeCallsPerSecond: 100_000,
      fixed: ['STRIPE_CALLS_PER_SECOND'],
    },
    databaseUrl,
    databaseKind: 'server',
    sandbox: undefined,
    mailboxKey: 'mailbox-key-of-the-tests',
    version: 'test',
  }
}
