import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { addFile, receiveFile } from '#modules/downloads/server/index.ts'
import { entitlementsOfLines, followMoney } from '#modules/entitlements/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../test/database.ts'
import { aProduct, sell } from '../../test/sales.ts'
import { boughtThings } from './bought.server.ts'

useDatabase()
emptyBeforeEach()

const cause = { actor: 'stripe', cause: 'test' } as const
const linkTo = (entitlementId: string, versionId: string) => `/${entitlementId}/${versionId}`

async function bought(lineIds: readonly string[]) {
  return boughtThings(db(), await entitlementsOfLines(db(), lineIds), linkTo)
}

test('what opens comes with its contents, what does not comes with the reason and nothing else', async () => {
  const [open, refunded, disputed] = [await aProduct('A'), await aProduct('B'), await aProduct('C')]
  const order = await sell([open, refunded, disputed], { email: 'ann@example.com' })
  const [a, b, c] = order.lines.map((line) => line.id)
  await inTransaction(async (tx) => {
    await followMoney(tx, [b ?? ''], 'refunded', cause)
    await followMoney(tx, [c ?? ''], 'disputed', cause)
  })
  const things = await bought([a ?? '', b ?? '', c ?? ''])
  const byTitle = Object.fromEntries(things.map((thing) => [thing.title, thing]))
  expect(byTitle.A).toMatchObject({ closed: undefined, goods: { items: [] }, canBuyAgain: false })
  expect(byTitle.B).toMatchObject({
    closed: { title: 'Refunded' },
    goods: undefined,
    canBuyAgain: true,
  })
  expect(byTitle.C).toMatchObject({
    closed: { title: 'Under review' },
    goods: undefined,
    canBuyAgain: false,
  })
})

test('[commerce 15] what is no longer sold still opens, and is not offered anew', async () => {
  const product = await aProduct('Old')
  const order = await sell([product], { email: 'ann@example.com' })
  await db()
    .updateTable('product')
    .set({ state: 'archived' })
    .where('id', '=', product.id)
    .execute()
  const [thing] = await bought(order.lines.map((line) => line.id))
  expect(thing).toMatchObject({ title: 'Old', closed: undefined, isSold: false })
})

test('each version of a file has its link, made for whoever looks', async () => {
  const product = await aProduct()
  const first = await upload(product.id)
  const second = await upload(product.id, first.itemId)
  const order = await sell([product], { email: 'ann@example.com' })
  const [thing] = await bought(order.lines.map((line) => line.id))
  expect(thing?.links).toEqual({
    [first.versionId]: `/${thing?.entitlementId}/${first.versionId}`,
    [second.versionId]: `/${thing?.entitlementId}/${second.versionId}`,
  })
})

/** Puts a file into a download: as a new item, or as the next version of one. */
async function upload(productId: string, itemId?: string) {
  const received = await receiveFile(Readable.from([Buffer.from('a book')]), 'book.txt')
  if (!received.ok) throw new Error(received.reason)
  const { file } = received
  const added = await inTransaction((tx) =>
    addFile(tx, 'system', productId, file, itemId ? { itemId } : {}),
  )
  if (!added.ok) throw new Error(added.reason)
  return added
}
