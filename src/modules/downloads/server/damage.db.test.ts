import { rm, writeFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { db, inTransaction, runtime, storage } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { aFileProduct, addVersion, fetchVersion, sellTo } from '../../../../test/files.ts'
import { mailsTo, setUpOwner } from '../../../../test/people.ts'
import { startS3Server } from '../../../../test/s3-server.ts'
import { addFile, damage, goodsOf, lookAfterFiles, receiveFile, repairVersion } from './index.ts'

useDatabase()
emptyBeforeEach()

const owner = 'owner@example.com'

async function sold() {
  await setUpOwner(owner)
  const product = await aFileProduct('the whole book')
  const { entitlementId } = await sellTo(product, { email: 'ann@example.com' })
  const { storage_key: key } = await db()
    .selectFrom('stored_file')
    .select('storage_key')
    .executeTakeFirstOrThrow()
  const file = path.join(runtime().settings.storageUrl.slice('file:'.length), key)
  const get = () => fetchVersion(entitlementId, product.versionId)
  const of = { productId: product.id, itemId: product.itemId, versionId: product.versionId }
  return { product, file, key, get, of }
}

/** As if a month, or an hour for damaged ones, had passed since each was read. */
const turnComes = () => sql`update stored_file set checked_at = null`.execute(db())
const told = async () =>
  (await mailsTo(owner)).filter((mail) => mail.template === 'file_damaged').length

test('M24: a flipped byte is found before a buyer finds it: never wrong bytes, one mail, healed by a restored backup', async () => {
  const { file, get, product } = await sold()
  expect(await lookAfterFiles(db())).toBe(1)
  expect(await lookAfterFiles(db())).toBe(0) // its turn comes again in a month
  const right = await readFile(file)
  await writeFile(file, 'the whole b00k')
  await turnComes()
  await lookAfterFiles(db())
  expect((await get()).status).toBe('out_of_order')
  const goods = (await goodsOf(db(), [product.id])).get(product.id)
  expect(goods?.items[0]).toMatchObject({ versions: [{ isDamaged: true }] })
  expect(await damage(db())).toMatchObject([
    {
      fileName: 'field-notes.pdf',
      damage: 'its bytes are not those that were stored',
      products: [{ productId: product.id, title: 'Field Notes' }],
    },
  ])
  await turnComes()
  await lookAfterFiles(db())
  expect(await told()).toBe(1)
  await writeFile(file, right)
  await turnComes()
  await lookAfterFiles(db())
  expect((await get()).text).toBe('the whole book')
  expect(await damage(db())).toEqual([])
})

test('M24: a buyer who meets it first is told that it is being fixed, parts included, and the owner is told once', async () => {
  const { file, get, of, product } = await sold()
  await rm(file)
  expect((await get()).status).toBe('out_of_order')
  expect((await get()).status).toBe('out_of_order')
  expect(await told()).toBe(1)
  // Damaged again after it was right is news again.
  const received = await receiveFile(Readable.from([Buffer.from('the whole book')]), 'again.pdf')
  if (!received.ok) throw new Error(received.reason)
  expect(await repairVersion('system', of, received.file)).toEqual({ ok: true })
  expect((await get()).text).toBe('the whole book')
  const { storage_key } = await db()
    .selectFrom('stored_file')
    .select('storage_key')
    .executeTakeFirstOrThrow()
  await storage().remove(storage_key)
  expect((await get()).status).toBe('out_of_order')
  expect(await told()).toBe(2)
  expect(product.title).toBe('Field Notes')
})

test('only the right bytes put a version right; others are for a new version, and leave nothing behind', async () => {
  const { file, get, of, product } = await sold()
  const kept = async () => (await storage().list('downloads', 100)).length
  const before = await kept()
  await writeFile(file, 'the whole b00k')
  expect((await get()).status).toBe('out_of_order')
  const upload = async (text: string) => {
    const received = await receiveFile(Readable.from([Buffer.from(text)]), 'again.pdf')
    if (!received.ok) throw new Error(received.reason)
    return received.file
  }
  expect(await repairVersion('system', of, await upload('another book!!'))).toEqual({
    ok: false,
    reason: 'other_bytes',
  })
  expect(
    await repairVersion('system', { ...of, productId: of.itemId }, await upload('the whole book')),
  ).toEqual({ ok: false, reason: 'not_found' })
  expect(await kept()).toBe(before)
  expect((await get()).status).toBe('out_of_order')
  const second = await upload('another book!!')
  await inTransaction((tx) => addFile(tx, 'system', product.id, second, { itemId: product.itemId }))
  expect(await repairVersion('system', of, await upload('the whole book'))).toEqual({ ok: true })
  expect((await get()).text).toBe('the whole book')
  expect(await kept()).toBe(before + 1)
})

test('M23: a store that is silent damages nothing and its files keep their turn', async () => {
  const store = await startS3Server()
  const before = runtime()
  provideRuntime({ ...before, settings: { ...before.settings, storageUrl: store.url('shop') } })
  try {
    await setUpOwner(owner)
    const product = await aFileProduct('in a bucket')
    await addVersion(product, 'second', { itemId: product.itemId })
    const { entitlementId } = await sellTo(product, { email: 'ann@example.com' })
    await store.shut()
    expect(await lookAfterFiles(db())).toBe(0)
    expect((await fetchVersion(entitlementId, product.versionId)).status).toBe('store_down')
    expect(await damage(db())).toEqual([])
    await store.open()
    expect(await lookAfterFiles(db())).toBe(2)
    expect((await fetchVersion(entitlementId, product.versionId)).text).toBe('in a bucket')
    expect(await told()).toBe(0)
  } finally {
    provideRuntime(before)
    await store.close()
  }
})

test('each file is read by one of several processes', async () => {
  const product = await aFileProduct('one')
  for (const text of ['two', 'three', 'four', 'five'])
    await addVersion(product, text, { itemId: product.itemId })
  const counts = await Promise.all([lookAfterFiles(db()), lookAfterFiles(db())])
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5)
})
