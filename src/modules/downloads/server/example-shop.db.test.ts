import { expect, test } from 'vitest'
import {
  ownerProduct,
  removeExampleProducts,
  storeProducts,
} from '#modules/catalog/server/index.ts'
import { db, inTransaction, storage } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import {
  discardExampleFiles,
  downloadKind,
  goodsOf,
  layOutExampleDownloads,
  prepareExampleFiles,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const everything = { limit: 50, offset: 0 }

async function layOut() {
  const files = await prepareExampleFiles()
  await inTransaction((tx) => layOutExampleDownloads(tx, files, 'EUR'))
  return storeProducts(db(), everything)
}

test('the example studio sells downloads: one with several files and versions, one priced low, one whose price buyers choose, one free', async () => {
  const { items } = await layOut()
  expect(items.map(({ title, price, isExample }) => [title, price?.minor, isExample])).toEqual([
    ['The Wednesday Planner', 1800, true],
    ['Tidemarks', 900, true],
    ['The Brief Sheet', 400, true],
    ['Quiet Lines', 300, true],
    ['One Wednesday', 0, true],
  ])
  const described = await downloadKind.describe(
    db(),
    items.map((item) => item.id),
  )
  const [planner, marks, brief] = items.map((item) => described.get(item.id))
  expect(planner?.delivery).toMatch(/^3 files, \d+(\.\d)? kB, yours at once$/)
  expect(planner?.inside[0]).toMatchObject({
    title: 'Planner for A4',
    detail: expect.stringMatching(/^PDF, 4 pages, /),
  })
  expect(marks?.delivery).toMatch(/^2 files, 1 link, 1 snippet, /)
  expect(brief?.delivery).toMatch(/^1 file, 1 snippet, /)
  const goods = (await goodsOf(db(), [items[0]?.id ?? ''])).get(items[0]?.id ?? '')
  const file = goods?.items[0]
  expect(file?.kind === 'file' && file.versions.map((version) => version.label)).toEqual([
    '2.0',
    '1.1',
    '1.0',
  ])
})

test('descriptions have no line breaks but those of the text', async () => {
  const { items } = await layOut()
  const [planner] = items
  const product = await ownerProduct(db(), planner?.id ?? '')
  expect(product?.descriptionMd.split('\n')[2]).toMatch(
    /^This one asks for three days\. .* the week\.$/,
  )
  expect(product?.descriptionMd).toContain('\n## How it is made\n- Undated')
  expect(product?.descriptionMd).toContain('\n## What you get\nThe week, ')
})

test('every example file is a real one: PDFs tell their pages', async () => {
  const { items } = await layOut()
  const goods = await goodsOf(
    db(),
    items.map((item) => item.id),
  )
  const versions = [...goods.values()].flatMap(({ items: all }) =>
    all.flatMap((item) => (item.kind === 'file' ? [...item.versions] : [])),
  )
  for (const version of versions) {
    expect(version.byteSize).toBeGreaterThan(50)
    if (version.format === 'PDF') expect(version.pageCount).toBeGreaterThanOrEqual(2)
  }
})

test('the examples go in one step', async () => {
  await layOut()
  expect(await inTransaction((tx) => removeExampleProducts(tx, 'system'))).toMatchObject({
    deleted: 5,
    archived: 0,
  })
  expect((await storeProducts(db(), everything)).total).toBe(0)
})

test('files made for nothing are removed again', async () => {
  const before = (await storage().list('downloads', 1000)).length
  const files = await prepareExampleFiles()
  await discardExampleFiles(files)
  expect((await storage().list('downloads', 1000)).length).toBe(before)
})
