import { afterEach, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { place, quoteCart, type Buyer } from '#modules/cart/server/index.ts'
import type { Cart } from '#modules/cart/types.ts'
import {
  couponByCode,
  createCoupon,
  editCoupon,
  type CouponRecord,
} from '#modules/coupons/server/index.ts'
import type { RefundDraft } from '#modules/orders/refund-plan.ts'
import { orderOfCheckout, refundOrder } from '#modules/orders/server/index.ts'
import { moneyOfCheckout, sendRefund, sendToPay } from '#modules/payments/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { loseSale, untilTakenUp } from '../lost-sales.ts'
import {
  brokenInvariants,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  sessionOf,
  stateOf,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
  type TestProduct,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { until } from '../until.ts'

// Sales of several things and with coupons when something comes in between.

const money = useMoney()
const minute = 60_000

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

let theOwner: OwnerActor | undefined
async function owner(): Promise<OwnerActor> {
  theOwner ??= (await setUpOwner()).actor
  return theOwner
}

const cartOf = (products: readonly TestProduct[], code?: string): Cart => ({
  entries: products.map(({ productId }) => ({ productId, quantity: 1, chosenMinor: undefined })),
  code,
})
const guest = (email?: string): Buyer => ({
  member: undefined,
  email,
  visitor: undefined,
  network: '192.0.2.0',
})
const nothing = { consents: [], answers: [], gift: undefined }

let codes = 0
const termsOf = (terms: Partial<CouponRecord>): CouponRecord => ({
  code: `ODD-${++codes}`,
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
})
async function aCoupon(terms: Partial<CouponRecord> = {}) {
  const record = termsOf(terms)
  const by = await owner()
  await inTransaction((tx) => createCoupon(tx, by, record))
  return record
}
const usesOf = async (code: string) => (await couponByCode(db(), code))?.uses

async function opened(cart: Cart, buyer = guest()) {
  const result = await inTransaction(
    async (tx) => place(tx, await quoteCart(tx, cart), buyer, nothing),
    'money',
  )
  if (!result.ok) throw new Error(result.refusal.reason)
  const sent = await sendToPay(result.opened)
  if (!sent.ok) throw new Error(sent.reason)
  return { id: result.opened.id, session: await sessionOf(result.opened.id) }
}

async function bought(cart: Cart, email = 'ada@example.com', buyer = guest()) {
  const { id, session } = await opened(cart, buyer)
  await money.sandbox.control.pay({ session, email })
  await untilPaid(id)
  await untilInboxIsEmpty()
  const order = await orderOfCheckout(db(), id)
  if (!order) throw new Error('no order')
  return order
}

async function request(orderId: string, draft: RefundDraft): Promise<string> {
  const by = await owner()
  const asked = await inTransaction(
    (tx) => refundOrder(tx, by, orderId, draft, { reason: 'asked', expectedMinor: undefined }),
    'money',
  )
  if (!asked.ok) throw new Error(asked.reason)
  return asked.refundId
}
const wholeLine = (line: { readonly id: string; readonly totalMinor: number }): RefundDraft => ({
  of: 'lines',
  keepsAccess: false,
  lines: [{ lineId: line.id, amountMinor: line.totalMinor, quantity: 1 }],
})
const accessOfLines = async (orderId: string) =>
  Object.fromEntries(
    (
      await db()
        .selectFrom('order_line')
        .innerJoin('entitlement', 'entitlement.source_id', 'order_line.id')
        .select(['order_line.title', 'entitlement.state'])
        .where('order_line.order_id', '=', orderId)
        .execute()
    ).map((row) => [row.title, row.state]),
  )
const mailsAbout = async (orderId: string, template: string) =>
  (
    await db()
      .selectFrom('email_message')
      .select('subject')
      .where('template', '=', template)
      .where('entity_key', 'like', `${orderId}:%`)
      .orderBy('created_at')
      .execute()
  ).map((mail) => mail.subject)

/** No event is delivered: what happened is heard of by looking. */
const silence = () => money.sandbox.control.setChaos({ deliveries: { drop: 1 } })

test('a refund fails unheard while another of the same sum is made: each line follows its own', async () => {
  const order = await bought(
    cartOf([await makeProduct('Notes', 1000), await makeProduct('Grid', 1000)]),
  )
  const [notes, grid] = order.lines
  if (!notes || !grid) throw new Error('two lines')
  await sendRefund(await request(order.id, wholeLine(notes)))
  await untilInboxIsEmpty()
  expect(await accessOfLines(order.id)).toEqual({ Notes: 'revoked', Grid: 'active' })
  const paid = await moneyOfCheckout(db(), order.checkoutId)
  const intent = paid?.paymentIntentId ?? ''
  const [made] = (await stripeItself().refunds.list({ payment_intent: intent })).data
  await silence()
  await money.sandbox.control.trigger({ event: 'refund.failed', refund: made?.id ?? '' })
  await sendRefund(await request(order.id, wholeLine(grid)))
  expect(await accessOfLines(order.id)).toEqual({ Notes: 'active', Grid: 'revoked' })
  expect(await mailsAbout(order.id, 'refund')).toHaveLength(2)
  expect(await mailsAbout(order.id, 'refund_failed')).toHaveLength(1)
})

test('a refund whose answer was lost is not made twice, however long the shop was away', async () => {
  const order = await bought(
    cartOf([await makeProduct('Notes', 1000), await makeProduct('Grid', 1000)]),
  )
  const [notes] = order.lines
  if (!notes) throw new Error('a line')
  const refundId = await request(order.id, wholeLine(notes))
  await money.sandbox.control.setChaos({
    deliveries: { drop: 1 },
    api: { methods: ['POST'], paths: ['/v1/refunds'], reset_after: 1 },
  })
  await expect(sendRefund(refundId)).rejects.toThrow()
  await silence()
  const intent = (await moneyOfCheckout(db(), order.checkoutId))?.paymentIntentId ?? ''
  expect((await stripeItself().refunds.list({ payment_intent: intent })).data).toHaveLength(1)
  await passTimeEverywhere(money, 26 * 60 * minute)
  await sendRefund(refundId)
  expect((await stripeItself().refunds.list({ payment_intent: intent })).data).toHaveLength(1)
  expect(await accessOfLines(order.id)).toEqual({ Notes: 'revoked', Grid: 'active' })
})

test('a sale with a coupon that a restored database does not know counts as a use again [payments 58]', async () => {
  const { code } = await aCoupon({ mostUses: 1 })
  const thing = await makeProduct('Notes', 1000)
  await silence()
  const sale = await opened(cartOf([thing], code))
  await money.sandbox.control.pay({ session: sale.session, email: 'ada@example.com' })
  await loseSale(sale.id)
  expect(await usesOf(code)).toBe(0)
  await untilTakenUp(money, sale.id)
  expect(await outcomeOf(sale.id)).toMatchObject({ orders: 1, receipts: 1, entitlements: 1 })
  expect(await usesOf(code)).toBe(1)
})

test('a payment of another amount gives the coupon’s use back: it is put aside, not sold', async () => {
  const { code } = await aCoupon({ mostUses: 1 })
  const sale = await opened(cartOf([await makeProduct('Notes', 1000)], code))
  await money.sandbox.control.drift(sale.session, { amount_total: 700 })
  await money.sandbox.control.pay({ session: sale.session, email: 'ada@example.com' })
  await until('it is put aside', async () => (await stateOf(sale.id)) === 'failed')
  await untilInboxIsEmpty()
  expect(await usesOf(code)).toBe(0)
})

test('fewer uses for each customer than somebody had already are a matter of the uses to come', async () => {
  const terms = await aCoupon({ mostUsesPerCustomer: 3 })
  const thing = await makeProduct('Notes', 1000)
  const ada = guest('ada@example.com')
  await bought(cartOf([thing], terms.code), 'ada@example.com', ada)
  await bought(cartOf([thing], terms.code), 'ada@example.com', ada)
  const coupon = await couponByCode(db(), terms.code)
  const by = await owner()
  expect(
    await inTransaction((tx) =>
      editCoupon(tx, by, coupon?.id ?? '', { ...terms, mostUsesPerCustomer: 1 }),
    ),
  ).toMatchObject({ ok: true })
  await expect(bought(cartOf([thing], terms.code), 'ada@example.com', ada)).rejects.toThrow(
    'once_per_customer',
  )
})
