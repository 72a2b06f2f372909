import { sql } from 'kysely'
import { createHash } from 'node:crypto'
import { newId } from '../ids.ts'
import { inTransaction, type Db, type Tx } from './database.ts'
import { storage, storageCheckFolder } from './storage.ts'

/** Bytes that are safe in storage but that no row tells of yet. */
export interface StoredBytes {
  /** The id the row will have. */
  readonly id: string
  readonly key: string
  readonly fileName: string
  readonly mediaType: string
  readonly byteSize: number
  readonly sha256: string
}

/**
 * Takes a whole file into storage and reads it back, so that a row never promises bytes that are not there (I18).
 * folder: first part of the storage key, e.g. 'images'; extension with its dot, or ''. Follow it with keepFile()
 * in the transaction that refers to the file, or discardBytes(); what a crash leaves in between is swept.
 * Throws TooLargeError past limitBytes, and whatever source throws; nothing is left behind then.
 */
export async function storeBytes(file: {
  readonly folder: string
  readonly extension: string
  readonly fileName: string
  readonly mediaType: string
  readonly source: AsyncIterable<Uint8Array>
  readonly limitBytes: number
}): Promise<StoredBytes> {
  const id = newId()
  // The last characters of an id are random: they spread the files over 256 folders.
  const key = `${file.folder}/${id.slice(-2)}/${id}${file.extension}`
  const { byteSize, sha256 } = await storage().put(key, file.source, file.limitBytes)
  if ((await digestOf(key)) !== sha256) {
    await storage().remove(key)
    throw new Error(`The storage gave back other bytes than it was given (${key}).`)
  }
  return { id, key, fileName: file.fileName, mediaType: file.mediaType, byteSize, sha256 }
}

async function digestOf(key: string): Promise<string | undefined> {
  const stored = await storage().read(key)
  if (!stored) return undefined
  const hash = createHash('sha256')
  for await (const chunk of stored.stream) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

/** Writes the row of stored bytes, in the transaction that refers to it. */
export async function keepFile(tx: Tx, bytes: StoredBytes): Promise<void> {
  await tx
    .insertInto('stored_file')
    .values({
      id: bytes.id,
      storage_key: bytes.key,
      file_name: bytes.fileName,
      media_type: bytes.mediaType,
      byte_size: bytes.byteSize,
      sha256: bytes.sha256,
    })
    .execute()
}

/** Removes bytes that no row tells of any more (or yet). Call it after the commit that dropped the rows. */
export async function discardBytes(keys: readonly string[]): Promise<void> {
  for (const key of keys) await storage().remove(key)
}

/** Bytes may lie without a row for as long as an upload can take, and then a good deal longer. */
const graceMs = 24 * 3_600_000
const mostFilesLookedAt = 100_000
const batch = 500

/**
 * Tidies these folders of the storage (I18): drops the rows of files that nothing refers to, then bytes without a
 * row, then half-written drafts; each only when older than a day. Only for folders whose files are referred to by
 * foreign keys. Safe at any time and in several processes at once. Returns how many of each went.
 */
export async function sweepOrphanFiles(
  db: Db,
  folders: readonly string[],
): Promise<{ rows: number; bytes: number; drafts: number }> {
  let rows = 0
  let bytes = 0
  for (const folder of folders) {
    rows += await sweepUnusedRows(folder)
    bytes += await sweepOrphanBytes(db, folder)
  }
  bytes += await sweepOrphanBytes(db, storageCheckFolder)
  return { rows, bytes, drafts: await storage().removeDrafts(await dayAgo(db)) }
}

async function sweepUnusedRows(folder: string): Promise<number> {
  let swept = 0
  for (;;) {
    const keys = await inTransaction(async (tx) => {
      const { rows } = await sql<{ storage_key: string }>`
        delete from stored_file where id in (
          select file.id from stored_file file
          where starts_with(file.storage_key, ${`${folder}/`})
            and file.created_at < clock_now() - ${graceMs} * interval '1 millisecond'
            and ${await unreferenced(tx)}
          limit ${batch}
        ) returning storage_key
      `.execute(tx)
      return rows.map((row) => row.storage_key)
    })
    await discardBytes(keys)
    swept += keys.length
    if (keys.length < batch) return swept
  }
}

/** "No row of any table refers to file": asked of the schema itself, so that a new table is heeded from its first day. */
async function unreferenced(db: Db) {
  const { rows } = await sql<{ holder: string; column: string }>`
    select constraints.conrelid::regclass::text as holder, quote_ident(attributes.attname) as column
    from pg_constraint constraints
    join pg_attribute attributes
      on attributes.attrelid = constraints.conrelid and attributes.attnum = any (constraints.conkey)
    where constraints.contype = 'f' and constraints.confrelid = 'stored_file'::regclass
  `.execute(db)
  if (rows.length === 0)
    throw new Error('No table refers to stored_file: nothing can be told unused.')
  return sql.join(
    rows.map(
      ({ holder, column }) =>
        sql`not exists (select from ${sql.raw(holder)} holder where holder.${sql.raw(column)} = file.id)`,
    ),
    sql` and `,
  )
}

/** Removes bytes of one folder that no stored_file row tells of. */
export async function sweepOrphanBytes(db: Db, folder: string): Promise<number> {
  const before = await dayAgo(db)
  const old = (await storage().list(folder, mostFilesLookedAt)).filter(
    (file) => file.modifiedAt < before,
  )
  let swept = 0
  for (let start = 0; start < old.length; start += batch) {
    const keys = old.slice(start, start + batch).map((file) => file.key)
    const known = await db
      .selectFrom('stored_file')
      .select('storage_key')
      .where('storage_key', 'in', keys)
      .execute()
    const kept = new Set(known.map((row) => row.storage_key))
    const orphans = keys.filter((key) => !kept.has(key))
    await discardBytes(orphans)
    swept += orphans.length
  }
  return swept
}

/**
 * A day ago by the real clock: a file carries the time of the machine that wrote it, and a rehearsal clock moved
 * forward must not make an upload that is under way look old.
 */
async function dayAgo(db: Db): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`
    select now() - ${graceMs} * interval '1 millisecond' as at
  `.execute(db)
  const row = rows[0]
  if (!row) throw new Error('now() gave no row')
  return row.at
}
