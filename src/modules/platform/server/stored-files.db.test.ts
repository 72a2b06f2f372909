import { mkdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import {
  db,
  inTransaction,
  keepFile,
  runtime,
  storage,
  storeBytes,
  sweepOrphanBytes,
  sweepOrphanFiles,
  TooLargeError,
  type StoredBytes,
} from './index.ts'

useDatabase()
emptyBeforeEach()

function bytesOf(text: string, folder = 'downloads', limitBytes = 100): Promise<StoredBytes> {
  return storeBytes({
    folder,
    extension: '.txt',
    fileName: 'a.txt',
    mediaType: 'text/plain',
    source: (async function* () {
      yield Buffer.from(text)
    })(),
    limitBytes,
  })
}

function diskPath(key: string): string {
  return path.join(runtime().settings.storageUrl.slice('file:'.length), key)
}

/** Makes bytes look two days old, as those of an upload that was interrupted then. */
async function age(key: string): Promise<void> {
  const { rows } = await sql<{ at: Date }>`select now() - interval '2 days' as at`.execute(db())
  const at = rows[0]?.at ?? new Date(0)
  await utimes(diskPath(key), at, at)
}

async function isThere(key: string): Promise<boolean> {
  const stored = await storage().read(key)
  stored?.stream.destroy()
  return stored !== undefined
}

/** A picture's row, so that something refers to the file. */
async function referTo(bytes: StoredBytes): Promise<void> {
  await inTransaction(async (tx) => {
    await keepFile(tx, bytes)
    await tx.insertInto('image').values({ id: bytes.id, width: 1, height: 1, blur: '' }).execute()
    await tx
      .insertInto('image_variant')
      .values({ image_id: bytes.id, width: 1, format: 'webp', file_id: bytes.id })
      .execute()
  })
}

test('a file past its limit leaves nothing behind', async () => {
  await expect(bytesOf('x'.repeat(101))).rejects.toThrow(TooLargeError)
  expect(await storage().list('', 10)).toEqual([])
})

test('a sender that breaks off half-way leaves nothing behind', async () => {
  const broken = storeBytes({
    folder: 'downloads',
    extension: '',
    fileName: 'a',
    mediaType: 'text/plain',
    source: (async function* () {
      yield Buffer.from('half')
      throw new Error('the line is gone')
    })(),
    limitBytes: 100,
  })
  await expect(broken).rejects.toThrow('the line is gone')
  expect(await storage().list('', 10)).toEqual([])
})

test('bytes without a row go after a day, fresh ones stay, and so do those that a row tells of', async () => {
  const fresh = await bytesOf('fresh')
  const orphan = await bytesOf('orphan')
  const kept = await bytesOf('kept')
  await referTo(kept)
  await age(orphan.key)
  await age(kept.key)
  expect(await sweepOrphanBytes(db(), 'downloads')).toBe(1)
  expect(await Promise.all([fresh, orphan, kept].map((file) => isThere(file.key)))).toEqual([
    true,
    false,
    true,
  ])
})

test('a row that nothing refers to goes with its bytes after a day', async () => {
  const unused = await bytesOf('unused', 'images')
  const used = await bytesOf('used', 'images')
  await inTransaction((tx) => keepFile(tx, unused))
  await referTo(used)
  const never = { rows: 0, bytes: 0, drafts: 0 }
  expect(await sweepOrphanFiles(db(), ['images'])).toEqual(never)
  await sql`update stored_file set created_at = created_at - interval '2 days'`.execute(db())
  expect((await sweepOrphanFiles(db(), ['images'])).rows).toBe(1)
  expect(await isThere(unused.key)).toBe(false)
  expect(await isThere(used.key)).toBe(true)
})

test('a draft that a crash left half-written goes after a day', async () => {
  const drafts = ['.drafts/old', '.drafts/new']
  await mkdir(diskPath('.drafts'), { recursive: true })
  for (const draft of drafts) await writeFile(diskPath(draft), 'half')
  await age('.drafts/old')
  expect((await sweepOrphanFiles(db(), ['downloads'])).drafts).toBe(1)
  expect((await storage().list('.drafts', 10)).map((file) => file.key)).toEqual(['.drafts/new'])
})
