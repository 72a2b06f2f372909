import { expect, test } from 'vitest'
import { fixed } from '#modules/catalog/price-rules.ts'
import { createProduct, publishProduct, setPrice } from '#modules/catalog/server/index.ts'
import type { ProductKind } from '#modules/catalog/product-kind.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import {
  addPart,
  bundleContents,
  bundleKind,
  bundlesWith,
  mostParts,
  movePart,
  removePart,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const ready: ProductKind = { ...bundleKind, kind: 'plain', missing: async () => [] }

async function product(title: string, kind = 'plain'): Promise<string> {
  return inTransaction(async (tx) => {
    const { id } = await createProduct(tx, 'system', { kind, title })
    await setPrice(tx, 'system', id, fixed('5'), 'EUR')
    if (kind === 'plain') await publishProduct(tx, 'system', id, ready, 'EUR')
    return id
  })
}
const add = (bundle: string, part: string) =>
  inTransaction((tx) => addPart(tx, 'system', bundle, part))
const holds = async (bundle: string) =>
  (await bundleContents(db(), bundle)).flatMap((part) =>
    part.position === undefined ? [] : [part.title],
  )

test('a bundle holds products in an order of its own, each once, and no other bundle', async () => {
  const [bundle, other] = [await product('Both', 'bundle'), await product('Others', 'bundle')]
  const [notes, grid] = [await product('Notes'), await product('Grid')]
  for (const part of [notes, grid, notes, other, bundle, newId(), 'x']) await add(bundle, part)
  expect(await holds(bundle)).toEqual(['Notes', 'Grid'])
  await inTransaction((tx) => movePart(tx, 'system', bundle, grid, 'earlier'))
  expect(await holds(bundle)).toEqual(['Grid', 'Notes'])
  await inTransaction((tx) => removePart(tx, 'system', bundle, grid))
  expect(await holds(bundle)).toEqual(['Notes'])
  expect(await add(notes, grid)).toEqual({ ok: false, reason: 'not_found' })
})

test('it may go live with two parts that are in the shop; then each part tells which bundles hold it', async () => {
  const bundle = await product('Both', 'bundle')
  const [notes, grid] = [await product('Notes'), await product('Grid')]
  const publish = () =>
    inTransaction((tx) => publishProduct(tx, 'system', bundle, bundleKind, 'EUR'))
  await add(bundle, notes)
  expect(await publish()).toMatchObject({ reason: 'missing' })
  await add(bundle, grid)
  expect(await bundlesWith(db(), notes)).toEqual([])
  expect(await publish()).toEqual({ ok: true })
  expect(await bundlesWith(db(), notes)).toEqual(['Both'])
})

test('two changes at once lose nothing, and there are never more parts than may be', async () => {
  const bundle = await product('All', 'bundle')
  const parts = await Promise.all(
    Array.from({ length: mostParts + 2 }, (_, at) => product(`Part ${at}`)),
  )
  const results = await Promise.all(parts.map((part) => add(bundle, part)))
  expect(results.filter((result) => result.ok)).toHaveLength(mostParts)
  expect(await holds(bundle)).toHaveLength(mostParts)
})
