import { existsSync, readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import type pg from 'pg'
import { runtime } from '#server/runtime.ts'
import { backupName, backupsToDrop, isDraft } from './backup/backup-names.ts'
import { writeBackup, type BackupResult } from './backup/write-backup.ts'
import type { Db } from './database.ts'
import { storage } from './storage.ts'

export interface BackupRun {
  readonly state: 'running' | 'done' | 'failed'
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly place: string
  readonly bytes: number | null
  readonly missingFiles: number
  readonly error: string | null
}

export interface BackupState {
  /** The last one that ended well. */
  readonly last: BackupRun | undefined
  /** Seconds since it was begun: what was sold after that is not in it. undefined without one. */
  readonly ageSeconds: number | undefined
  /** Whether the newest run of all failed, and why. */
  readonly failure: string | undefined
  /** No good backup for longer than a day and two hours, in a shop that is older than that itself. */
  readonly isOverdue: boolean
  /** Today in UTC by the machine's time, such as 2026-03-04. */
  readonly day: string
}

/** A backup a day is the least there should be, with some room for a machine that was switched off. */
const overdueHours = 26

/**
 * Writes a backup of the whole shop. target: where to; left out, under a name of its own in BACKUP_DIR, and older ones of the
 * shop's own are given up. hourly: only when it is time for one. Throws BackupError with words for the owner.
 */
export async function backupOfShop(
  cause: 'asked' | 'hourly',
  target?: string,
): Promise<BackupResult & { readonly place: string; readonly dropped: readonly string[] }> {
  const { settings, databaseUrl, version } = runtime()
  const { folder } = settings.backups
  const place = target ?? freshPlace(folder)
  const result = await writeBackup({
    databaseUrl,
    target: place,
    cause,
    storage: storage(),
    secret: settings.secret,
    secretTravels: isOwnSecret(settings),
    version,
    ...(cause === 'hourly' ? { isStillDue: isDue } : {}),
  })
  const dropped = result.ok && target === undefined ? await prune(folder) : []
  return { ...result, place, dropped }
}

/** Whether the secret is the one the program made and keeps beside the data; one from the environment is its owner's to keep. */
function isOwnSecret({ dataDir, secret }: { dataDir: string; secret: string }): boolean {
  const file = path.join(dataDir, 'secret')
  return existsSync(file) && readFileSync(file, 'utf8').trim() === secret
}

/** Named in real time, as people look for it; two in one second are named as if a second apart. */
function freshPlace(folder: string): string {
  for (let at = Date.now(); ; at += 1_000) {
    const place = path.join(folder, backupName(new Date(at)))
    if (!existsSync(place)) return place
  }
}

/**
 * Whether the running shop should make one now: none was begun within the last hour (BACKUP_EVERY_HOURS), counted from the
 * shop's first start; one that takes long is made less often, so that at most a twentieth of the time goes into it. After
 * a failure it is tried again with the next quarter of an hour.
 */
async function isDue(client: pg.Client): Promise<boolean> {
  const { everyHours } = runtime().settings.backups
  if (everyHours === 0) return false
  const { rows } = await client.query<{ due: boolean }>(
    `select machine_now() >= coalesce(
       (select case when state = 'failed' then greatest(started_at, finished_at) + interval '15 minutes'
          else started_at + greatest($1 * interval '1 hour', 20 * (finished_at - started_at)) end
        from backup_run where state <> 'running' order by started_at desc, id desc limit 1),
       (select min(applied_at) from migration) + $1 * interval '1 hour') as due`,
    [everyHours],
  )
  return rows[0]?.due ?? false
}

/** Asked often; a cheap look before the one that holds the lock. */
export async function isBackupDue(db: Db): Promise<boolean> {
  const { everyHours } = runtime().settings.backups
  if (everyHours === 0) return false
  const { rows } = await sql<{ due: boolean }>`select not exists (
      select from backup_run where state <> 'failed' and started_at > machine_now() - ${everyHours} * interval '1 hour')
      and (select min(applied_at) from migration) < machine_now() - ${everyHours} * interval '1 hour' as due`.execute(
    db,
  )
  return rows[0]?.due ?? false
}

async function prune(folder: string): Promise<string[]> {
  const { keepHours, keepDays } = runtime().settings.backups
  const names = await readdir(folder)
  const drop = [
    ...backupsToDrop(names, new Date(), { hours: keepHours, days: keepDays }),
    // Of a process that was killed: nobody else writes one now, or it would not have been our turn.
    ...names.filter(isDraft),
  ]
  for (const name of drop) await rm(path.join(folder, name), { force: true })
  return drop
}

/** How the shop's backups stand. */
export async function backupState(db: Db): Promise<BackupState> {
  const [last] = await runs(db, sql`where state = 'done'`, 1)
  const [newest] = await runs(db, sql`where state <> 'running'`, 1)
  const { rows } = await sql<{ age: number | null; overdue: boolean; day: string }>`
    select extract(epoch from machine_now() - ${last?.startedAt ?? null}::timestamptz)::float8 as age,
      coalesce(${last?.startedAt ?? null}::timestamptz, (select min(applied_at) from migration))
        < machine_now() - ${overdueHours} * interval '1 hour' as overdue,
      to_char(machine_now() at time zone 'utc', 'YYYY-MM-DD') as day`.execute(db)
  return {
    last,
    ageSeconds: rows[0]?.age ?? undefined,
    failure: newest?.state === 'failed' ? (newest.error ?? undefined) : undefined,
    isOverdue: rows[0]?.overdue ?? false,
    day: rows[0]?.day ?? '',
  }
}

async function runs(db: Db, where: ReturnType<typeof sql>, most: number): Promise<BackupRun[]> {
  const { rows } = await sql<BackupRun>`
    select state, started_at as "startedAt", finished_at as "finishedAt", place, bytes,
      missing_files as "missingFiles", error
    from backup_run ${where} order by started_at desc, id desc limit ${most}`.execute(db)
  return rows
}
