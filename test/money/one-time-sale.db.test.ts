import { afterEach, describe, expect, test } from 'vitest'
import {
  pollEvents,
  sweepPayments,
  syncCheckout,
  waitingPurchases,
} from '#modules/payments/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import {
  accessOf,
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  stateOf,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { signUp } from '../people.ts'
import { until } from '../until.ts'

const money = useMoney()
const hour = 3_600_000

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

describe('a one-time sale', () => {
  test('the webhook alone fulfils when the buyer closes the tab after paying [commerce 2] [payments 1, 6]', async () => {
    const { checkoutId, sessionId } = await buy(await makeProduct())
    const paid = await money.sandbox.control.pay({
      session: sessionId,
      email: 'Ada@Example.com',
      name: 'Ada',
    })
    expect(paid.payment_status).toBe('paid')
    await untilPaid(checkoutId)
    await untilInboxIsEmpty()
    expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
    const order = await db()
      .selectFrom('shop_order')
      .selectAll()
      .where('checkout_id', '=', checkoutId)
      .executeTakeFirstOrThrow()
    expect(order).toMatchObject({
      email: 'ada@example.com',
      total_minor: 1200,
      currency: 'EUR',
      mode: 'rehearsal',
    })
    const mail = await until('the receipt is delivered', () =>
      db()
        .selectFrom('email_message')
        .selectAll()
        .where('entity_key', '=', `${order.id}:first`)
        .where('state', '=', 'sent')
        .executeTakeFirst(),
    )
    expect(mail).toMatchObject({ to_address: 'ada@example.com', via: 'mailbox', attempts: 1 })
    expect(JSON.stringify(mail.content)).toContain(`/checkout/${checkoutId}?t=`)
  })

  test('M15: the return page fulfils before the webhook arrives, which then adds nothing [commerce 3] [payments 4]', async () => {
    const { checkoutId, sessionId } = await buy(await makeProduct())
    await money.sandbox.control.hold()
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    expect(await stateOf(checkoutId)).toBe('open')
    const settled = await syncCheckout(checkoutId, { cause: 'return page', lane: 'person' })
    expect(settled?.state).toBe('paid')
    const before = await outcomeOf(checkoutId)
    await money.sandbox.control.release()
    await until('the webhook came', () => money.answers.length > 0)
    await untilInboxIsEmpty()
    expect(await outcomeOf(checkoutId)).toEqual(before)
    expect(before).toEqual(fulfilledOnce)
  })

  test('the return page after the webhook shows the same order [commerce 4] [payments 3]', async () => {
    const { checkoutId, sessionId } = await buy(await makeProduct())
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    await untilPaid(checkoutId)
    const number = () =>
      db().selectFrom('shop_order').select('number').where('checkout_id', '=', checkoutId).execute()
    const before = await number()
    expect((await syncCheckout(checkoutId, { cause: 'return page', lane: 'person' }))?.state).toBe(
      'paid',
    )
    expect(await number()).toEqual(before)
    expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  })

  test('M17: the webhook never comes: the return page fulfils, and polling finds the event done [payments 5]', async () => {
    await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
    const { checkoutId, sessionId } = await buy(await makeProduct())
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    expect((await syncCheckout(checkoutId, { cause: 'return page', lane: 'person' }))?.state).toBe(
      'paid',
    )
    await passTimeEverywhere(money, 6 * 60_000)
    expect(await pollEvents(await now(db()))).toBeGreaterThan(0)
    await untilInboxIsEmpty()
    const event = await db()
      .selectFrom('stripe_event')
      .select(['source', 'state', 'outcome'])
      .where('object_id', '=', sessionId)
      .where('type', '=', 'checkout.session.completed')
      .executeTakeFirstOrThrow()
    expect(event).toEqual({ source: 'poll', state: 'done', outcome: 'Already fulfilled.' })
    expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  })

  test('M17: tab closed and webhook lost: polling fulfils within its interval and the miss is counted [payments 7]', async () => {
    await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
    const { checkoutId, sessionId } = await buy(await makeProduct())
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    await passTimeEverywhere(money, 5 * 60_000 + 1_000)
    await pollEvents(await now(db()))
    await untilPaid(checkoutId)
    expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
    const cursor = await db()
      .selectFrom('stripe_cursor')
      .select('webhook_missed')
      .executeTakeFirstOrThrow()
    expect(cursor.webhook_missed).toBeGreaterThan(0)
  })

  test('M15, M17: the webhook is down for an hour: all orders heal within ten minutes of looking [commerce 9]', async () => {
    await money.sandbox.control.setChaos({ deliveries: { drop_all_for_ms: hour } })
    const product = await makeProduct()
    const sales = []
    for (let index = 0; index < 5; index++) {
      const sale = await buy(product)
      await money.sandbox.control.pay({
        session: sale.sessionId,
        email: `buyer${index}@example.com`,
      })
      sales.push(sale)
    }
    await passTimeEverywhere(money, 10 * 60_000)
    await pollEvents(await now(db()))
    for (const { checkoutId } of sales) {
      await untilPaid(checkoutId)
      expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
    }
  })

  test('M16: the same event five times at once, and again two days later: one order, one mail, one grant [commerce 5] [payments 2]', async () => {
    const { checkoutId, sessionId } = await buy(await makeProduct())
    await money.sandbox.control.hold()
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    const held = (await money.sandbox.control.deliveries({ held: true })).data.filter(
      (one) => one.eventType === 'checkout.session.completed',
    )
    for (let copy = 0; copy < 4; copy++)
      for (const delivery of held) await money.sandbox.control.redeliver(delivery.id)
    await money.sandbox.control.release()
    await untilPaid(checkoutId)
    await passTimeEverywhere(money, 48 * hour)
    for (const delivery of held) await money.sandbox.control.redeliver(delivery.id)
    await until('all six deliveries were counted', async () => {
      const event = await db()
        .selectFrom('stripe_event')
        .select('deliveries')
        .where('object_id', '=', sessionId)
        .where('type', '=', 'checkout.session.completed')
        .executeTakeFirst()
      return event?.deliveries === 6
    })
    await untilInboxIsEmpty()
    expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  })

  test('title and price edited while the checkout is open: the buyer pays what was shown [commerce 14]', async () => {
    const product = await makeProduct('The old title', 1500)
    const { checkoutId, sessionId } = await buy(product)
    await inTransaction(async (tx) => {
      await tx
        .updateTable('product')
        .set({ title: 'The new title' })
        .where('id', '=', product.productId)
        .execute()
      await tx
        .updateTable('price')
        .set({ is_active: false })
        .where('id', '=', product.priceId)
        .execute()
      await tx
        .insertInto('price')
        .values({ product_id: product.productId, amount_minor: 9900, currency: 'EUR' })
        .execute()
    })
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    await untilPaid(checkoutId)
    const line = await db()
      .selectFrom('order_line')
      .innerJoin('shop_order', 'shop_order.id', 'order_line.order_id')
      .select(['order_line.title', 'order_line.total_minor'])
      .where('shop_order.checkout_id', '=', checkoutId)
      .executeTakeFirstOrThrow()
    expect(line).toEqual({ title: 'The old title', total_minor: 1500 })
  })

  test('a session that expires ends its checkout and grants nothing [commerce 7]', async () => {
    const { checkoutId } = await buy(await makeProduct())
    await passTimeEverywhere(money, 2 * hour + 60_000)
    await until('the checkout is over', async () => (await stateOf(checkoutId)) === 'expired')
    expect(await outcomeOf(checkoutId)).toMatchObject({ orders: 0, entitlements: 0, receipts: 0 })
  })

  test('the sweep ends a checkout of which no event ever told', async () => {
    await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
    const { checkoutId } = await buy(await makeProduct())
    await passTimeEverywhere(money, 3 * hour)
    await until('the sweep looked', async () => {
      await sweepPayments()
      return (await stateOf(checkoutId)) === 'expired'
    })
  })

  test('a bank debit waits without a grant, then delivers [commerce 6] [payments 57]', async () => {
    const { actor } = await signUp('ada@example.com')
    const { checkoutId, sessionId } = await buy(await makeProduct(), {
      id: actor.memberId,
      email: actor.email,
    })
    await money.sandbox.control.pay({
      session: sessionId,
      method: 'bank_debit',
      email: 'ada@example.com',
    })
    await until(
      'it waits for the bank',
      async () => (await stateOf(checkoutId)) === 'awaiting_payment',
    )
    expect(await waitingPurchases(db(), actor.memberId)).toEqual([
      { checkoutId, titles: ['Field Notes'], totalMinor: 1200, currency: 'EUR' },
    ])
    expect(await outcomeOf(checkoutId)).toMatchObject({ orders: 0, entitlements: 0 })
    expect(
      await db()
        .selectFrom('email_message')
        .select('to_address')
        .where('template', '=', 'payment_waiting')
        .where('entity_key', '=', checkoutId)
        .execute(),
    ).toEqual([{ to_address: 'ada@example.com' }])
    await money.sandbox.control.settleAsync({ session: sessionId, outcome: 'succeeded' })
    await untilPaid(checkoutId)
    expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
    expect(await waitingPurchases(db(), actor.memberId)).toEqual([])
  })

  test('a bank debit that fails tells the buyer and grants nothing [commerce 6] [payments 57]', async () => {
    const { checkoutId, sessionId } = await buy(await makeProduct())
    await money.sandbox.control.pay({
      session: sessionId,
      method: 'bank_debit',
      email: 'ada@example.com',
    })
    await until(
      'it waits for the bank',
      async () => (await stateOf(checkoutId)) === 'awaiting_payment',
    )
    await money.sandbox.control.settleAsync({ session: sessionId, outcome: 'failed' })
    await until('it failed', async () => (await stateOf(checkoutId)) === 'failed')
    expect(await outcomeOf(checkoutId)).toMatchObject({ orders: 0, entitlements: 0 })
    expect(
      await db()
        .selectFrom('email_message')
        .select('to_address')
        .where('template', '=', 'payment_failed')
        .where('entity_key', '=', checkoutId)
        .execute(),
    ).toEqual([{ to_address: 'ada@example.com' }])
  })

  test('a declined card leaves the checkout open for another try', async () => {
    const { checkoutId, sessionId } = await buy(await makeProduct())
    const declined = await money.sandbox.control.pay({
      session: sessionId,
      card: '4000000000000002',
      email: 'ada@example.com',
    })
    expect(declined.outcome).toBe('declined')
    expect(await stateOf(checkoutId)).toBe('open')
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    await untilPaid(checkoutId)
    expect(await accessOf(checkoutId)).toEqual([{ state: 'active', reason: null }])
  })
})
