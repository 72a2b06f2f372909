import { expect, test } from 'vitest'
import { db } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { addVersion, aFileProduct, fetchVersion, sellTo } from '../../../../test/files.ts'
import { accessLog, accessLogOfCustomers, accessLogOfLines, accessLogOfProduct } from './index.ts'

useDatabase()
emptyBeforeEach()

test('[commerce 44] the log tells, for a product, a customer and the lines of an order, what was fetched and whether it was whole', async () => {
  const notes = await aFileProduct('the first edition')
  const other = await aFileProduct('something else', 'Other')
  const ann = await sellTo(notes, { email: 'ann@example.com' })
  const ben = await sellTo(notes, { email: 'ben@example.com' })
  const annsOther = await sellTo(other, { email: 'ann@example.com' })
  await fetchVersion(ann.entitlementId, notes.versionId, { range: 'bytes=0-4' })
  await fetchVersion(ben.entitlementId, notes.versionId)
  await fetchVersion(annsOther.entitlementId, other.versionId)
  await fetchVersion(ann.entitlementId, notes.versionId, { range: 'bytes=5-' })

  const seen = async (page: ReturnType<typeof accessLog>) =>
    (await page).rows.map((row) => [
      row.customerEmail,
      row.productTitle,
      row.bytes,
      row.completedAt !== undefined,
    ])
  const all = [
    ['ann@example.com', 'Field Notes', 12, true],
    ['ann@example.com', 'Other', 14, true],
    ['ben@example.com', 'Field Notes', 17, true],
    // Both requests of one download that was completed by the second.
    ['ann@example.com', 'Field Notes', 5, true],
  ]
  expect(await seen(accessLog(db(), {}))).toEqual(all)
  expect(await seen(accessLogOfProduct(db(), notes.id, {}))).toEqual([all[0], all[2], all[3]])
  expect(await seen(accessLogOfLines(db(), [ann.lineId], {}))).toEqual([all[0], all[3]])
  expect(await seen(accessLogOfLines(db(), [ann.lineId, ben.lineId, 'x'], {}))).toEqual([
    all[0],
    all[2],
    all[3],
  ])
  expect(await seen(accessLogOfCustomers(db(), [ann.customerId], {}))).toEqual([
    all[0],
    all[1],
    all[3],
  ])
  expect(await seen(accessLogOfLines(db(), [], {}))).toEqual([])
  expect((await accessLogOfLines(db(), [ann.lineId], {})).rows[0]).toMatchObject({
    itemTitle: 'field notes',
    versionLabel: '1',
    byteSize: 17,
    network: '203.0.113.9',
    userAgent: expect.stringContaining('Firefox'),
  })
})

test('a long log is paged without one missing or told twice, over several files', async () => {
  const product = await aFileProduct('the first edition')
  const second = await addVersion(product, 'another file')
  const { entitlementId, lineId } = await sellTo(product, { email: 'ann@example.com' })
  await db()
    .insertInto('access_log')
    .values(
      Array.from({ length: 120 }, (_, at) => ({
        entitlement_id: entitlementId,
        item_id: at % 2 ? product.itemId : second.itemId,
        version_id: at % 2 ? product.versionId : second.versionId,
        act: 'download',
        bytes: at,
      })),
    )
    .execute()
  for (const read of [
    (turn: object) => accessLogOfProduct(db(), product.id, turn),
    (turn: object) => accessLogOfLines(db(), [lineId], turn),
    (turn: object) => accessLog(db(), turn),
  ]) {
    const bytes: number[] = []
    let older: string | undefined
    do {
      const page = await read(older === undefined ? {} : { older })
      bytes.push(...page.rows.map((row) => row.bytes))
      older = page.older
    } while (older !== undefined)
    expect(bytes).toEqual(Array.from({ length: 120 }, (_, at) => 119 - at))
    const last = await read({ older: '60' })
    expect((await read({ newer: last.newer ?? '' })).rows.at(-1)?.id).toBe('60')
  }
})
