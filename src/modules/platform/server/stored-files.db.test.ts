import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { startS3Server, type S3Server } from '../../../../test/s3-server.ts'
import {
  db,
  discardBytes,
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

/** A place for files, with what these tests do to it behind the program's back. */
interface Place {
  url(): string
  /** Makes stored bytes look that old. */
  age(key: string, at: Date): Promise<void>
  /** A put that was killed in its middle, made to look that old. */
  interruptedPut(at: Date): Promise<void>
  /** How many interrupted puts have left something. */
  drafts(): Promise<number>
}

let store: S3Server
let usual = ''
beforeAll(async () => {
  store = await startS3Server()
  usual = runtime().settings.storageUrl
})
afterAll(() => store.close())

const diskPath = (key: string) => path.join(usual.slice('file:'.length), key)
let prefixes = 0

const places: Readonly<Record<string, () => Place>> = {
  'on the disk': () => ({
    url: () => usual,
    age: (key, at) => utimes(diskPath(key), at, at),
    async interruptedPut(at) {
      await mkdir(diskPath('.drafts'), { recursive: true })
      const draft = diskPath(`.drafts/${at.getTime()}`)
      await writeFile(draft, 'half')
      await utimes(draft, at, at)
    },
    drafts: async () => (await readdir(diskPath('.drafts')).catch(() => [])).length,
  }),
  'in a bucket': () => {
    const prefix = `shop-${++prefixes}`
    return {
      url: () => store.url(prefix),
      age: async (key, at) => store.age(`${prefix}/${key}`, at),
      async interruptedPut(at) {
        // A killed process ends nothing: here the ending does not reach the store.
        store.fault = ({ method }) =>
          method === 'DELETE' ? { kind: 'status', status: 400 } : undefined
        const dying = async function* () {
          for (let part = 0; part < 10; part++) yield Buffer.alloc(1024 * 1024)
          throw new Error('killed')
        }
        await expect(storage().put('downloads/half', dying(), 100_000_000)).rejects.toThrow(
          'killed',
        )
        store.fault = () => undefined
        store.ageUploads(at)
      },
      drafts: async () => store.uploads().length,
    }
  },
}

async function ago(days: number): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select now() - ${days} * interval '1 day' as at`.execute(
    db(),
  )
  return rows[0]?.at ?? new Date(0)
}

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

describe.each(Object.keys(places))('files %s', (name) => {
  let place: Place
  beforeEach(() => {
    const made = places[name]?.()
    if (!made) throw new Error(`No place is called ${name}.`)
    place = made
    use(place.url())
  })
  afterEach(async () => {
    store.fault = () => undefined
    for (const { key } of await storage().list('', 100)) await storage().remove(key)
    await storage().removeDrafts(new Date(8.64e15))
    use(usual)
  })

  test('a file past its limit leaves nothing behind', async () => {
    await expect(bytesOf('x'.repeat(101))).rejects.toThrow(TooLargeError)
    expect(await storage().list('', 10)).toEqual([])
  })

  test('M25: a sender that breaks off half-way leaves nothing behind', async () => {
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
    for (const { key } of [orphan, kept]) await place.age(key, await ago(2))
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

  test('what a put killed half-way left goes after a day, a fresh one stays, and nothing of it was ever seen (C32)', async () => {
    await place.interruptedPut(await ago(2))
    expect((await sweepOrphanFiles(db(), ['downloads'])).drafts).toBe(1)
    await place.interruptedPut(await ago(0.9))
    expect((await sweepOrphanFiles(db(), ['downloads'])).drafts).toBe(0)
    expect(await place.drafts()).toBe(1)
    expect((await storage().list('downloads', 10)).map((file) => file.key)).toEqual([])
    expect(await storage().read('downloads/half')).toBeUndefined()
  })

  test('whole bytes whose row was never written go after a day (C33)', async () => {
    const bytes = await bytesOf('the process died here')
    await place.age(bytes.key, await ago(0.9))
    expect((await sweepOrphanFiles(db(), ['downloads'])).bytes).toBe(0)
    await place.age(bytes.key, await ago(1.1))
    expect((await sweepOrphanFiles(db(), ['downloads'])).bytes).toBe(1)
    expect(await isThere(bytes.key)).toBe(false)
  })

  test('bytes that a row pointed to before go after a day when nobody came to remove them (C34)', async () => {
    const [old, fresh] = [await bytesOf('before'), await bytesOf('after')]
    await referTo(old)
    await db()
      .updateTable('stored_file')
      .set({ storage_key: fresh.key })
      .where('id', '=', old.id)
      .execute()
    // Killed here, before discardBytes([old.key]).
    for (const { key } of [old, fresh]) await place.age(key, await ago(2))
    expect((await sweepOrphanFiles(db(), ['images', 'downloads'])).bytes).toBe(1)
    expect([await isThere(old.key), await isThere(fresh.key)]).toEqual([false, true])
    await discardBytes([old.key]) // coming late does no harm
  })
})

function use(storageUrl: string): void {
  const before = runtime()
  provideRuntime({ ...before, settings: { ...before.settings, storageUrl } })
}
