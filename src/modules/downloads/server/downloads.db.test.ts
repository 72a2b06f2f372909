import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { productKindContract } from '#modules/catalog/product-kind.contract.ts'
import { archiveProduct, createProduct, duplicateProduct } from '#modules/catalog/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, storage } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import {
  addFile,
  addItem,
  discardFile,
  downloadContents,
  downloadKind,
  editItem,
  editVersion,
  editWords,
  goodsOf,
  receiveFile,
  removeItem,
  removeVersion,
  reorderItems,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const by = 'system'

async function product(title = 'Workbook', kind = 'download'): Promise<string> {
  const { id } = await inTransaction((tx) => createProduct(tx, by, { kind, title }))
  return id
}

async function received(text: string, name: string) {
  const result = await receiveFile(Readable.from([Buffer.from(text)]), name)
  if (!result.ok) throw new Error(result.reason)
  return result.file
}

async function fileItem(productId: string, text: string, name = 'workbook.pdf') {
  const file = await received(text, name)
  const added = await inTransaction((tx) => addFile(tx, by, productId, file, {}))
  if (!added.ok) throw new Error(added.reason)
  return added
}

async function linkItem(productId: string, title: string): Promise<string> {
  const added = await inTransaction((tx) =>
    addItem(tx, by, productId, { kind: 'link', title, note: '', url: 'https://example.com/' }),
  )
  if (!added.ok) throw new Error(added.reason)
  return added.itemId
}

const titles = async (productId: string) =>
  (await downloadContents(db(), productId)).items.map((item) => item.title)

productKindContract(downloadKind, async (productId) => {
  await fileItem(productId, 'x'.repeat(2000))
  await linkItem(productId, 'A course')
})

describe('what a product holds', () => {
  test('is any mix of files, links and snippets, in the owner’s order', async () => {
    const id = await product()
    await inTransaction((tx) =>
      editWords(tx, by, id, {
        greeting: 'Lovely to have you here.',
        directionsMd: '# Start\n\nPrint *page 2*.',
      }),
    )
    const { itemId } = await fileItem(id, 'x'.repeat(1500), 'weekly-planner.pdf')
    const link = await linkItem(id, 'The course')
    const snippet = await inTransaction((tx) =>
      addItem(tx, by, id, {
        kind: 'snippet',
        title: 'Styles',
        note: 'Paste it',
        body: 'a{}',
        language: 'CSS',
      }),
    )
    expect(await titles(id)).toEqual(['weekly planner', 'The course', 'Styles'])
    const order = [snippet.ok ? snippet.itemId : '', itemId, link]
    expect(await inTransaction((tx) => reorderItems(tx, by, id, order))).toEqual({ ok: true })
    const goods = (await goodsOf(db(), [id])).get(id)
    expect(goods).toMatchObject({
      greeting: 'Lovely to have you here.',
      directionsHtml: '<h3>Start</h3>\n<p>Print <em>page 2</em>.</p>\n',
      items: [
        { kind: 'snippet', body: 'a{}', language: 'CSS', note: 'Paste it' },
        {
          kind: 'file',
          versions: [{ label: '1', fileName: 'weekly-planner.pdf', byteSize: 1500, format: 'PDF' }],
        },
        { kind: 'link', url: 'https://example.com/' },
      ],
    })
    expect((await downloadKind.describe(db(), [id])).get(id)).toEqual({
      delivery: '1 file, 1 link, 1 snippet, 1.5 kB, yours at once',
      inside: [
        { title: 'Styles', detail: 'Snippet to copy, CSS' },
        { title: 'weekly planner', detail: 'PDF, 1.5 kB' },
        { title: 'The course', detail: 'Link' },
      ],
    })
  })

  test('scripts in every text field come out inert', async () => {
    const id = await product()
    const attack = '<script>alert(1)</script>'
    await inTransaction((tx) =>
      editWords(tx, by, id, {
        greeting: attack,
        directionsMd: `${attack}\n\n[x](javascript:alert(1))`,
      }),
    )
    const goods = (await goodsOf(db(), [id])).get(id)
    expect(goods?.directionsHtml).not.toContain('<script')
    expect(goods?.directionsHtml).not.toContain('href')
    // A greeting is text: pages show it as text.
    expect(goods?.greeting).toBe(attack)
  })

  test('[commerce 15] stays readable when the product is archived', async () => {
    const id = await product()
    await fileItem(id, 'book')
    await inTransaction((tx) => archiveProduct(tx, by, id))
    expect((await goodsOf(db(), [id])).get(id)?.items).toHaveLength(1)
  })

  test('[commerce 16] a new version is everybody’s at once, and the old one can still be fetched', async () => {
    const id = await product()
    const { itemId } = await fileItem(id, 'one')
    const file = await received('two, longer', 'workbook-2.pdf')
    await inTransaction((tx) =>
      addFile(tx, by, id, file, { itemId, label: '1.3', changes: 'Two new pages.' }),
    )
    const item = (await goodsOf(db(), [id])).get(id)?.items[0]
    expect(item?.kind === 'file' && item.versions).toMatchObject([
      { label: '1.3', changes: 'Two new pages.', fileName: 'workbook-2.pdf' },
      { label: '1', changes: '', fileName: 'workbook.pdf' },
    ])
    const next = await received('three', 'workbook-3.pdf')
    await inTransaction((tx) => addFile(tx, by, id, next, { itemId }))
    const again = (await downloadContents(db(), id)).items[0]
    expect(again?.kind === 'file' && again.versions[0].label).toBe('1.4')
  })

  test('several versions added in one transaction keep their order', async () => {
    const id = await product()
    const files = await Promise.all(
      ['one', 'two', 'three'].map((text) => received(text, `${text}.pdf`)),
    )
    await inTransaction(async (tx) => {
      let itemId: string | undefined
      for (const file of files) {
        const added = await addFile(tx, by, id, file, { itemId })
        if (added.ok) itemId = added.itemId
      }
    })
    const item = (await downloadContents(db(), id)).items[0]
    expect(item?.kind === 'file' && item.versions.map((version) => version.fileName)).toEqual([
      'three.pdf',
      'two.pdf',
      'one.pdf',
    ])
  })

  test('is not touched through another product, nor through one of another kind', async () => {
    const mine = await product('Mine')
    const theirs = await product('Theirs')
    const other = await product('A thing', 'other')
    const { itemId, versionId } = await fileItem(theirs, 'theirs')
    const link = await linkItem(theirs, 'link')
    const none = { ok: false, reason: 'not_found' }
    const asFile = { kind: 'file', title: 'Mine now', note: '' } as const
    const file = await received('x', 'x.pdf')
    const results = await inTransaction(async (tx) => [
      await editItem(tx, by, mine, itemId, asFile),
      await editItem(tx, by, theirs, link, asFile),
      await removeItem(tx, by, mine, itemId),
      await removeItem(tx, by, theirs, "' or true --"),
      await reorderItems(tx, by, mine, [itemId]),
      await reorderItems(tx, by, theirs, [itemId]),
      await addFile(tx, by, mine, file, { itemId }),
      await addFile(tx, by, theirs, file, { itemId: link }),
      await addFile(tx, by, other, file, {}),
      await addFile(tx, by, newId(), file, {}),
      await editVersion(
        tx,
        by,
        { productId: mine, itemId, versionId },
        { label: 'x', changes: '' },
      ),
      await removeVersion(tx, by, { productId: theirs, itemId, versionId: newId() }),
      await editWords(tx, by, 'no id', { greeting: '', directionsMd: '' }),
      await addItem(tx, by, other, {
        kind: 'link',
        title: 'x',
        note: '',
        url: 'https://example.com',
      }),
    ])
    expect(results).toEqual(results.map(() => none))
    expect(await titles(theirs)).toEqual(['workbook', 'link'])
  })

  test('has an end: a hundred items', async () => {
    const id = await product()
    for (let number = 0; number < 100; number++) await linkItem(id, `Link ${number}`)
    const refused = await inTransaction((tx) =>
      addItem(tx, by, id, {
        kind: 'link',
        title: 'One more',
        note: '',
        url: 'https://example.com',
      }),
    )
    expect(refused).toEqual({ ok: false, reason: 'too_many' })
  })
})

describe('taking away', () => {
  test('an item is gone for buyers, its row and bytes stay for the record', async () => {
    const id = await product()
    const { itemId, versionId } = await fileItem(id, 'kept')
    await inTransaction((tx) => removeItem(tx, by, id, itemId))
    expect((await goodsOf(db(), [id])).get(id)?.items).toEqual([])
    expect(await inTransaction((tx) => removeItem(tx, by, id, itemId))).toEqual({
      ok: false,
      reason: 'not_found',
    })
    const row = await db()
      .selectFrom('download_version')
      .innerJoin('stored_file', 'stored_file.id', 'download_version.file_id')
      .select('storage_key')
      .where('download_version.id', '=', versionId)
      .executeTakeFirstOrThrow()
    expect((await storage().read(row.storage_key))?.byteSize).toBe(4)
  })

  test('a version brings the one before it back; the only one is refused', async () => {
    const id = await product()
    const first = await fileItem(id, 'one')
    const file = await received('wrong file', 'wrong.pdf')
    const second = await inTransaction((tx) => addFile(tx, by, id, file, { itemId: first.itemId }))
    if (!second.ok) throw new Error(second.reason)
    const remove = (versionId: string) =>
      inTransaction((tx) =>
        removeVersion(tx, by, { productId: id, itemId: first.itemId, versionId }),
      )
    expect(await remove(second.versionId)).toEqual({ ok: true })
    const item = (await downloadContents(db(), id)).items[0]
    expect(item?.kind === 'file' && item.versions.map((version) => version.fileName)).toEqual([
      'workbook.pdf',
    ])
    expect(await remove(first.versionId)).toEqual({ ok: false, reason: 'only_version' })
  })
})

describe('a copy', () => {
  test('shares the bytes but not the items', async () => {
    const id = await product()
    const { itemId } = await fileItem(id, 'shared')
    await inTransaction((tx) => editWords(tx, by, id, { greeting: 'Hello', directionsMd: 'Read' }))
    const copy = await inTransaction((tx) => duplicateProduct(tx, by, id, downloadKind))
    await inTransaction((tx) => removeItem(tx, by, id, itemId))
    const contents = await downloadContents(db(), copy?.id ?? '')
    expect(contents).toMatchObject({
      greeting: 'Hello',
      directionsMd: 'Read',
      items: [{ title: 'workbook' }],
    })
    expect(contents.items[0]?.id).not.toBe(itemId)
    expect(await db().selectFrom('stored_file').select('id').execute()).toHaveLength(1)
  })
})

describe('receiving a file', () => {
  test('counts the pages of a PDF that tells them', async () => {
    const pdf = '%PDF-1.4\n<</Type/Pages/Count 2>><</Type/Page>><</Type/Page>>'
    expect((await received(pdf, 'a.pdf')).pageCount).toBe(2)
    expect((await received(pdf, 'a.txt')).pageCount).toBeUndefined()
  })

  test('an empty file is refused and leaves nothing', async () => {
    const before = (await storage().list('downloads', 1000)).length
    expect(await receiveFile(Readable.from([]), 'empty.pdf')).toEqual({
      ok: false,
      reason: 'empty',
    })
    expect((await storage().list('downloads', 1000)).length).toBe(before)
  })

  test('the name is never a path', async () => {
    const file = await received('x', '../../../../etc/cron.d/evil\r\nX: y')
    expect(file.bytes.fileName).toBe('evilX- y')
    expect(file.bytes.key).toMatch(/^downloads\/[0-9a-f]{2}\/[0-9a-f-]{36}$/)
    await discardFile(file)
    expect(await storage().read(file.bytes.key)).toBeUndefined()
  })
})
