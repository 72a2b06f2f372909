import { beforeEach, describe, expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import type { PaidLine, ProductKind } from './product-kind.ts'
import { createProduct } from './server/index.ts'

/**
 * What every kind of product keeps to, on a real database. Call it in a *.db.test.ts that has called useDatabase()
 * and emptyBeforeEach(). fill: gives a product of this kind all it needs to go live.
 */
export function productKindContract(
  kind: ProductKind,
  fill: (productId: string) => Promise<void>,
): void {
  const draft = async (title: string) => {
    const { id } = await inTransaction((tx) =>
      createProduct(tx, 'system', { kind: kind.kind, title }),
    )
    return id
  }
  const lineOf = (productId: string): PaidLine => ({
    source: { kind: 'order_line', id: newId() },
    productId,
    customerId: newId(),
    quantity: 1,
  })

  describe(`the product kind "${kind.kind}"`, () => {
    let full: string
    let empty: string
    beforeEach(async () => {
      full = await draft('A full one')
      await fill(full)
      empty = await draft('An empty one')
    })

    test('has a name for the database and words for people', () => {
      expect(kind.kind).toMatch(/^[a-z_]+$/)
      expect(kind.words.one).toMatch(/\S/)
      expect(kind.words.many).toMatch(/\S/)
    })

    test('describes what is delivered, and leaves out what it does not know', async () => {
      const described = await kind.describe(db(), [full, newId(), 'no id', "' or true --"])
      expect([...described.keys()]).toEqual([full])
      const { delivery, inside } = described.get(full) ?? { delivery: '', inside: [] }
      expect(delivery).toMatch(/\S/)
      for (const part of inside) expect(part.title).toMatch(/\S/)
      expect(await kind.describe(db(), [])).toEqual(new Map())
    })

    test('describes a page of products with as many queries as one', async () => {
      const count = async (ids: readonly string[]) => {
        let queries = 0
        const counting = db().withPlugin({
          transformQuery: ({ node }) => {
            queries++
            return node
          },
          transformResult: async ({ result }) => result,
        })
        await kind.describe(counting, ids)
        return queries
      }
      const many = [full]
      for (let number = 0; number < 5; number++) {
        const id = await draft(`Another ${number}`)
        await fill(id)
        many.push(id)
      }
      expect(await count(many)).toBe(await count([full]))
    })

    test('says what is missing in sentences, until nothing is', async () => {
      expect(await kind.missing(db(), full)).toEqual([])
      const missing = await kind.missing(db(), empty)
      expect(missing.length).toBeGreaterThan(0)
      for (const words of missing) expect(words).toMatch(/^[A-Z].*\.$/)
      expect((await kind.missing(db(), newId())).length).toBeGreaterThan(0)
    })

    test('gives the same benefits for the same line, every time', () => {
      const line = lineOf(full)
      const benefits = kind.benefits(line)
      expect(benefits.length).toBeGreaterThan(0)
      expect(kind.benefits({ ...line })).toEqual(benefits)
      for (const { benefit } of benefits) expect(benefit).toMatch(/^[a-z_]+$/)
    })

    test('fulfilled twice is fulfilled once, and revoked twice revoked once', async () => {
      const line = lineOf(full)
      const stored = async () => ({
        described: await kind.describe(db(), [full]),
        missing: await kind.missing(db(), full),
      })
      await inTransaction((tx) => kind.fulfil(tx, line))
      const once = await stored()
      await inTransaction((tx) => kind.fulfil(tx, line))
      expect(await stored()).toEqual(once)
      await inTransaction((tx) => kind.revoke(tx, line))
      const ended = await stored()
      await inTransaction((tx) => kind.revoke(tx, line))
      expect(await stored()).toEqual(ended)
    })

    test('revoking what was never fulfilled is no error', async () => {
      await inTransaction((tx) => kind.revoke(tx, lineOf(full)))
    })

    test('a copy delivers the same, and neither changes with the other', async () => {
      await inTransaction((tx) => kind.copy(tx, full, empty))
      const described = await kind.describe(db(), [full, empty])
      expect(described.get(empty)).toEqual(described.get(full))
      expect(await kind.missing(db(), empty)).toEqual([])
    })
  })
}
