import { sql } from 'kysely'
import type Stripe from 'stripe'
import { afterEach, expect, test } from 'vitest'
import {
  pollEvents,
  sweepPayments,
  syncCheckout,
  wakeWorker,
} from '#modules/payments/server/index.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { dice, shuffledAndDoubled } from '../dice.ts'
import {
  brokenInvariants,
  buy,
  deliver,
  fulfilledOnce,
  lineOf,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  start,
  stateOf,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
  type Started,
} from '../money.ts'
import { repeated } from '../repeated.ts'
import { until } from '../until.ts'

const money = useMoney()

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

async function callsTo(route: string): Promise<number> {
  return (await money.sandbox.control.stats()).endpoints[route]?.calls ?? 0
}
const readSession = 'GET /v1/checkout/sessions/{session}'

const shuffles = repeated(200)
test('M16: all events of a sale in any order, doubled, four at once: 200 shuffles, one result [payments 26]', async () => {
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  const product = await makeProduct()
  const sales: Started[] = []
  for (let seed = 0; seed < shuffles; seed++) {
    const sale = await buy(product)
    await money.sandbox.control.pay({ session: sale.sessionId, email: `buyer${seed}@example.com` })
    sales.push(sale)
  }
  const events: Stripe.Event[] = []
  for await (const event of stripeItself().events.list({ limit: 100 })) events.push(event)
  expect(events.length).toBeGreaterThan(sales.length * 3)
  const random = dice(26)
  const order = shuffledAndDoubled(events, random)
  for (let index = 0; index < order.length; index += 4)
    await Promise.all(order.slice(index, index + 4).map(deliver))
  await untilInboxIsEmpty(60_000)
  for (const { checkoutId } of sales) expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
}, 120_000)

test('thirty events of one object in a burst ask Stripe at most three times [payments 27]', async () => {
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
  const [completed] = (
    await stripeItself().events.list({ type: 'checkout.session.completed', limit: 1 })
  ).data
  const before = await callsTo(readSession)
  await Promise.all(
    Array.from({ length: 30 }, (_, index) => deliver({ ...completed, id: `evt_burst${index}` })),
  )
  await untilPaid(checkoutId)
  await untilInboxIsEmpty()
  expect((await callsTo(readSession)) - before).toBeLessThanOrEqual(3)
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
})

test('M12: Stripe answers 429 three times: the event waits, loses no try, and converges [payments 28]', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await money.sandbox.control.setChaos({
    api: {
      methods: ['GET'],
      paths: ['/v1/checkout/sessions'],
      rate_limited: 1,
      retry_after_s: 1,
      times: 3,
    },
  })
  await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
  await until('it was paid in the end', async () => {
    await passTimeEverywhere(money, 3_000)
    wakeWorker()
    return (await stateOf(checkoutId)) === 'paid'
  })
  const event = await db()
    .selectFrom('stripe_event')
    .select(['attempts', 'state'])
    .where('object_id', '=', sessionId)
    .where('type', '=', 'checkout.session.completed')
    .executeTakeFirstOrThrow()
  expect(event).toEqual({ attempts: 1, state: 'done' })
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
})

test('M13: the session is made but its answer is lost: the same key finds the same session, and paying it still delivers [payments 30]', async () => {
  const product = await makeProduct()
  await money.sandbox.control.setChaos({
    api: { methods: ['POST'], paths: ['/v1/checkout/sessions'], reset_after: 1 },
  })
  const failed = await start(lineOf(product))
  expect(failed).toEqual({ ok: false, reason: 'unreachable' })
  await money.sandbox.control.setChaos({})
  // The SDK tried twice; both reached Stripe, which made one session for the one key.
  const lost = await db()
    .selectFrom('checkout')
    .select(['id', 'stripe_session_id'])
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  expect(lost.stripe_session_id).toBeNull()
  const made = async () =>
    (await stripeItself().checkout.sessions.list({ limit: 100 })).data.filter(
      (one) => one.client_reference_id === lost.id,
    )
  const [session] = await made()
  expect(await made()).toHaveLength(1)
  await money.sandbox.control.pay({ session: session?.id ?? '', email: 'ada@example.com' })
  await untilPaid(lost.id)
  expect(await outcomeOf(lost.id)).toEqual(fulfilledOnce)
  expect(await made()).toHaveLength(1)
})

test('a session nobody was sent to is found by the sweep and closed', async () => {
  const product = await makeProduct()
  await money.sandbox.control.setChaos({
    api: { methods: ['POST'], paths: ['/v1/checkout/sessions'], reset_after: 1 },
  })
  await start(lineOf(product))
  await money.sandbox.control.setChaos({})
  const lost = await db()
    .selectFrom('checkout')
    .select('id')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  await passTimeEverywhere(money, 3 * 60_000)
  await until('it is over', async () => {
    await sweepPayments()
    return (await stateOf(lost.id)) === 'expired'
  })
})

test('the success address of somebody else’s session shows and grants nothing [payments 78]', async () => {
  const { checkoutId: mine } = await buy(await makeProduct())
  const { checkoutId: theirs, sessionId } = await buy(await makeProduct())
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  await money.sandbox.control.pay({ session: sessionId, email: 'other@example.com' })
  // Knowing a session id leads nowhere: only our checkout's own session is ever looked up for it.
  expect((await syncCheckout(mine, { cause: 'return page', lane: 'person' }))?.state).toBe('open')
  expect(await outcomeOf(mine)).toMatchObject({ orders: 0, entitlements: 0 })
  expect((await syncCheckout(theirs, { cause: 'return page', lane: 'person' }))?.state).toBe('paid')
})

const checkouts = repeated(500)
test(`${checkouts} checkouts with doubles, disorder, losses, 429 and 500: all converge, each fulfilled once, at most 0.6 questions an event`, async () => {
  const product = await makeProduct()
  await untilInboxIsEmpty()
  const readsBefore = await callsTo(readSession)
  const eventsBefore = (await db().selectFrom('stripe_event').select('id').execute()).length
  await money.sandbox.control.setChaos({
    seed: 500,
    deliveries: { duplicate: 0.2, reorder_window_ms: 300, drop: 0.1 },
    api: {
      paths: ['/v1/checkout/sessions', '/v1/events'],
      rate_limited: 0.05,
      retry_after_s: 0,
      error_before: 0.03,
      error_after: 0.03,
    },
  })
  const started: Started[] = []
  const attempts = Array.from({ length: checkouts }, (_, index) => index)
  const buyer = async () => {
    for (let index = attempts.pop(); index !== undefined; index = attempts.pop()) {
      // A person who is told "payments cannot be reached" tries again.
      const sale = await until(
        'a checkout starts',
        () => buy(product).catch(() => undefined),
        60_000,
      )
      await money.sandbox.control.pay({
        session: sale.sessionId,
        email: `soak${index}@example.com`,
      })
      started.push(sale)
    }
  }
  await Promise.all(Array.from({ length: 8 }, buyer))
  await until(
    'all are paid',
    async () => {
      await passTimeEverywhere(money, 61_000)
      wakeWorker()
      await pollEvents(await now(db()))
      const row = await db()
        .selectFrom('checkout')
        .select((select) => select.fn.countAll<number>().as('paid'))
        .where('state', '=', 'paid')
        .where(
          'id',
          'in',
          started.map((sale) => sale.checkoutId),
        )
        .executeTakeFirstOrThrow()
      return row.paid === checkouts
    },
    120_000,
  )
  await money.sandbox.control.setChaos({})
  await until('nothing waits', async () => {
    await passTimeEverywhere(money, 61_000)
    wakeWorker()
    const waiting = await db()
      .selectFrom('stripe_event')
      .select('id')
      .where('state', '=', 'pending')
      .limit(1)
      .execute()
    return waiting.length === 0
  })
  const { rows } = await sql<{ wrong: number }>`
    select count(*) as wrong from checkout c where c.id = any(${started.map((sale) => sale.checkoutId)}::uuid[]) and (
      c.state <> 'paid'
      or (select count(*) from shop_order where checkout_id = c.id) <> 1
      or (select count(*) from payment where checkout_id = c.id) <> 1
      or (select count(*) from entitlement e join order_line l on l.id = e.source_id join shop_order o on o.id = l.order_id where o.checkout_id = c.id) <> 1)
  `.execute(db())
  expect(rows[0]?.wrong).toBe(0)
  const events =
    (await db().selectFrom('stripe_event').select('id').execute()).length - eventsBefore
  const reads = (await callsTo(readSession)) - readsBefore
  console.info(`${events} events, ${reads} questions, ${(reads / events).toFixed(2)} an event`)
  expect(reads / events).toBeLessThanOrEqual(0.6)
}, 300_000)
