import { expect, test } from 'vitest'
import { quoteCart } from '#modules/cart/server/index.ts'
import {
  productKindsInStore,
  removeExampleProducts,
  storeProducts,
} from '#modules/catalog/server/index.ts'
import { postCards, postFor, removeExamplePosts } from '#modules/content/server/index.ts'
import { couponsPage, removeExampleCoupons } from '#modules/coupons/server/index.ts'
import { plansOnOffer, removeExamplePlans } from '#modules/memberships/server/index.ts'
import { provideProductKinds } from '#modules/orders/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../test/database.ts'
import { setUpOwner } from '../../../test/people.ts'
import { seedExampleShop } from './example-shop.ts'
import { productKinds } from './product-kinds.ts'

useDatabase()
emptyBeforeEach()

const everything = { limit: 50, offset: 0 }

test('a new shop shows every way of selling, once: fixed, open and free prices, a bundle that saves, a coupon', async () => {
  provideProductKinds(productKinds)
  await seedExampleShop()
  await seedExampleShop()
  const { items } = await storeProducts(db(), everything)
  expect(items.map(({ title, price }) => [title, price?.minor, price?.isOpen])).toEqual([
    ['The Wednesday Planner', 1800, false],
    ['Tidemarks', 900, false],
    ['The Brief Sheet', 400, false],
    ['The Desk Set', 2200, false],
    ['Quiet Lines', 300, true],
    ['One Wednesday', 0, false],
  ])
  expect(await productKindsInStore(db())).toEqual([
    { kind: 'bundle', count: 1 },
    { kind: 'download', count: 5 },
  ])
  const entries = items.map((item) => ({
    productId: item.id,
    quantity: 1,
    chosenMinor: undefined,
  }))
  const quote = await quoteCart(db(), { entries, code: 'WELCOME' })
  expect(quote.coupon).toMatchObject({ ok: true, code: 'WELCOME' })
  expect([quote.fullMinor, quote.discountMinor]).toEqual([5900, 590])
  expect(
    (await plansOnOffer(db())).map(({ title, group, trialDays, isExample }) => [
      title,
      group,
      trialDays,
      isExample,
    ]),
  ).toEqual([
    ['Monthly reader', 'Membership', 7, true],
    ['Quarterly reader', 'Membership', 7, true],
  ])
  const posts = await postCards(db(), everything)
  expect(posts.items.map(({ category, isPremium }) => [category?.title, isPremium])).toEqual([
    ['Planning', true],
    ['Notebooks', false],
    ['Working with clients', true],
    ['Notebooks', false],
    ['Planning', false],
  ])
  // Each premium one has a way in that the example shop sells, and its teaser says something.
  for (const { slug } of posts.items.filter(({ isPremium }) => isPremium)) {
    const found = await postFor(db(), slug, undefined)
    expect(found).toMatchObject({
      post: { isWhole: false, openers: { productIds: [expect.anything()] } },
    })
    expect(found.found === 'post' && found.post.description.length).toBeGreaterThan(80)
  }
  expect(quote.lines.find((line) => line.offer.kind === 'bundle')?.parts).toEqual([
    'The Wednesday Planner',
    'Tidemarks',
  ])
})

test('all of it goes again in one step', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  await inTransaction(async (tx) => {
    await removeExampleCoupons(tx, actor)
    await removeExamplePlans(tx, actor)
    await removeExamplePosts(tx, actor)
    return removeExampleProducts(tx, actor)
  })
  expect((await storeProducts(db(), everything)).total).toBe(0)
  expect((await couponsPage(db(), {})).rows).toEqual([])
  expect(await plansOnOffer(db())).toEqual([])
  expect((await postCards(db(), everything)).total).toBe(0)
})
