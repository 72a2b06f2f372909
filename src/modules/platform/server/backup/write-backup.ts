import { constants, createWriteStream } from 'node:fs'
import { access, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { backupContent, type BackupSource } from './backup-content.ts'
import type { Manifest } from './manifest.ts'

/** Nothing was written; the message is for whoever asked for the backup. */
export class BackupError extends Error {
  override name = 'BackupError'
}

export interface BackupOrder extends Omit<BackupSource, 'client'> {
  readonly databaseUrl: string
  /** Absolute path of the file to write. */
  readonly target: string
  readonly cause: 'asked' | 'hourly'
  /** What else to find out once no other process can begin one; false: not needed any more. */
  readonly isStillDue?: (client: pg.Client) => Promise<boolean>
}

export type BackupResult =
  | { readonly ok: true; readonly bytes: number; readonly manifest: Manifest }
  /** busy: another process is at it. not_due: it has been made meanwhile. */
  | { readonly ok: false; readonly reason: 'busy' | 'not_due' }

/** Any number that nobody else uses: one backup at a time, whichever process makes it. */
const backupLock = 7_341_002

/**
 * Writes the whole shop, database and files, into one file while it runs: everything as it was at one moment. The file is there
 * whole or not at all. On record in backup_run. Throws BackupError for what somebody has to see to, and whatever the
 * database or the storage throws; the run is on record as failed then.
 */
export async function writeBackup(order: BackupOrder): Promise<BackupResult> {
  const client = new pg.Client({
    connectionString: order.databaseUrl,
    application_name: 'sundry backup',
    keepAlive: true,
  })
  client.on('error', () => {
    // The query under way rejects with the same error.
  })
  await client.connect()
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1) as taken',
      [backupLock],
    )
    if (!rows[0]?.taken) return { ok: false, reason: 'busy' }
    if (order.isStillDue && !(await order.isStillDue(client)))
      return { ok: false, reason: 'not_due' }
    return await onRecord(client, order, () => write(client, order))
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function write(
  client: pg.Client,
  order: BackupOrder,
): Promise<{ bytes: number; manifest: Manifest }> {
  const folder = path.dirname(order.target)
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(refusedBy(folder))
  await access(folder, constants.W_OK | constants.X_OK).catch(refusedBy(folder))
  if (await exists(order.target)) throw new BackupError(`${order.target} is there already.`)
  await client.query('begin transaction isolation level repeatable read read only')
  await refuseFullDisk(client, folder)
  const draft = `${order.target}.part`
  await rm(draft, { force: true })
  try {
    let manifest: Manifest | undefined
    await pipeline(
      async function* () {
        manifest = yield* backupContent({ ...order, client })
      },
      createGzip({ level: 1 }),
      // flush: the bytes are on the disk before the file gets its name.
      createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
    )
    await client.query('commit')
    if (!manifest) throw new Error('The backup ended without saying what is in it.')
    const { size } = await stat(draft)
    await rename(draft, order.target)
    await syncFolder(folder)
    return { bytes: size, manifest }
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Notes beginning and end. A database that does not know the table yet (older than the program) is backed up all the same. */
async function onRecord(
  client: pg.Client,
  { target, cause }: BackupOrder,
  work: () => Promise<{ bytes: number; manifest: Manifest }>,
): Promise<BackupResult> {
  const { rows: known } = await client.query<{ found: boolean }>(
    `select to_regclass('public.backup_run') is not null as found`,
  )
  if (!known[0]?.found) return { ok: true, ...(await work()) }
  // Whoever left these was killed: we hold the lock.
  await client.query(
    `update backup_run set state = 'failed', finished_at = machine_now(), error = 'It was broken off: its process ended.' where state = 'running'`,
  )
  const { rows } = await client.query<{ id: string }>(
    'insert into backup_run (cause, place) values ($1, $2) returning id',
    [cause, target],
  )
  const id = rows[0]?.id
  try {
    const written = await work()
    await client.query(
      `update backup_run set state = 'done', finished_at = machine_now(), bytes = $2, missing_files = $3 where id = $1`,
      [id, written.bytes, written.manifest.files.missing.length],
    )
    return { ok: true, ...written }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    // With the database gone there is nowhere to note it: the next run finds this one broken off.
    await client.query('rollback').catch(() => undefined)
    await client
      .query(
        `update backup_run set state = 'failed', finished_at = machine_now(), error = $2 where id = $1`,
        [id, words.slice(0, 2000)],
      )
      .catch(() => undefined)
    throw error
  }
}

/** Packed it is smaller than what it holds: with room for all of it unpacked, writing it does not fill the disk. */
async function refuseFullDisk(client: pg.Client, folder: string): Promise<void> {
  const { rows } = await client.query<{ bytes: string }>(
    `select (pg_database_size(current_database()) + (select coalesce(sum(byte_size), 0) from stored_file))::text as bytes`,
  )
  const needed = Number(rows[0]?.bytes ?? 0)
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < needed)
    throw new BackupError(
      `${folder} has ${megabytes(bavail * bsize)} left, the backup may need ${megabytes(needed)}. Make room, or set BACKUP_DIR to another disk.`,
    )
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`
}

function refusedBy(folder: string) {
  return (error: NodeJS.ErrnoException): never => {
    throw new BackupError(`Backups cannot be written to ${folder} (${error.code}).`)
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return // there, folders cannot be opened
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
