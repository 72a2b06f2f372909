import { describe, expect, test } from 'vitest'
import { db, inTransaction, sqlState } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { addVersion, aFileProduct, fetchVersion, sellTo } from '../../../../test/files.ts'
import { setUpOwner } from '../../../../test/people.ts'
import { enterWindow, recordDelivery } from './counted.ts'
import { findDeliverable } from './store.delivery.ts'
import {
  allowMoreDownloads,
  deliverFile,
  downloadsLeftOf,
  firstCompletedDownload,
  limitDownloads,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const dayMs = 24 * 3_600_000
const content = 'the first edition'

async function limited(most: number | undefined) {
  const product = await aFileProduct(content)
  await inTransaction((tx) => limitDownloads(tx, 'system', product.id, most))
  const bought = await sellTo(product, { email: 'ann@example.com' })
  const left = async () =>
    (await downloadsLeftOf(db(), bought.entitlementId, [product.versionId]))[product.versionId]
  const get = (how: Parameters<typeof fetchVersion>[2] = {}) =>
    fetchVersion(bought.entitlementId, product.versionId, how)
  return { product, bought, left, get }
}

describe('a limit of completed downloads [commerce 17]', () => {
  test('is none unless the owner sets one', async () => {
    const { get, left } = await limited(undefined)
    for (let day = 0; day < 5; day++) {
      expect((await get()).text).toBe(content)
      await passTime(dayMs)
    }
    expect(await left()).toBeUndefined()
  })

  test('counts a download once however it was fetched: resumed, in parts, repeated at once', async () => {
    const { get, left } = await limited(2)
    await get({ range: 'bytes=0-4' })
    expect(await left()).toBe(2)
    await get({ range: 'bytes=3-9' })
    await get({ range: 'bytes=10-' })
    expect(await left()).toBe(1)
    expect((await get()).text).toBe(content) // the line broke at the last byte: once more
    expect(await left()).toBe(1)
  })

  test('does not count what was broken off, or has its end alone', async () => {
    const { get, left } = await limited(1)
    await get({ breakOff: true })
    await get({ range: 'bytes=-5' })
    await passTime(dayMs)
    // Yesterday's parts and today's do not make one download.
    await get({ range: 'bytes=0-11' })
    expect(await left()).toBe(1)
    expect((await get()).text).toBe(content)
    expect(await left()).toBe(0)
  })

  test('refuses what is beyond it, in every form, until the owner gives that buyer more', async () => {
    const { owner } = { owner: (await setUpOwner()).actor }
    const { get, left, bought } = await limited(1)
    await get()
    await passTime(dayMs)
    expect((await get()).status).toBe('limit_reached')
    expect((await get({ range: 'bytes=5-' })).status).toBe('limit_reached')
    expect(
      await inTransaction((tx) => allowMoreDownloads(tx, owner, bought.entitlementId, 2)),
    ).toBe(2)
    expect(await left()).toBe(2)
    expect((await get()).text).toBe(content)
    const acts = await db()
      .selectFrom('audit_entry')
      .select(['action', 'subject_id', 'actor_id'])
      .where('action', '=', 'download.allowed_more')
      .execute()
    expect(acts).toEqual([
      {
        action: 'download.allowed_more',
        subject_id: bought.entitlementId,
        actor_id: owner.memberId,
      },
    ])
  })

  test('ends a window that was used to pass the file around: after three times its bytes the next one counts', async () => {
    const { get, left } = await limited(2)
    for (let times = 0; times < 3; times++) await get()
    expect(await left()).toBe(1)
    await get()
    expect(await left()).toBe(0)
    for (let times = 0; times < 2; times++) await get()
    expect((await get()).status).toBe('limit_reached')
  })

  test('counts a window in which three times its bytes left, though never the last one of them', async () => {
    const { get, left, bought, product } = await limited(1)
    const allButTheLast = `bytes=0-${content.length - 2}`
    for (let times = 0; times < 4; times++)
      expect((await get({ range: allButTheLast })).status).toBe(206)
    expect(await left()).toBe(0)
    expect((await get({ range: allButTheLast })).status).toBe('limit_reached')
    expect((await get({ range: 'bytes=-1' })).status).toBe('limit_reached')
    // It was never fetched whole, and nobody is told that it was.
    const windows = await db()
      .selectFrom('download_window')
      .select(['completed_at', 'version_id'])
      .where('entitlement_id', '=', bought.entitlementId)
      .execute()
    expect(windows).toEqual([{ completed_at: null, version_id: product.versionId }])
  })

  test('counts bytes before they leave: many at once take no more out of a window than one after the other', async () => {
    const size = 3_000_000
    const product = await aFileProduct(Buffer.alloc(size, 7))
    await inTransaction((tx) => limitDownloads(tx, 'system', product.id, 1))
    const { entitlementId } = await sellTo(product, { email: 'ann@example.com' })
    const file = await findDeliverable(db(), product.versionId)
    if (!file) throw new Error('no file')
    const begin = () =>
      deliverFile(
        db(),
        file,
        { method: 'GET', range: null, ifRange: null, ifNoneMatch: null },
        { entitlementId, network: '203.0.113.9', userAgent: undefined },
      )
    // All of them are there before the first one has read anything.
    const answers = []
    for (let at = 0; at < 12; at++) answers.push(await begin())
    let left = 0
    for (const answer of answers) {
      if (!answer.ok) continue
      const reader = answer.response.body?.getReader()
      try {
        for (let read = await reader?.read(); read?.value; read = await reader?.read())
          left += read.value.byteLength
      } catch (error) {
        expect(String(error)).toContain('used up')
      }
    }
    // Three times the file, and what a reader of the disk hands over beyond a step.
    expect(left).toBeLessThanOrEqual(3 * size + answers.length * 100_000)
    expect(left).toBeGreaterThan(2 * size)
    expect(await begin()).toEqual({ ok: false, reason: 'limit_reached' })
  })

  test('is complete by one large file, however many steps it took', async () => {
    const large = Buffer.alloc(3_500_000, 7)
    const product = await aFileProduct(large)
    await inTransaction((tx) => limitDownloads(tx, 'system', product.id, 2))
    const { entitlementId, lineId } = await sellTo(product, { email: 'ann@example.com' })
    const get = (how: Parameters<typeof fetchVersion>[2] = {}) =>
      fetchVersion(entitlementId, product.versionId, how)
    await get({ breakOff: true })
    expect((await get({ range: 'bytes=1500000-' })).status).toBe(206)
    expect(await firstCompletedDownload(db(), [lineId])).toBeUndefined()
    expect((await get({ range: 'bytes=0-1499999' })).text.length).toBe(1_500_000)
    expect(await firstCompletedDownload(db(), [lineId])).toBeDefined()
    const windows = await db()
      .selectFrom('download_window')
      .select(['delivered_bytes as bytes'])
      .where('entitlement_id', '=', entitlementId)
      .execute()
    expect(windows).toEqual([{ bytes: large.length }])
  })

  test('counts each version and each buyer for itself', async () => {
    const { product, get } = await limited(1)
    await get()
    await passTime(dayMs)
    const second = await addVersion(product, 'the second edition', { itemId: product.itemId })
    const other = await sellTo(product, { email: 'ben@example.com' })
    expect((await get()).status).toBe('limit_reached')
    expect((await fetchVersion(other.entitlementId, product.versionId)).text).toBe(content)
    expect((await fetchVersion(other.entitlementId, second.versionId)).status).toBe(200)
  })

  test('lets two that run at once at the last one both finish as one, and never counts beyond', async () => {
    const { get, left, bought, product } = await limited(1)
    await Promise.all([get(), get(), get({ range: 'bytes=0-' })])
    expect(await left()).toBe(0)
    const done = await db()
      .selectFrom('download_window')
      .select('completed_at')
      .where('entitlement_id', '=', bought.entitlementId)
      .execute()
    expect(done.filter((window) => window.completed_at !== null)).toHaveLength(1)
    expect(done).toHaveLength(1)
    expect(product.versionId).toBeTruthy()
  })

  test('lets a slow one that was begun before finish its bytes without counting beyond', async () => {
    const { bought, product, get, left } = await limited(1)
    const of = { ...bought, versionId: product.versionId, byteSize: content.length }
    const slow = await inTransaction((tx) => enterWindow(tx, { ...of, wanted: content.length }))
    if (!slow) throw new Error('it has none left')
    await passTime(dayMs)
    await get()
    expect(await left()).toBe(0)
    await inTransaction((tx) => recordDelivery(tx, slow, [0, content.length], content.length))
    expect(await left()).toBe(0)
    // And when the program were wrong, the database is not.
    const forced = db()
      .updateTable('download_window')
      .set({ completed_at: new Date() })
      .where('id', '=', slow.windowId)
      .execute()
    expect(sqlState(await forced.catch((error: unknown) => error))).toBe('23001')
  })
})

test('what was first fetched whole is told of the lines of an order, and nothing of broken-off ones', async () => {
  const { bought, get, product } = await limited(undefined)
  expect(await firstCompletedDownload(db(), [bought.lineId])).toBeUndefined()
  await get({ breakOff: true })
  await get({ range: 'bytes=2-' })
  expect(await firstCompletedDownload(db(), [bought.lineId])).toBeUndefined()
  await get({ range: 'bytes=0-1' })
  expect(await firstCompletedDownload(db(), [bought.lineId, 'nonsense'])).toMatchObject({
    itemTitle: 'field notes',
    versionLabel: '1',
    entitlementId: bought.entitlementId,
  })
  expect(await firstCompletedDownload(db(), [product.id])).toBeUndefined()
  expect(await firstCompletedDownload(db(), [])).toBeUndefined()
})
