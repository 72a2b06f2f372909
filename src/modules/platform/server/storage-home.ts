import { buffer } from 'node:stream/consumers'
import { sql } from 'kysely'
import { inTransaction, type Db, type Tx } from './database.ts'
import { storage } from './storage.ts'

/** Where the mark lies; it is copied along when files move to another store. */
export const markKey = 'home/shop'

export type Home =
  | { readonly ok: true; readonly isNew: boolean }
  /** other_shop: another shop's mark is there. elsewhere: the shop's files are marked as lying in another place. */
  | { readonly ok: false; readonly reason: 'other_shop' | 'elsewhere' }

/**
 * Whether this store is the one in which the shop's files lie, by a mark that is written into it once. It keeps two shops out of
 * one place (each would tidy the other's files away) and two processes of one shop out of two places (each would have half of
 * the files). mayMove: the place may have been emptied or exchanged by its owner; it is marked anew then. Throws
 * StorageUnavailableError while that cannot be told.
 */
export async function claimStorage(db: Db, options: { readonly mayMove: boolean }): Promise<Home> {
  const { id, isMarked } = await findHome(db)
  const stored = await storage().read(markKey)
  const mark = stored && (await buffer(stored.stream)).toString('utf8').trim()
  if (mark === id) {
    if (!isMarked) await inTransaction(noteMarked)
    return { ok: true, isNew: false }
  }
  if (mark !== undefined) return { ok: false, reason: 'other_shop' }
  if (isMarked && !options.mayMove && (await hasFiles(db)))
    return { ok: false, reason: 'elsewhere' }
  await storage().put(
    markKey,
    (async function* () {
      yield Buffer.from(`${id}\n`)
    })(),
    1_000,
  )
  await inTransaction(noteMarked)
  return { ok: true, isNew: true }
}

async function findHome(db: Db): Promise<{ id: string; isMarked: boolean }> {
  await sql`insert into storage_home default values on conflict do nothing`.execute(db)
  const row = await db
    .selectFrom('storage_home')
    .select(['id', 'marked_at'])
    .executeTakeFirstOrThrow()
  return { id: row.id, isMarked: row.marked_at !== null }
}

async function noteMarked(tx: Tx): Promise<void> {
  await sql`update storage_home set marked_at = coalesce(marked_at, machine_now())`.execute(tx)
}

async function hasFiles(db: Db): Promise<boolean> {
  return (await db.selectFrom('stored_file').select('id').limit(1).executeTakeFirst()) !== undefined
}
