import { expect, test } from 'vitest'
import { claimPurchases } from '#modules/accounts/server/index.ts'
import { entitlementsOfLines, mayUse } from '#modules/entitlements/server/index.ts'
import { db, inTransaction, sign } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { brokenInvariants } from '../../../../test/invariants.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { aProduct, sell, sellAsGift } from '../../../../test/sales.ts'
import { sql } from 'kysely'
import { afterEach } from 'vitest'
import {
  endComp,
  giftOf,
  giveComp,
  giftOfLink,
  giftPath,
  orderPayable,
  reassignOrder,
  takeGift,
} from './index.ts'

useDatabase()
emptyBeforeEach()

afterEach(async () => {
  expect(await brokenInvariants()).toEqual([])
})

const mailsTo = async (email: string) =>
  (
    await db()
      .selectFrom('email_message')
      .select('template')
      .where('to_address', '=', email)
      .orderBy('created_at')
      .orderBy('template')
      .execute()
  ).map((mail) => mail.template)
const statesOf = async (lineIds: readonly string[]) =>
  (await entitlementsOfLines(db(), lineIds)).map((one) => [one.state, one.reason])

test('an order is moved to another address: the old person loses, the new one gains, both are told, and it is on record [commerce 19]', async () => {
  const { actor: owner } = await setUpOwner()
  const { actor: ann } = await signUp('ann@example.com')
  const { actor: bob } = await signUp('bob@example.com')
  const product = await aProduct()
  const order = await sell([product], { email: 'ann@example.com', memberId: ann.memberId })
  const move = (email: string) =>
    inTransaction((tx) => reassignOrder(tx, owner, order.id, { email, reason: 'Wrong address' }))
  expect(await move('ann@example.com')).toEqual({ ok: false, reason: 'same' })
  expect(await move('bob@example.com')).toEqual({ ok: true, moved: 1 })
  expect(await mayUse(db(), ann.memberId, 'product', product.id)).toBe(false)
  expect(await mayUse(db(), bob.memberId, 'product', product.id)).toBe(true)
  expect(await mailsTo('ann@example.com')).toContain('order_moved')
  expect(await mailsTo('bob@example.com')).toContain('order_gained')
  const acts = await db()
    .selectFrom('audit_entry')
    .select(['action', 'detail'])
    .where('subject_id', '=', order.id)
    .execute()
  expect(acts).toMatchObject([
    { action: 'order.reassigned', detail: { from: 'ann@example.com', to: 'bob@example.com' } },
  ])
  // And back again: the first one's right is the first one's again.
  expect(await move('ann@example.com')).toEqual({ ok: true, moved: 1 })
  expect(await mayUse(db(), ann.memberId, 'product', product.id)).toBe(true)
  expect(await mayUse(db(), bob.memberId, 'product', product.id)).toBe(false)
})

test('an order that was refunded and moved stays closed for both', async () => {
  const { actor: owner } = await setUpOwner()
  const order = await sell([await aProduct()], { email: 'ann@example.com' })
  await refundAll(order)
  await inTransaction((tx) =>
    reassignOrder(tx, owner, order.id, { email: 'bob@example.com', reason: 'asked' }),
  )
  expect(await statesOf(order.lines.map((line) => line.id))).toEqual([
    ['revoked', 'reassigned'],
    ['revoked', 'refunded'],
  ])
})

test('the owner gives a product away: it opens, once, they are told; taken back it closes, and what they bought stays', async () => {
  const { actor: owner } = await setUpOwner()
  const { actor: ann } = await signUp('ann@example.com')
  const product = await aProduct()
  const give = () =>
    inTransaction((tx) =>
      giveComp(tx, owner, { email: 'ann@example.com', productId: product.id, reason: 'A friend' }),
    )
  const given = await give()
  if (!given.ok) throw new Error(given.reason)
  expect(await give()).toEqual({ ok: false, reason: 'given_already' })
  expect(await mayUse(db(), ann.memberId, 'product', product.id)).toBe(true)
  expect(await mailsTo('ann@example.com')).toContain('comp')
  const order = await sell([product], { email: 'ann@example.com', memberId: ann.memberId })
  expect(await inTransaction((tx) => endComp(tx, owner, given.compId, 'no longer'))).toBe(true)
  expect(await inTransaction((tx) => endComp(tx, owner, given.compId, 'twice'))).toBe(false)
  expect(await mayUse(db(), ann.memberId, 'product', product.id)).toBe(true)
  expect(await statesOf(order.lines.map((line) => line.id))).toEqual([['active', undefined]])
})

test('a gift: the buyer gets the receipt only, whoever takes it gets the product, and only once [commerce 32]', async () => {
  const { actor: taker } = await signUp('tina@example.com')
  const product = await aProduct()
  const order = await sellAsGift(
    [product],
    { email: 'ann@example.com' },
    { toEmail: 'tina@example.com' },
  )
  expect(
    await entitlementsOfLines(
      db(),
      order.lines.map((line) => line.id),
    ),
  ).toEqual([])
  expect(await mailsTo('ann@example.com')).toEqual(['receipt'])
  expect(await mailsTo('tina@example.com')).toContain('gift')
  expect((await giftOf(db(), order.id))?.state).toBe('waiting')
  expect((await behind(giftPath(order)))?.state).toBe('waiting')
  expect(await behind(`${giftPath(order)}x`)).toBeUndefined()
  // As links were before they named the checkout.
  expect((await behind(`/gift/${order.id}?t=${sign('gift', order.id)}`))?.state).toBe('waiting')
  const takes = await Promise.all(
    [{ email: 'tina@example.com', memberId: taker.memberId }, { email: 'other@example.com' }].map(
      (who) => inTransaction((tx) => takeGift(tx, order.id, who)),
    ),
  )
  expect(takes.filter((one) => one.ok)).toHaveLength(1)
  expect(takes.find((one) => !one.ok)).toEqual({ ok: false, reason: 'taken' })
  expect(await statesOf(order.lines.map((line) => line.id))).toEqual([['active', undefined]])
  expect(await mailsTo('ann@example.com')).toContain('gift_taken')
})

/** The gift that a link leads to. */
async function behind(path: string) {
  const { pathname, searchParams } = new URL(path, 'http://shop.example')
  return giftOfLink(db(), pathname.split('/')[2] ?? '', searchParams.get('t') ?? '')
}

async function refundAll(order: { readonly checkoutId: string }) {
  await sql`
    insert into refund (id, payment_id, backend_id, amount_minor, currency, state)
    select gen_random_uuid(), id, backend_id, amount_minor, currency, 'succeeded' from payment`.execute(
    db(),
  )
  await sql`update payment set refunded_minor = amount_minor`.execute(db())
  await inTransaction((tx) =>
    orderPayable.onRefunded(tx, {
      checkoutId: order.checkoutId,
      refundedMinor: 1200,
      paidMinor: 1200,
      goneMinor: 1200,
      backMinor: 0,
      refunds: [],
      cause: 'test',
    }),
  )
}

test('a gift refunded before anybody took it cannot be taken; afterwards it closes for who has it, with notice [commerce 32]', async () => {
  const before = await sellAsGift([await aProduct()], { email: 'ann@example.com' })
  await refundAll(before)
  expect((await giftOf(db(), before.id))?.state).toBe('ended')
  expect(
    await inTransaction((tx) => takeGift(tx, before.id, { email: 'tina@example.com' })),
  ).toEqual({ ok: false, reason: 'ended' })
})

test('a gift refunded after it was taken closes for who has it, and they are told [commerce 32]', async () => {
  const order = await sellAsGift([await aProduct()], { email: 'ann@example.com' })
  await inTransaction((tx) => takeGift(tx, order.id, { email: 'tina@example.com' }))
  await refundAll(order)
  expect(await statesOf(order.lines.map((line) => line.id))).toEqual([['revoked', 'refunded']])
  expect(await mailsTo('tina@example.com')).toEqual(['gift_closed'])
})

test('a guest who took a gift sees it once the mailbox is proven', async () => {
  const product = await aProduct()
  const order = await sellAsGift([product], { email: 'ann@example.com' })
  await inTransaction((tx) => takeGift(tx, order.id, { email: 'tina@example.com' }))
  const { actor } = await signUp('tina@example.com')
  await inTransaction((tx) => claimPurchases(tx, actor.memberId, 'tina@example.com'))
  expect(await mayUse(db(), actor.memberId, 'product', product.id)).toBe(true)
})

test('a gift whose order was moved before anybody took it: the link of the former buyer opens nothing, whom it is for gets the new one', async () => {
  const { actor: owner } = await setUpOwner()
  const order = await sellAsGift(
    [await aProduct()],
    { email: 'ann@example.com' },
    { toEmail: 'tina@example.com' },
  )
  const former = giftPath(order)
  await inTransaction((tx) =>
    reassignOrder(tx, owner, order.id, { email: 'bob@example.com', reason: 'Stolen mailbox' }),
  )
  const moved = (await giftOf(db(), order.id))?.order ?? order
  expect(await behind(former)).toBeUndefined()
  expect(await behind(giftPath(moved))).toBeDefined()
  expect((await mailsTo('tina@example.com')).filter((one) => one === 'gift')).toHaveLength(2)
})
