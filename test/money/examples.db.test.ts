import { beforeEach, expect, test } from 'vitest'
import { seedExampleShop } from '#boot/server/example-shop.ts'
import {
  editProduct,
  ownerProduct,
  setPrice,
  storeProducts,
} from '#modules/catalog/server/index.ts'
import { couponByCode, couponsPage, editCoupon } from '#modules/coupons/server/index.ts'
import { downloadContents, editItem } from '#modules/downloads/server/index.ts'
import { forgetBackend } from '#modules/payments/server/index.ts'
import {
  editPlan,
  membershipsOf,
  plans,
  sendPlanNow,
  shownPlan,
  sweepPlans,
} from '#modules/memberships/server/index.ts'
import { db, discardBytes, inTransaction } from '#modules/platform/server/index.ts'
import { examplesPreview, removeExamples } from '#modules/setup/server/index.ts'
import { emptyBeforeEach } from '../database.ts'
import { setUpOwner, signUp } from '../people.ts'
import { subscribed } from '../subscribing.ts'
import {
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'

const money = useMoney()
emptyBeforeEach()
beforeEach(forgetBackend)

const everything = { limit: 50, offset: 0 }
async function rowsIn(
  ...tables: ('shop_order' | 'customer' | 'coupon' | 'checkout' | 'entitlement' | 'image')[]
) {
  let rows = 0
  for (const table of tables) {
    const { count } = await db()
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    rows += count
  }
  return rows
}

test('removing the examples leaves none of them behind, bought ones and their orders included; what is the owner’s own stays and sells', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  const own = await makeProduct()
  await signUp('ada@example.com')
  const [tidemarks] = (await storeProducts(db(), everything)).items.filter(
    (item) => item.title === 'Tidemarks',
  )
  if (!tidemarks?.price) throw new Error('The example is not there.')
  const sale = await buy({
    ...own,
    productId: tidemarks.id,
    priceId: tidemarks.price.id,
    unitMinor: 900,
  })
  await money.sandbox.control.pay({ session: sale.sessionId, email: 'ada@example.com' })
  await untilPaid(sale.checkoutId)
  await untilInboxIsEmpty()

  const preview = await examplesPreview(db())
  expect(preview?.products).toHaveLength(6)
  expect(preview).toMatchObject({
    coupons: ['WELCOME'],
    plans: ['Monthly reader', 'Quarterly reader'],
    sweeps: { orders: 1, customers: 1 },
    keepsBought: false,
  })
  const removed = await inTransaction((tx) => removeExamples(tx, actor), 'money')
  await discardBytes(removed.bytes)
  expect(removed.isSwept).toBe(true)
  await money.sandbox.control.reset({ keep_endpoints: true })

  expect((await storeProducts(db(), everything)).items.map((item) => item.id)).toEqual([
    own.productId,
  ])
  expect((await couponsPage(db(), {})).rows).toEqual([])
  expect(await rowsIn('shop_order', 'customer', 'coupon', 'checkout', 'entitlement', 'image')).toBe(
    0,
  )
  expect(await examplesPreview(db())).toBeUndefined()

  const again = await buy(own)
  await money.sandbox.control.pay({ session: again.sessionId, email: 'ben@example.com' })
  await untilPaid(again.checkoutId)
  await untilInboxIsEmpty()
  expect(await outcomeOf(again.checkoutId)).toEqual(fulfilledOnce)
  expect(await brokenInvariants()).toEqual([])
})

test('examples that nobody bought go without anything else', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  const own = await makeProduct()
  const sale = await buy(own)
  await money.sandbox.control.pay({ session: sale.sessionId, email: 'ada@example.com' })
  await untilPaid(sale.checkoutId)
  await untilInboxIsEmpty()
  expect((await examplesPreview(db()))?.sweeps).toBeUndefined()
  const removed = await inTransaction((tx) => removeExamples(tx, actor), 'money')
  await discardBytes(removed.bytes)
  expect(removed.isSwept).toBe(false)
  expect(await rowsIn('shop_order')).toBe(1)
})

test('a process that has not heard yet that the rehearsal is over sweeps nothing of what was sold since', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  const [tidemarks] = (await storeProducts(db(), everything)).items.filter(
    (item) => item.title === 'Tidemarks',
  )
  if (!tidemarks?.price) throw new Error('The example is not there.')
  const sale = await buy({
    ...(await makeProduct()),
    productId: tidemarks.id,
    priceId: tidemarks.price.id,
    unitMinor: 900,
  })
  await money.sandbox.control.pay({ session: sale.sessionId, email: 'ada@example.com' })
  await untilPaid(sale.checkoutId)
  await untilInboxIsEmpty()
  // Another process has gone live, and this one still has the settings of the rehearsal.
  await db().insertInto('shop_setup').values({ uses_keys: true }).execute()

  expect(await examplesPreview(db())).toMatchObject({ sweeps: undefined, keepsBought: true })
  const removed = await inTransaction((tx) => removeExamples(tx, actor), 'money')
  await discardBytes(removed.bytes)
  expect(removed.isSwept).toBe(false)
  expect(await rowsIn('shop_order')).toBe(1)
})

test('of the parts of the example bundle nothing is left behind either', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  const removed = await inTransaction((tx) => removeExamples(tx, actor), 'money')
  await discardBytes(removed.bytes)
  expect(await db().selectFrom('product').select(['title', 'state']).execute()).toEqual([])
})

test('examples that their owner changed by name, price or files are the owner’s own and stay, a bundle with its parts', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  const rest = (await storeProducts(db(), everything)).items.filter(
    ({ title }) => !['The Desk Set', 'The Wednesday Planner', 'Tidemarks'].includes(title),
  )
  const idOf = async (title: string) =>
    (await db().selectFrom('product').select('id').where('title', '=', title).executeTakeFirst())
      ?.id ?? ''
  const [priced, filed, ...left] = rest
  if (!priced?.price || !filed) throw new Error('The examples are not there.')
  const bundle = await ownerProduct(db(), await idOf('The Desk Set'))
  if (!bundle) throw new Error('The bundle is not there.')
  const same = { amount: String(priced.price.minor / 100), isOpen: false, suggested: '' }
  const welcome = await couponByCode(db(), 'WELCOME')
  await inTransaction(async (tx) => {
    // Saved as it was, it is an example as before.
    const untouched = left[0] && (await ownerProduct(tx, left[0].id))
    if (untouched) await editProduct(tx, actor, untouched.id, untouched)
    await setPrice(tx, actor, priced.id, { ...same, amount: '77' }, 'EUR')
    const [item] = (await downloadContents(tx, filed.id)).items
    if (item) await editItem(tx, actor, filed.id, item.id, { ...item, note: 'Mine by now' })
    await editProduct(tx, actor, bundle.id, { ...bundle, title: 'My set' })
    if (welcome) await editCoupon(tx, actor, welcome.id, { ...welcome, note: 'Mine by now' })
  })
  expect((await examplesPreview(db()))?.products.toSorted()).toEqual(
    left.map((one) => one.title).toSorted(),
  )
  const removed = await inTransaction((tx) => removeExamples(tx, actor), 'money')
  await discardBytes(removed.bytes)
  const stay = await db().selectFrom('product').select(['title', 'state']).execute()
  expect(stay.map((one) => one.title).toSorted()).toEqual(
    [priced.title, filed.title, 'My set', 'The Wednesday Planner', 'Tidemarks'].toSorted(),
  )
  expect(new Set(stay.map((one) => one.state))).toEqual(new Set(['live']))
  expect((await couponsPage(db(), {})).rows.map((one) => one.code)).toEqual(['WELCOME'])
})

test('example plans are brought to Stripe, can be subscribed to, and go with who did', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  expect(await sweepPlans()).toBe(2)
  const [monthly, quarterly] = await plans(db())
  if (!monthly || !quarterly) throw new Error('The examples are not there.')
  expect(await sendPlanNow(monthly.id)).toBe(true)
  const { member } = await subscribed(money, monthly.id)
  expect((await membershipsOf(db(), member.memberId)).subscriptions).toMatchObject([
    { title: 'Monthly reader', status: 'trialing' },
  ])
  await untilInboxIsEmpty()
  expect((await examplesPreview(db()))?.sweeps).toMatchObject({ members: 1 })
  const removed = await inTransaction((tx) => removeExamples(tx, actor), 'money')
  await discardBytes(removed.bytes)
  expect(removed.isSwept).toBe(true)
  await money.sandbox.control.reset({ keep_endpoints: true })
  expect(await plans(db())).toEqual([])
  expect(await brokenInvariants()).toEqual([])
})

test('an example plan that something of the owner’s is for is disabled, and one the owner changed stays', async () => {
  await seedExampleShop()
  const { actor } = await setUpOwner()
  const [monthly, quarterly] = await plans(db())
  if (!monthly || !quarterly) throw new Error('The examples are not there.')
  await inTransaction(async (tx) => {
    await editPlan(tx, actor, quarterly.id, { ...shownPlan(quarterly), title: 'My quarter' })
    const post = await tx
      .insertInto('post')
      .values({ slug: 'mine', title: 'Mine' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await tx
      .insertInto('post_opener')
      .values({ post_id: post.id, benefit: 'plan', subject_id: monthly.id })
      .execute()
  })
  const removed = await inTransaction((tx) => removeExamples(tx, actor), 'money')
  await discardBytes(removed.bytes)
  expect((await plans(db())).map(({ title, isEnabled }) => [title, isEnabled])).toEqual([
    ['My quarter', true],
    ['Monthly reader', false],
  ])
  expect(await examplesPreview(db())).toBeUndefined()
  expect(await brokenInvariants()).toEqual([])
})
