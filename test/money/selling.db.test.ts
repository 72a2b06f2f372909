import fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { bundleKind } from '#modules/bundles/server/index.ts'
import { place, purchaseOf, quoteCart, type Buyer } from '#modules/cart/server/index.ts'
import type { Cart } from '#modules/cart/types.ts'
import { createCoupon, type CouponRecord } from '#modules/coupons/server/index.ts'
import { orderOfCheckout, refundOrder, resendReceipt } from '#modules/orders/server/index.ts'
import type { RefundDraft } from '#modules/orders/refund-plan.ts'
import {
  leaveOpenCheckouts,
  sendRefund,
  sendToPay,
  sessionAlreadyOpen,
} from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  makeProduct,
  outcomeOf,
  sessionOf,
  stateOf,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
  type TestProduct,
} from '../money.ts'
import { mailsTo, setUpOwner } from '../people.ts'
import { repeated } from '../repeated.ts'
import { until } from '../until.ts'

const money = useMoney()

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

const cartOf = (products: readonly TestProduct[], code?: string, quantity = 1): Cart => ({
  entries: products.map(({ productId }) => ({ productId, quantity, chosenMinor: undefined })),
  code,
})
const guest = (email?: string, visitor?: string): Buyer => ({
  member: undefined,
  email,
  visitor: visitor === undefined ? undefined : { id: visitor, isNew: false },
  network: '192.0.2.0',
})
const nothing = { consents: [], answers: [], gift: undefined }

async function owner() {
  const known = await db()
    .selectFrom('member')
    .select('id')
    .where('role', '=', 'owner')
    .executeTakeFirst()
  if (!known) return (await setUpOwner()).actor
  return { kind: 'owner', memberId: known.id } as Awaited<ReturnType<typeof setUpOwner>>['actor']
}

let codes = 0
async function aCoupon(terms: Partial<CouponRecord> = {}): Promise<string> {
  const code = `CODE-${++codes}`
  const by = await owner()
  await inTransaction((tx) =>
    createCoupon(tx, by, {
      code,
      note: '',
      reduction: { basisPoints: 2_500 },
      productIds: undefined,
      minimumMinor: 0,
      startsAt: undefined,
      endsAt: undefined,
      isActive: true,
      mostUses: undefined,
      mostUsesPerCustomer: undefined,
      ...terms,
    }),
  )
  return code
}

async function placed(cart: Cart, buyer = guest()) {
  return inTransaction(async (tx) => place(tx, await quoteCart(tx, cart), buyer, nothing), 'money')
}

/** Places the cart and pays it. */
async function bought(cart: Cart, email = 'ada@example.com', buyer = guest()) {
  const opened = await placed(cart, buyer)
  if (!opened.ok) throw new Error(opened.refusal.reason)
  const { id } = opened.opened
  const sent = await sendToPay(opened.opened)
  if (!sent.ok) throw new Error(sent.reason)
  await money.sandbox.control.pay({ session: await sessionOf(id), email })
  await untilPaid(id)
  const order = await orderOfCheckout(db(), id)
  if (!order) throw new Error('no order')
  return order
}

const accessOfLines = async (checkoutId: string) =>
  Object.fromEntries(
    (
      await db()
        .selectFrom('order_line')
        .innerJoin('shop_order', 'shop_order.id', 'order_line.order_id')
        .leftJoin('entitlement', 'entitlement.source_id', 'order_line.id')
        .select(['order_line.title', 'entitlement.state'])
        .where('shop_order.checkout_id', '=', checkoutId)
        .orderBy('order_line.position')
        .execute()
    ).map((row) => [row.title, row.state]),
  )

async function refund(orderId: string, draft: RefundDraft) {
  const by = await owner()
  const request = await inTransaction(
    (tx) => refundOrder(tx, by, orderId, draft, { reason: 'asked', expectedMinor: undefined }),
    'money',
  )
  if (!request.ok) return request
  await sendRefund(request.refundId)
  await untilInboxIsEmpty()
  return request
}
const ofLine = (
  order: { readonly lines: readonly { readonly id: string; readonly title: string }[] },
  title: string,
  amountMinor: number,
  more: { quantity?: number; keepsAccess?: boolean } = {},
): RefundDraft => ({
  of: 'lines',
  keepsAccess: more.keepsAccess ?? false,
  lines: [
    {
      lineId: order.lines.find((line) => line.title === title)?.id ?? '',
      amountMinor,
      quantity: more.quantity ?? 0,
    },
  ],
})

test('three things with a coupon are one session of the reduced sum, one order, one receipt, and all of them open [payments 58]', async () => {
  const things = await Promise.all([
    makeProduct('Notes', 1000),
    makeProduct('Grid', 1999),
    makeProduct('Sheet', 333),
  ])
  const order = await bought(cartOf(things, await aCoupon()))
  expect([order.totalMinor, order.discountMinor]).toEqual([2499, 833])
  expect(order.lines.map((line) => line.totalMinor)).toEqual([750, 1499, 250])
  const session = await stripeItself().checkout.sessions.retrieve(await sessionOf(order.checkoutId))
  expect([session.amount_subtotal, session.amount_total]).toEqual([3332, 2499])
  expect(await outcomeOf(order.checkoutId)).toMatchObject({
    orders: 1,
    receipts: 1,
    entitlements: 3,
  })
})

test('a coupon of the whole sum needs no card and no Stripe: delivered at once, with a receipt of nothing [commerce 26]', async () => {
  const thing = await makeProduct('Notes', 1000)
  const code = await aCoupon({ reduction: { basisPoints: 10_000 } })
  const before = (await stripeItself().checkout.sessions.list({ limit: 100 })).data.length
  const free = await placed(cartOf([thing], code), guest('ada@example.com'))
  if (!free.ok) throw new Error(free.refusal.reason)
  expect(free.isComplete).toBe(true)
  const order = await orderOfCheckout(db(), free.opened.id)
  expect([order?.totalMinor, order?.discountMinor, order?.email]).toEqual([
    0,
    1000,
    'ada@example.com',
  ])
  expect(await accessOfLines(free.opened.id)).toEqual({ Notes: 'active' })
  expect(await outcomeOf(free.opened.id)).toMatchObject({ orders: 1, receipts: 1, payments: 1 })
  expect((await stripeItself().checkout.sessions.list({ limit: 100 })).data).toHaveLength(before)
})

test('of 30 who use a one-use coupon at once one gets it, and the others are told before they pay [commerce 28]', async () => {
  const thing = await makeProduct()
  const code = await aCoupon({ mostUses: 1 })
  const tries = await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      placed(cartOf([thing], code), guest(`b${at}@example.com`)),
    ),
  )
  expect(tries.filter((one) => one.ok)).toHaveLength(1)
  expect(new Set(tries.flatMap((one) => (one.ok ? [] : [one.refusal.reason])))).toEqual(
    new Set(['used_up']),
  )
  const { uses } = await db()
    .selectFrom('coupon')
    .select('uses')
    .where('code', '=', code)
    .executeTakeFirstOrThrow()
  expect(uses).toBe(1)
})

test('one network holds half of the uses that are left, and one at least: the others are there for everybody else', async () => {
  const thing = await makeProduct()
  const from = (network: string) => ({ ...guest(), network })
  const tryFrom = (network: string, code: string) => placed(cartOf([thing], code), from(network))
  const few = await aCoupon({ mostUses: 4 })
  const greedy = []
  for (let at = 0; at < 4; at++) greedy.push(await tryFrom('2001:db8::1', few))
  expect(greedy.map((one) => (one.ok ? 'held' : one.refusal.reason))).toEqual([
    'held',
    'held',
    'held_nearby',
    'held_nearby',
  ])
  // Another address of the same household is no other network; somebody else's is.
  expect((await tryFrom('2001:db8::2', few)).ok).toBe(false)
  expect((await tryFrom('192.0.2.7', few)).ok).toBe(true)
  expect((await tryFrom('192.0.2.7', few)).ok).toBe(false)
  expect((await tryFrom('192.0.2.8', few)).ok).toBe(true)
  expect(await tryFrom('192.0.2.9', few)).toMatchObject({ refusal: { reason: 'used_up' } })
  // What was paid is held no more, and its network is forgotten.
  const [paid] = greedy
  if (!paid?.ok) throw new Error('not held')
  await sendToPay(paid.opened)
  await money.sandbox.control.pay({
    session: await sessionOf(paid.opened.id),
    email: 'ada@example.com',
  })
  await untilPaid(paid.opened.id)
  const kept = await db()
    .selectFrom('coupon_use')
    .select(['state', 'network'])
    .where('checkout_id', '=', paid.opened.id)
    .execute()
  expect(kept).toEqual([{ state: 'used', network: null }])
  const one = await aCoupon({ mostUses: 1 })
  expect((await tryFrom('192.0.2.7', one)).ok).toBe(true)
  // Without a bound on its uses there is nothing to keep from anybody.
  const any = await aCoupon()
  for (let at = 0; at < 5; at++) expect((await tryFrom('192.0.2.7', any)).ok).toBe(true)
})

test('past the program, the database refuses one use too many as well', async () => {
  const thing = await makeProduct()
  const code = await aCoupon({ mostUses: 1 })
  await placed(cartOf([thing], code), guest('one@example.com'))
  const other = await placed(cartOf([thing]), guest('two@example.com'))
  if (!other.ok) throw new Error('not placed')
  await expect(
    sql`insert into coupon_use (checkout_id, coupon_id, discount_minor)
      select ${other.opened.id}::uuid, id, 5 from coupon where code = ${code}`.execute(db()),
  ).rejects.toThrow('coupon_is_used_up')
})

test('once for each customer: an alias of the address is the same customer; a whole refund frees the use, a part does not [commerce 29]', async () => {
  const thing = await makeProduct('Notes', 1000)
  const code = await aCoupon({ mostUsesPerCustomer: 1 })
  const order = await bought(cartOf([thing], code), 'ada@example.com', guest('ada@example.com'))
  const again = () => placed(cartOf([thing], code), guest('ada+again@example.com'))
  expect(await again()).toMatchObject({ ok: false, refusal: { reason: 'once_per_customer' } })
  expect(await placed(cartOf([thing], code), guest())).toMatchObject({
    refusal: { reason: 'needs_email' },
  })
  await refund(order.id, ofLine(order, 'Notes', 100))
  expect((await again()).ok).toBe(false)
  await refund(order.id, { of: 'rest', keepsAccess: false })
  expect((await again()).ok).toBe(true)
})

test('a checkout that ends unpaid gives the use back, and so does a bank debit that fails [commerce 6, 7]', async () => {
  const thing = await makeProduct()
  const code = await aCoupon({ mostUses: 1 })
  const first = await placed(cartOf([thing], code))
  if (!first.ok) throw new Error('not placed')
  await sendToPay(first.opened)
  expect((await placed(cartOf([thing], code))).ok).toBe(false)
  await stripeItself().checkout.sessions.expire(await sessionOf(first.opened.id))
  await until('it is over', async () => (await stateOf(first.opened.id)) === 'expired')
  const second = await placed(cartOf([thing], code))
  if (!second.ok) throw new Error('not free again')
  await sendToPay(second.opened)
  await money.sandbox.control.pay({
    session: await sessionOf(second.opened.id),
    email: 'debit@example.com',
    method: 'bank_debit',
  })
  await until('it waits', async () => (await stateOf(second.opened.id)) === 'awaiting_payment')
  await money.sandbox.control.settleAsync({
    session: await sessionOf(second.opened.id),
    outcome: 'failed',
  })
  await until('the debit failed', async () => (await stateOf(second.opened.id)) === 'failed')
  expect((await placed(cartOf([thing], code))).ok).toBe(true)
})

test('who changes the cart while paying does not stand in the own way: what this browser left open is closed first', async () => {
  const thing = await makeProduct('Notes', 1000)
  const more = await makeProduct('More', 500)
  const code = await aCoupon({ mostUses: 1 })
  const visitor = newId()
  const first = await placed(cartOf([thing], code), guest(undefined, visitor))
  if (!first.ok) throw new Error('not placed')
  const sent = await sendToPay(first.opened)
  // The same again is the same session.
  const same = await quoteCart(db(), cartOf([thing], code))
  expect(await sessionAlreadyOpen(purchaseOf(same, guest(undefined, visitor), nothing))).toEqual(
    sent,
  )
  const other = cartOf([thing, more], code)
  expect((await placed(other, guest(undefined, visitor))).ok).toBe(false)
  await leaveOpenCheckouts(visitor)
  expect((await placed(other, guest(undefined, visitor))).ok).toBe(true)
})

test('one line of two is refunded: only that closes, and the mail says what is still theirs [commerce 34][payments 60]', async () => {
  const things = await Promise.all([makeProduct('Notes', 1000), makeProduct('Grid', 2000)])
  const order = await bought(cartOf(things))
  await refund(order.id, ofLine(order, 'Notes', 1000))
  expect(await accessOfLines(order.checkoutId)).toEqual({ Notes: 'revoked', Grid: 'active' })
  const mail = await db()
    .selectFrom('email_message')
    .select('content')
    .where('template', '=', 'refund')
    .where('entity_key', 'like', `${order.id}%`)
    .executeTakeFirstOrThrow()
  expect(JSON.stringify(mail.content)).toContain('still yours')
})

test('a part of a line’s money leaves access; all of it ends it; the order tells the sum [commerce 35]', async () => {
  const order = await bought(
    cartOf([await makeProduct('Notes', 1000), await makeProduct('Grid', 500)]),
  )
  await refund(order.id, ofLine(order, 'Notes', 400))
  expect(await accessOfLines(order.checkoutId)).toEqual({ Notes: 'active', Grid: 'active' })
  await refund(order.id, ofLine(order, 'Notes', 600))
  expect(await accessOfLines(order.checkoutId)).toEqual({ Notes: 'revoked', Grid: 'active' })
  expect((await orderOfCheckout(db(), order.checkoutId))?.refundedMinor).toBe(1000)
  expect(await refund(order.id, ofLine(order, 'Notes', 1))).toMatchObject({
    ok: false,
    plan: { reason: 'more_than_line' },
  })
})

test('one of three is refunded: it still opens, and one is gone [commerce 36]', async () => {
  const thing = await makeProduct('Seats', 1000)
  await db()
    .updateTable('product')
    .set({ most_per_order: 5 })
    .where('id', '=', thing.productId)
    .execute()
  const order = await bought(cartOf([thing], undefined, 3))
  expect(order.totalMinor).toBe(3000)
  await refund(order.id, ofLine(order, 'Seats', 1000, { quantity: 1 }))
  expect(await accessOfLines(order.checkoutId)).toEqual({ Seats: 'active' })
  const after = await orderOfCheckout(db(), order.checkoutId)
  expect([after?.lines[0]?.refundedMinor, after?.lines[0]?.refundedQuantity]).toEqual([1000, 1])
})

test('refunded with access kept: the money is back, it still opens, and the reason is on record [commerce 37]', async () => {
  const order = await bought(cartOf([await makeProduct('Notes', 1000)]))
  await refund(order.id, { of: 'rest', keepsAccess: true })
  expect(await accessOfLines(order.checkoutId)).toEqual({ Notes: 'active' })
  expect((await orderOfCheckout(db(), order.checkoutId))?.refundedMinor).toBe(1000)
  const { reason } = await db()
    .selectFrom('refund')
    .innerJoin('payment', 'payment.id', 'refund.payment_id')
    .select('refund.reason')
    .where('payment.checkout_id', '=', order.checkoutId)
    .executeTakeFirstOrThrow()
  expect(reason).toBe('asked')
})

test('what is also owned through another order still opens after a refund [commerce 40]', async () => {
  const thing = await makeProduct('Notes', 1000)
  const first = await bought(cartOf([thing]), 'twice@example.com')
  const second = await bought(cartOf([thing]), 'twice@example.com')
  await refund(second.id, { of: 'rest', keepsAccess: false })
  expect(await accessOfLines(first.checkoutId)).toEqual({ Notes: 'active' })
  expect(await accessOfLines(second.checkoutId)).toEqual({ Notes: 'revoked' })
})

test('a bundle is sold as its parts: one of them can be given back, or all [commerce 41]', async () => {
  const [big, small] = [await makeProduct('Big', 2000), await makeProduct('Small', 1000)]
  const bundle = await makeProduct('Both', 1500)
  await db()
    .updateTable('product')
    .set({ kind: bundleKind.kind })
    .where('id', '=', bundle.productId)
    .execute()
  await db()
    .insertInto('bundle_part')
    .values(
      [big, small].map((part, position) => ({
        bundle_id: bundle.productId,
        part_id: part.productId,
        position,
      })),
    )
    .execute()
  const order = await bought(cartOf([bundle], await aCoupon({ productIds: [bundle.productId] })))
  expect(order.lines.map((line) => [line.title, line.totalMinor, line.bundle?.title])).toEqual([
    ['Big', 750, 'Both'],
    ['Small', 375, 'Both'],
  ])
  const items = await stripeItself().checkout.sessions.listLineItems(
    await sessionOf(order.checkoutId),
  )
  expect(items.data.map((item) => item.description)).toEqual(['Both'])
  await refund(order.id, ofLine(order, 'Small', 375))
  expect(await accessOfLines(order.checkoutId)).toEqual({ Big: 'active', Small: 'revoked' })
  await refund(order.id, { of: 'rest', keepsAccess: false })
  expect(await accessOfLines(order.checkoutId)).toEqual({ Big: 'revoked', Small: 'revoked' })
})

test('a new buyer who starts ten checkouts at once and pays them is one customer here, and none at Stripe [payments 35]', async () => {
  const things = await Promise.all(
    Array.from({ length: 10 }, (_, at) => makeProduct(`Thing ${at}`, 500)),
  )
  await Promise.all(things.map((thing) => bought(cartOf([thing]), 'new@example.com')))
  const rows = await db()
    .selectFrom('customer')
    .select('id')
    .where('email', '=', 'new@example.com')
    .execute()
  expect(rows).toHaveLength(1)
  // One-time sales need no customer there (decision 0006), so there is none to make twice.
  expect((await stripeItself().customers.list({ email: 'new@example.com' })).data).toEqual([])
})

test('nothing is sold below its price, whatever writes it', async () => {
  const thing = await makeProduct('Notes', 1000)
  const checkout = await placed(cartOf([thing]))
  if (!checkout.ok) throw new Error('not placed')
  await expect(
    sql`update checkout_line set unit_minor = 1 where checkout_id = ${checkout.opened.id}::uuid`.execute(
      db(),
    ),
  ).rejects.toThrow('a line costs its price')
})

test(
  'any sequence of refunds and disputes leaves access as the rules say and money as Stripe has it',
  { timeout: 120_000 },
  async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('line' as const),
        at: fc.nat(2),
        share: fc.integer({ min: 1, max: 100 }),
        keepsAccess: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('rest' as const), keepsAccess: fc.boolean() }),
      fc.record({ kind: fc.constant('stripe' as const), share: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constant('fail' as const) }),
      fc.record({ kind: fc.constant('dispute' as const), won: fc.boolean() }),
    )
    const things = [
      await makeProduct('A', 1000),
      await makeProduct('B', 700),
      await makeProduct('C', 333),
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const order = await bought(cartOf(things))
        const payment = await db()
          .selectFrom('payment')
          .select(['stripe_payment_intent_id as intent', 'stripe_charge_id as charge'])
          .where('checkout_id', '=', order.checkoutId)
          .executeTakeFirstOrThrow()
        const intent = payment.intent ?? ''
        for (const one of steps) {
          const now = await orderOfCheckout(db(), order.checkoutId)
          const line = 'at' in one ? now?.lines[one.at] : undefined
          if (one.kind === 'line' && line && now) {
            const left = line.totalMinor - line.refundedMinor
            await refund(
              order.id,
              ofLine(now, line.title, Math.floor((left * one.share) / 100), one),
            )
          } else if (one.kind === 'rest')
            await refund(order.id, { of: 'rest', keepsAccess: one.keepsAccess })
          else if (one.kind === 'stripe' && now) {
            const amount = Math.floor(((now.totalMinor - now.refundedMinor) * one.share) / 100)
            if (amount > 0)
              await stripeItself()
                .refunds.create({ payment_intent: intent, amount })
                .catch((error: unknown) => {
                  // A disputed charge takes no refund: Stripe's rule, not ours.
                  if (!(error instanceof Error)) throw error
                })
          } else if (one.kind === 'fail') {
            const [last] = (await stripeItself().refunds.list({ payment_intent: intent, limit: 1 }))
              .data
            if (last?.status === 'succeeded')
              await money.sandbox.control.trigger({ event: 'refund.failed', refund: last.id })
          } else if (one.kind === 'dispute') {
            const charge = await stripeItself().charges.list({ payment_intent: intent })
            const id = charge.data[0]?.id ?? ''
            if (!charge.data[0]?.disputed && !charge.data[0]?.refunded) {
              await money.sandbox.control.trigger({ event: 'charge.dispute.created', charge: id })
              await untilInboxIsEmpty()
              const [dispute] = (await stripeItself().disputes.list({ charge: id })).data
              await stripeItself().disputes.update(dispute?.id ?? '', {
                evidence: { uncategorized_text: one.won ? 'winning_evidence' : 'losing_evidence' },
                submit: true,
              })
            }
          }
          await untilInboxIsEmpty()
        }
        // Stripe's own sums, against ours.
        const told = (
          await stripeItself().refunds.list({ payment_intent: intent, limit: 100 })
        ).data
          .filter((one) => one.status !== 'failed' && one.status !== 'canceled')
          .reduce((sum, one) => sum + one.amount, 0)
        await until(
          'our sum is Stripe’s',
          async () => (await orderOfCheckout(db(), order.checkoutId))?.refundedMinor === told,
        )
        expect(await brokenInvariants()).toEqual([])
      }),
      { numRuns: repeated(25) },
    )
  },
)

test('what was agreed to before paying stands in the receipt, word by word, and in its copies', async () => {
  const words = 'I want it at once, and give up my right to withdraw'
  const cart = cartOf([await makeProduct()])
  const agreed = { ...nothing, consents: [{ kind: 'immediate_delivery' as const, words }] }
  const opened = await inTransaction(
    async (tx) => place(tx, await quoteCart(tx, cart), guest(), agreed),
    'money',
  )
  if (!opened.ok) throw new Error(opened.refusal.reason)
  await sendToPay(opened.opened)
  const { id } = opened.opened
  await money.sandbox.control.pay({ session: await sessionOf(id), email: 'kim@example.com' })
  await untilPaid(id)
  const order = await orderOfCheckout(db(), id)
  if (!order) throw new Error('no order')
  const by = await owner()
  await inTransaction((tx) => resendReceipt(tx, by, order))
  const receipts = await mailsTo('kim@example.com')
  expect(receipts.map((mail) => mail.template)).toEqual(['receipt', 'receipt'])
  for (const { content } of receipts)
    expect(content.blocks).toContainEqual({
      kind: 'text',
      text: `Before paying you said: “${words}”.`,
    })
})
