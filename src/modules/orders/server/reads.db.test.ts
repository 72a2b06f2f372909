import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { claimPurchases } from '#modules/accounts/server/index.ts'
import { entitlementsOfLines } from '#modules/entitlements/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { orderState } from '../order-state.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { aProduct, sell } from '../../../../test/sales.ts'
import {
  earlierOrderOfSame,
  isOrderOf,
  mailsOfOrder,
  orderById,
  orderPayable,
  ordersOfCustomer,
  ordersOfMember,
  ordersPage,
  resendReceipt,
  spendingOf,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const numbers = (page: { rows: readonly { number: number }[] }) =>
  page.rows.map((order) => order.number)

test('the owner pages through all orders without one missing or twice, also when they share their instant', async () => {
  const product = await aProduct()
  const first = await sell([product], { email: 'a@example.com' })
  // 120 orders written at one instant, as a busy second would: the page's mark must not depend on milliseconds.
  await sql`
    with copies as (select gen_random_uuid() as id, gen_random_uuid() as checkout_id from generate_series(1, 120)),
    checkouts as (
      insert into checkout (id, backend_id, payable, currency, total_minor)
      select checkout_id, (select backend_id from checkout limit 1), 'order', 'EUR', 1200 from copies returning id
    )
    insert into shop_order (id, checkout_id, customer_id, email, currency, total_minor, mode, placed_at)
    select copies.id, copies.checkout_id, ${first.customerId}::uuid, 'a@example.com', 'EUR', 1200, 'rehearsal', '2026-11-21 10:00:00.123456+00'
    from copies join checkouts on checkouts.id = copies.checkout_id
  `.execute(db())
  const seen: string[] = []
  let turn: { older?: string } = {}
  for (let pages = 0; pages < 10; pages++) {
    const page = await ordersPage(db(), {}, turn)
    seen.push(...page.rows.map((order) => order.id))
    if (page.older === undefined) break
    turn = { older: page.older }
  }
  expect(seen).toHaveLength(121)
  expect(new Set(seen).size).toBe(121)
  const second = await ordersPage(db(), {}, { older: seen[49] ?? '' })
  const back = await ordersPage(db(), {}, { newer: second.newer ?? '' })
  expect(back.rows.map((order) => order.id)).toEqual(seen.slice(0, 50))
})

test('orders are found by number, by the beginning of an address and by state; a percent sign is only a character', async () => {
  const product = await aProduct()
  const ann = await sell([product], { email: 'ann@example.com' })
  const bob = await sell([product], { email: 'bob@example.com' })
  expect(numbers(await ordersPage(db(), { search: `#${ann.number}` }, {}))).toEqual([ann.number])
  expect(numbers(await ordersPage(db(), { search: ' BOB@ex' }, {}))).toEqual([bob.number])
  expect(numbers(await ordersPage(db(), { search: '%' }, {}))).toEqual([])
  await db()
    .updateTable('shop_order')
    .set({ refunded_minor: 1200 })
    .where('id', '=', ann.id)
    .execute()
  expect(numbers(await ordersPage(db(), { state: 'refunded' }, {}))).toEqual([ann.number])
  expect(numbers(await ordersPage(db(), { state: 'paid' }, {}))).toEqual([bob.number])
  expect(numbers(await ordersPage(db(), { state: 'disputed' }, {}))).toEqual([])
  // What cannot be an order's id counts as no mark at all.
  expect(numbers(await ordersPage(db(), {}, { older: 'nonsense' }))).toHaveLength(2)
})

test('a member sees the orders of all proven addresses and nobody else’s', async () => {
  const product = await aProduct()
  const asGuest = await sell([product], { email: 'first@example.com' })
  const foreign = await sell([product], { email: 'stranger@example.com' })
  const { actor } = await signUp('me@example.com')
  const asMember = await sell([product], { email: 'me@example.com', memberId: actor.memberId })
  expect(numbers(await ordersOfMember(db(), actor.memberId, {}))).toEqual([asMember.number])
  expect(await isOrderOf(db(), asGuest, actor.memberId)).toBe(false)

  await inTransaction((tx) => claimPurchases(tx, actor.memberId, 'first@example.com'))
  expect(numbers(await ordersOfMember(db(), actor.memberId, {}))).toEqual([
    asMember.number,
    asGuest.number,
  ])
  expect(await isOrderOf(db(), asGuest, actor.memberId)).toBe(true)
  expect(await isOrderOf(db(), foreign, actor.memberId)).toBe(false)
  expect(numbers(await ordersOfCustomer(db(), foreign.customerId, {}))).toEqual([foreign.number])
})

test('[commerce 20] a second order of the same product by the same person points to the first, until that is refunded', async () => {
  const notes = await aProduct('Field Notes')
  const other = await aProduct('Other')
  const { actor } = await signUp('me@example.com')
  const me = { email: 'me@example.com', memberId: actor.memberId }
  const first = await sell([notes], me)
  expect(await earlierOrderOfSame(db(), first)).toBeUndefined()
  const unrelated = await sell([other], me)
  expect(await earlierOrderOfSame(db(), unrelated)).toBeUndefined()
  await sell([notes], { email: 'somebody@example.com' })
  await passTime(60_000)
  const again = await sell([other, notes], me)
  expect((await earlierOrderOfSame(db(), again))?.number).toBe(unrelated.number)
  const third = await sell([notes], me)
  expect((await earlierOrderOfSame(db(), third))?.number).toBe(again.number)

  await db()
    .updateTable('shop_order')
    .set({ refunded_minor: sql`total_minor` })
    .where('id', 'in', [first.id, again.id])
    .execute()
  expect(await earlierOrderOfSame(db(), third)).toBeUndefined()
})

test('a lost dispute is no money kept: the order says so, and the customer has spent nothing', async () => {
  const order = await sell([await aProduct()], { email: 'ann@example.com' })
  const dispute = (standing: 'open' | 'won' | 'lost') =>
    inTransaction((tx) =>
      orderPayable.onDisputed(tx, {
        checkoutId: order.checkoutId,
        isOpen: standing === 'open',
        changes: [],
        isLost: standing === 'lost',
        cause: 'test',
      }),
    )
  const access = async () =>
    (
      await entitlementsOfLines(
        db(),
        order.lines.map((line) => line.id),
      )
    ).map((one) => one.state)
  const now = async () => {
    const found = await orderById(db(), order.id)
    const spent = (await spendingOf(db(), [order.customerId])).get(order.customerId)
    const [paid, disputed] = await Promise.all([
      ordersPage(db(), { state: 'paid' }, {}),
      ordersPage(db(), { state: 'disputed' }, {}),
    ])
    return [found && orderState(found), spent?.keptMinor, paid.rows.length, disputed.rows.length]
  }
  await dispute('open')
  expect(await now()).toEqual(['disputed', 1200, 0, 1])
  await dispute('lost')
  expect(await now()).toEqual(['dispute_lost', 0, 0, 1])
  // A bank may change its mind: the goods come back with the money.
  expect(await access()).toEqual(['revoked'])
  await dispute('won')
  expect(await now()).toEqual(['paid', 1200, 1, 0])
  expect(await access()).toEqual(['active'])
})

test('a receipt that is sent again is a mail of its own, and the order’s mails are all told', async () => {
  const order = await sell([await aProduct()], { email: 'ann@example.com' })
  await sell([await aProduct('Other')], { email: 'bob@example.com' })
  const { actor } = await setUpOwner()
  await inTransaction((tx) => resendReceipt(tx, actor, order))
  await inTransaction((tx) => resendReceipt(tx, actor, order))
  const mails = await mailsOfOrder(db(), order)
  expect(mails.map((mail) => [mail.template, mail.to])).toEqual([
    ['receipt', 'ann@example.com'],
    ['receipt', 'ann@example.com'],
    ['receipt', 'ann@example.com'],
  ])
  const audits = await db().selectFrom('audit_entry').select(['action', 'subject_id']).execute()
  expect(audits.filter((entry) => entry.subject_id === order.id)).toHaveLength(2)
})
