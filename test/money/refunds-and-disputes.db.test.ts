import Stripe from 'stripe'
import { afterEach, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { orderOfCheckout, refundOrder } from '#modules/orders/server/index.ts'
import {
  pollEvents,
  sendRefund,
  sweepPayments,
  syncCheckout,
  syncPayment,
} from '#modules/payments/server/index.ts'
import { giveBackLease, takeLease } from '#modules/payments/server/store.inbox.ts'
import { wakeWorker } from '#modules/payments/server/wake.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, now, runtime, type Tx } from '#modules/platform/server/index.ts'
import {
  accessOf,
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
  type Started,
} from '../money.ts'
import { until } from '../until.ts'

const money = useMoney()

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

async function owner(): Promise<OwnerActor> {
  const known = await db()
    .selectFrom('member')
    .select('id')
    .where('role', '=', 'owner')
    .executeTakeFirst()
  const memberId =
    known?.id ??
    (
      await db()
        .insertInto('member')
        .values({ email: 'owner@example.com', name: 'Owner', role: 'owner' })
        .returning('id')
        .executeTakeFirstOrThrow()
    ).id
  // A test stands where the sessions of accounts would: it mints the proof itself.
  return {
    kind: 'owner',
    memberId,
    email: 'owner@example.com',
    name: 'Owner',
    avatarUrl: undefined,
    sessionId: newId(),
  } as OwnerActor
}

async function sold(card?: string): Promise<Started & { orderId: string; intent: string }> {
  const sale = await buy(await makeProduct())
  const paid = await money.sandbox.control.pay({
    session: sale.sessionId,
    email: 'ada@example.com',
    ...(card ? { card } : {}),
  })
  await untilPaid(sale.checkoutId)
  await untilInboxIsEmpty()
  const order = await orderOfCheckout(db(), sale.checkoutId)
  return { ...sale, orderId: order?.id ?? '', intent: paid.payment_intent ?? '' }
}

/** Somebody at Stripe's own dashboard. */
function stripeItself(): Stripe {
  const url = new URL(money.sandbox.url)
  return new Stripe(runtime().sandbox?.key ?? '', {
    host: url.hostname,
    port: url.port,
    protocol: 'http',
    telemetry: false,
  })
}

function never(): never {
  throw new Error('The event is not there.')
}

async function openDispute(intent: string): Promise<string> {
  const { latest_charge: charge } = await stripeItself().paymentIntents.retrieve(intent)
  const dispute = await money.sandbox.control.trigger({ event: 'charge.dispute.created', charge })
  return String(dispute.id)
}

/** dispute: its id; the newest of the payment where none is named. */
async function closeDispute(
  intent: string,
  outcome: 'won' | 'lost',
  dispute?: string,
): Promise<void> {
  const newest = (await stripeItself().disputes.list({ payment_intent: intent })).data[0]
  await money.sandbox.control.trigger({
    event: 'charge.dispute.closed',
    dispute: dispute ?? newest?.id,
    outcome,
  })
}

/** All that is left, as the owner's button does. */
const refundAll = (tx: Tx, by: OwnerActor, orderId: string, reason: string) =>
  refundOrder(
    tx,
    by,
    orderId,
    { of: 'rest', keepsAccess: false },
    { reason, expectedMinor: undefined },
  )

const orderNow = async (sale: Started) => {
  const order = await orderOfCheckout(db(), sale.checkoutId)
  return {
    refundedMinor: order?.refundedMinor,
    isDisputed: order?.isDisputed,
    isDisputeLost: order?.isDisputeLost,
  }
}
const refundMails = async (orderId: string) =>
  (
    await db()
      .selectFrom('email_message')
      .select('id')
      .where('template', '=', 'refund')
      .where('entity_key', 'like', `${orderId}%`)
      .execute()
  ).length

test('the owner refunds an order: access ends with a reason, one mail, one refund at Stripe [payments 59]', async () => {
  const sale = await sold()
  const request = await inTransaction(async (tx) =>
    refundAll(tx, await owner(), sale.orderId, 'Bought twice'),
  )
  if (!request.ok) throw new Error(request.reason)
  expect(await sendRefund(request.refundId)).toBe('sent')
  await untilInboxIsEmpty()
  expect(await orderNow(sale)).toMatchObject({ refundedMinor: 1200, isDisputed: false })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
  expect(await refundMails(sale.orderId)).toBe(1)
  const audit = await db()
    .selectFrom('audit_entry')
    .select('action')
    .where('subject_id', '=', sale.orderId)
    .execute()
  expect(audit).toEqual([{ action: 'order.refund_requested' }])
})

test('two clicks on refund at once make one refund', async () => {
  const sale = await sold()
  const click = async () =>
    inTransaction(async (tx) => refundAll(tx, await owner(), sale.orderId, ''))
  const [first, second] = await Promise.all([click(), click()])
  const made = [first, second].filter((one) => one.ok)
  expect(made).toHaveLength(1)
  expect([first, second].find((one) => !one.ok)).toMatchObject({ reason: 'under_way' })
  const [request] = made
  if (!request?.ok) throw new Error('no refund')
  // And sending it twice at once is still one refund.
  await Promise.all([sendRefund(request.refundId), sendRefund(request.refundId)])
  await untilInboxIsEmpty()
  expect(
    await db()
      .selectFrom('refund')
      .select('amount_minor')
      .execute()
      .then((rows) => rows.length),
  ).toBeGreaterThan(0)
  expect(await orderNow(sale)).toMatchObject({ refundedMinor: 1200 })
  expect(await inTransaction(async (tx) => refundAll(tx, await owner(), sale.orderId, ''))).toEqual(
    { ok: false, reason: 'nothing_left' },
  )
})

test('M13: the answer to the refund is lost: the sweep asks again and there is one refund', async () => {
  const sale = await sold()
  const request = await inTransaction(async (tx) => refundAll(tx, await owner(), sale.orderId, ''))
  if (!request.ok) throw new Error(request.reason)
  await money.sandbox.control.setChaos({
    deliveries: { drop: 1 },
    api: { methods: ['POST'], paths: ['/v1/refunds'], reset_after: 1 },
  })
  await expect(sendRefund(request.refundId)).rejects.toThrow()
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'active', reason: null }])
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  await passTimeEverywhere(money, 2 * 60_000)
  await until('the sweep sent it', async () => {
    await sweepPayments()
    return (await orderNow(sale)).refundedMinor === 1200
  })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
  expect(
    await db()
      .selectFrom('refund')
      .innerJoin('payment', 'payment.id', 'refund.payment_id')
      .select('refund.id')
      .where('payment.checkout_id', '=', sale.checkoutId)
      .execute(),
  ).toHaveLength(1)
})

test('a refund made at Stripe’s side is mirrored by its event with the same effect', async () => {
  const sale = await sold()
  await stripeItself().refunds.create({ payment_intent: sale.intent })
  await until('it is mirrored', async () => (await orderNow(sale)).refundedMinor === 1200)
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
})

test('a refund that fails later opens the access again', async () => {
  const sale = await sold('4000000000005126')
  const request = await inTransaction(async (tx) => refundAll(tx, await owner(), sale.orderId, ''))
  if (!request.ok) throw new Error(request.reason)
  await sendRefund(request.refundId)
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
  await passTimeEverywhere(money, 2 * 3_600_000)
  await until('the failure is mirrored', async () => {
    await pollEvents(await now(db()))
    return (await orderNow(sale)).refundedMinor === 0
  })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'active', reason: null }])
})

test('a dispute freezes, its win gives back, its loss ends', async () => {
  const won = await sold('4000000000000259')
  await until(
    'it is frozen',
    async () => (await accessOf(won.checkoutId))[0]?.state === 'suspended',
  )
  expect(await orderNow(won)).toMatchObject({ isDisputed: true })
  await closeDispute(won.intent, 'won')
  await until(
    'it is open again',
    async () => (await accessOf(won.checkoutId))[0]?.state === 'active',
  )
  expect(await orderNow(won)).toMatchObject({ isDisputed: false })

  const lost = await sold('4000000000000259')
  await until(
    'it is frozen',
    async () => (await accessOf(lost.checkoutId))[0]?.state === 'suspended',
  )
  await closeDispute(lost.intent, 'lost')
  await until(
    'it has ended',
    async () => (await accessOf(lost.checkoutId))[0]?.reason === 'dispute_lost',
  )
})

test('a refund that is heard of before its sale settles the sale first', async () => {
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  const sale = await buy(await makeProduct())
  const paid = await money.sandbox.control.pay({
    session: sale.sessionId,
    email: 'ada@example.com',
  })
  await stripeItself().refunds.create({ payment_intent: paid.payment_intent ?? '' })
  expect(await syncPayment(paid.payment_intent ?? '', { cause: 'test', lane: 'event' })).toBe(
    'done',
  )
  expect(await orderNow(sale)).toMatchObject({ refundedMinor: 1200 })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
})

test('a refund waits for a sale that somebody else settles, in short steps however long it takes', async () => {
  const sale = await buy(await makeProduct())
  // Another process works on the sale, and takes its time.
  const holder = newId()
  expect(await takeLease(sale.sessionId, holder, 3_600)).toBe(true)
  const paid = await money.sandbox.control.pay({
    session: sale.sessionId,
    email: 'ada@example.com',
  })
  const intent = paid.payment_intent ?? ''
  await stripeItself().refunds.create({ payment_intent: intent })
  const event = () =>
    db()
      .selectFrom('stripe_event')
      .select((select) => [
        'state',
        'attempts',
        'last_error',
        select.fn<Date>('clock_now', []).as('now'),
        'next_attempt_at',
      ])
      .where('group_key', '=', intent)
      .where('type', '=', 'charge.refunded')
      .executeTakeFirst()
  const isPutOff = async () => {
    const known = await event()
    return known?.last_error !== null && known !== undefined && known.next_attempt_at > known.now
  }
  for (let round = 0; round < 5; round++) {
    await until('it is put off', isPutOff)
    const { state, attempts, now: at, next_attempt_at: next } = (await event()) ?? never()
    expect(state).toBe('pending')
    expect(attempts).toBeLessThan(4)
    expect(Number(next) - Number(at)).toBeLessThanOrEqual(10_000)
    await passTimeEverywhere(money, 10_000)
    wakeWorker()
  }
  await giveBackLease(db(), sale.sessionId, holder)
  wakeWorker()
  await passTimeEverywhere(money, 10_000)
  wakeWorker()
  await untilInboxIsEmpty()
  expect(await orderNow(sale)).toMatchObject({ refundedMinor: 1200 })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
})

test('a refund made at Stripe whose note refund_id is not one of ours is mirrored all the same', async () => {
  const sale = await sold()
  await stripeItself().refunds.create({
    payment_intent: sale.intent,
    metadata: { refund_id: 'RMA-0815' },
  })
  await until('it is mirrored', async () => (await orderNow(sale)).refundedMinor === 1200)
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
})

test('a refund that fails while the payment is disputed opens nothing until the dispute is won', async () => {
  const sale = await sold('4000000000005126')
  await stripeItself().refunds.create({ payment_intent: sale.intent })
  await until('it is refunded', async () => (await orderNow(sale)).refundedMinor === 1200)
  await openDispute(sale.intent)
  await until('it is disputed', async () => (await orderNow(sale)).isDisputed === true)
  await passTimeEverywhere(money, 2 * 3_600_000)
  await until('the failure is mirrored', async () => {
    await pollEvents(await now(db()))
    return (await orderNow(sale)).refundedMinor === 0
  })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'suspended', reason: 'disputed' }])
  await closeDispute(sale.intent, 'won')
  await until(
    'it is open again',
    async () => (await accessOf(sale.checkoutId))[0]?.state === 'active',
  )
})

test('a refund that fails after the dispute was lost gives nothing back', async () => {
  const sale = await sold('4000000000005126')
  await stripeItself().refunds.create({ payment_intent: sale.intent })
  await until('it is refunded', async () => (await orderNow(sale)).refundedMinor === 1200)
  await openDispute(sale.intent)
  await closeDispute(sale.intent, 'lost')
  await untilInboxIsEmpty()
  await passTimeEverywhere(money, 2 * 3_600_000)
  await until('the failure is mirrored', async () => {
    await pollEvents(await now(db()))
    return (await orderNow(sale)).refundedMinor === 0
  })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'dispute_lost' }])
})

test('a second dispute that is heard of together with the first one’s win keeps the goods frozen', async () => {
  const sale = await sold()
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  await openDispute(sale.intent)
  await closeDispute(sale.intent, 'won')
  await openDispute(sale.intent)
  expect(await syncPayment(sale.intent, { cause: 'test', lane: 'event' })).toBe('done')
  expect(await orderNow(sale)).toMatchObject({ isDisputed: true, isDisputeLost: false })
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'suspended', reason: 'disputed' }])
})

test('a second refund after the first one failed is told by a mail of its own', async () => {
  const sale = await sold('4000000000005126')
  await stripeItself().refunds.create({ payment_intent: sale.intent })
  await until('it is refunded', async () => (await orderNow(sale)).refundedMinor === 1200)
  await passTimeEverywhere(money, 2 * 3_600_000)
  await until('the failure is mirrored', async () => {
    await pollEvents(await now(db()))
    return (await orderNow(sale)).refundedMinor === 0
  })
  await stripeItself().refunds.create({ payment_intent: sale.intent })
  await until('it is refunded again', async () => (await orderNow(sale)).refundedMinor === 1200)
  expect(await refundMails(sale.orderId)).toBe(2)
})

test('C36: the paid event, its copies, the owner who looks it up and the owner who refunds it, all at once: one order, one refund, access ended once', async () => {
  const by = await owner()
  for (let round = 0; round < 3; round++) {
    const sale = await buy(await makeProduct())
    await money.sandbox.control.setChaos({ deliveries: { duplicate: 1 } })
    const refunding = (async () => {
      // Pressed again and again from before the order is there until it is refunded.
      for (;;) {
        const order = await orderOfCheckout(db(), sale.checkoutId)
        const asked =
          order && (await inTransaction((tx) => refundAll(tx, by, order.id, 'Bought twice')))
        if (asked?.ok) await sendRefund(asked.refundId)
        if (asked?.ok) return asked.refundId
      }
    })()
    const looking = (async () => {
      while ((await orderOfCheckout(db(), sale.checkoutId)) === undefined)
        await syncCheckout(sale.checkoutId, { cause: 'owner', lane: 'person' })
    })()
    const paid = await money.sandbox.control.pay({
      session: sale.sessionId,
      email: 'ada@example.com',
    })
    await Promise.all([looking, refunding])
    await untilInboxIsEmpty()
    expect(await outcomeOf(sale.checkoutId)).toMatchObject(fulfilledOnce)
    expect(await orderNow(sale)).toMatchObject({ refundedMinor: 1200 })
    expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
    const refunds = await stripeItself().refunds.list({ payment_intent: paid.payment_intent ?? '' })
    expect(refunds.data.map(({ amount }) => amount)).toEqual([1200])
    const order = await orderOfCheckout(db(), sale.checkoutId)
    expect(await refundMails(order?.id ?? '')).toBe(1)
  }
})
