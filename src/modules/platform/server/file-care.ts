import { sql } from 'kysely'
import { createHash } from 'node:crypto'
import { clockNow } from './clock.ts'
import type { Db, Tx } from './database.ts'
import { storage } from './storage.ts'
import { StorageUnavailableError } from './storage-port.ts'

// Whether stored bytes are still those that were stored. Disks forget, buckets are tidied by hand: found before a buyer finds it.

export interface CheckedFile {
  readonly id: string
  readonly fileName: string
  /** undefined: right. */
  readonly damage: string | undefined
}

/** Everything is read once in so many days, and what is damaged once an hour: it may have been restored meanwhile. */
const againAfterDays = 30
const damagedAgainAfterHours = 1

/**
 * Reads files that nobody has read for longest and compares them with what was stored: at most so many, and no further one once
 * so many bytes were read. Stops while the store does not answer; nothing is called damaged by that. Several processes share the work.
 * Returns what was read; the caller notes what is damaged (markDamaged) or right again (markIntact).
 */
export async function readAgain(
  db: Db,
  most: { readonly files: number; readonly bytes: number },
): Promise<readonly CheckedFile[]> {
  const checked: CheckedFile[] = []
  let bytes = 0
  while (checked.length < most.files && bytes < most.bytes) {
    const file = await takeNext(db)
    if (!file) break
    try {
      const damage = await damageOf(file)
      checked.push({ id: file.id, fileName: file.file_name, damage })
      bytes += file.byte_size
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error
      await giveBack(db, file)
      break
    }
  }
  return checked
}

interface TakenFile {
  id: string
  storage_key: string
  file_name: string
  byte_size: number
  sha256: string
  before: Date | null
}

/** Takes the file whose turn it is, so that no other process reads it, too; the damaged ones first. */
async function takeNext(db: Db): Promise<TakenFile | undefined> {
  const damaged = sql`damaged_at is not null
    and (checked_at is null or checked_at < machine_now() - ${damagedAgainAfterHours} * interval '1 hour')`
  const others = sql`damaged_at is null
    and (checked_at is null or checked_at < machine_now() - ${againAfterDays} * interval '1 day')`
  for (const turn of [damaged, others]) {
    const { rows } = await sql<TakenFile>`
      with next as (
        select id, checked_at as before from stored_file where ${turn}
        order by checked_at nulls first, id limit 1 for update skip locked
      )
      update stored_file file set checked_at = machine_now() from next where file.id = next.id
      returning file.id, file.storage_key, file.file_name, file.byte_size, file.sha256, next.before
    `.execute(db)
    if (rows[0]) return rows[0]
  }
  return undefined
}

async function giveBack(db: Db, file: TakenFile): Promise<void> {
  await db
    .updateTable('stored_file')
    .set({ checked_at: file.before })
    .where('id', '=', file.id)
    .execute()
}

/**
 * What is wrong with stored bytes, in words; undefined when they are right. Reads them whole. Throws StorageUnavailableError when that
 * cannot be told now.
 */
export async function damageOf(file: {
  readonly storage_key: string
  readonly byte_size: number
  readonly sha256: string
}): Promise<string | undefined> {
  try {
    const stored = await storage().read(file.storage_key)
    if (!stored) return 'its bytes are missing'
    if (stored.byteSize !== file.byte_size) {
      stored.stream.destroy()
      return 'its bytes have another length'
    }
    const hash = createHash('sha256')
    for await (const chunk of stored.stream) hash.update(chunk as Uint8Array)
    return hash.digest('hex') === file.sha256
      ? undefined
      : 'its bytes are not those that were stored'
  } catch (error) {
    if (error instanceof StorageUnavailableError) throw error
    const { code } = error as NodeJS.ErrnoException
    return `it cannot be read${code === undefined ? '' : ` (${code})`}`
  }
}

/** Writes down that a file is damaged. Returns whether that is news. */
export async function markDamaged(tx: Tx, fileId: string, damage: string): Promise<boolean> {
  const marked = await tx
    .updateTable('stored_file')
    .set({ damaged_at: clockNow, damage: damage.slice(0, 200) })
    .where('id', '=', fileId)
    .where('damaged_at', 'is', null)
    .executeTakeFirst()
  return marked.numUpdatedRows > 0n
}

/** Writes down that a file is right again. Returns whether that is news. */
export async function markIntact(tx: Tx, fileId: string): Promise<boolean> {
  const marked = await tx
    .updateTable('stored_file')
    .set({ damaged_at: null, damage: null })
    .where('id', '=', fileId)
    .where('damaged_at', 'is not', null)
    .executeTakeFirst()
  return marked.numUpdatedRows > 0n
}

export interface DamagedFile {
  readonly id: string
  readonly fileName: string
  readonly damage: string
  readonly since: Date
}

/** Files that are damaged right now, the longest first, at most 100. */
export async function damagedFiles(db: Db): Promise<readonly DamagedFile[]> {
  const rows = await db
    .selectFrom('stored_file')
    .select(['id', 'file_name', 'damage', 'damaged_at'])
    .where('damaged_at', 'is not', null)
    .orderBy('damaged_at')
    .limit(100)
    .execute()
  return rows.flatMap((row) =>
    row.damaged_at
      ? [{ id: row.id, fileName: row.file_name, damage: row.damage ?? '', since: row.damaged_at }]
      : [],
  )
}

/**
 * Gives a file the bytes that were stored for it once more, when they are the same to the last bit: returns the key of the old ones, which
 * the caller discards after the commit. undefined when they are others (or the file is gone); then the caller discards the new ones.
 */
export async function putRight(
  tx: Tx,
  fileId: string,
  bytes: { readonly key: string; readonly byteSize: number; readonly sha256: string },
): Promise<string | undefined> {
  const file = await tx
    .selectFrom('stored_file')
    .select(['storage_key', 'byte_size', 'sha256'])
    .where('id', '=', fileId)
    .forUpdate()
    .executeTakeFirst()
  if (!file || file.sha256 !== bytes.sha256 || file.byte_size !== bytes.byteSize) return undefined
  await tx
    .updateTable('stored_file')
    .set({
      storage_key: bytes.key,
      damaged_at: null,
      damage: null,
      checked_at: sql<Date>`machine_now()`,
    })
    .where('id', '=', fileId)
    .execute()
  return file.storage_key
}
