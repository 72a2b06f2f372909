import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chargeOf, idOf, openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const make = (more: object = {}): ReturnType<typeof shop.stripe.paymentIntents.create> =>
  shop.stripe.paymentIntents.create({ amount: 2_000, currency: 'usd', ...more })

describe('a payment intent', () => {
  it('waits for a method, then for confirmation, then is paid', async () => {
    const intent = await make()
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      client_secret: expect.stringMatching(/^pi_\w+_secret_\w+$/),
      payment_method_types: ['card', 'us_bank_account'],
    })
    const ready = await shop.stripe.paymentIntents.update(intent.id, {
      payment_method: 'pm_card_visa',
      amount: 2_500,
      metadata: { order: '1' },
    })
    expect(ready.status).toBe('requires_confirmation')
    const paid = await shop.stripe.paymentIntents.confirm(intent.id, {
      return_url: 'https://shop.test/',
      expand: ['latest_charge.balance_transaction'],
    })
    expect(paid).toMatchObject({
      status: 'succeeded',
      amount_received: 2_500,
      latest_charge: {
        amount_captured: 2_500,
        balance_transaction: { amount: 2_500, fee: 103, net: 2_397, type: 'charge' },
      },
    })
  })

  it('in the wrong state refuses what cannot be done, by name', async () => {
    const paid = await make({ payment_method: 'pm_card_visa', confirm: true })
    for (const [deed, call] of [
      ['confirm', shop.stripe.paymentIntents.confirm(paid.id)],
      ['capture', shop.stripe.paymentIntents.capture(paid.id)],
      ['cancel', shop.stripe.paymentIntents.cancel(paid.id)],
      ['update', shop.stripe.paymentIntents.update(paid.id, { amount: 5_000 })],
    ] as const) {
      const error = await refusal(call)
      expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
      expect(error.message).toContain(`You cannot ${deed} this PaymentIntent`)
    }
    const described = await shop.stripe.paymentIntents.update(paid.id, { description: 'fine' })
    expect(described.description).toBe('fine')
  })

  it('without a method cannot be confirmed', async () => {
    expect(
      (await refusal(shop.stripe.paymentIntents.confirm((await make()).id))).message,
    ).toContain('missing a payment method')
  })

  it('is canceled with a reason', async () => {
    const intent = await make()
    const canceled = await shop.stripe.paymentIntents.cancel(intent.id, {
      cancellation_reason: 'abandoned',
    })
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' })
    expect(await shop.eventTypes(intent.id)).toEqual([
      'payment_intent.created',
      'payment_intent.canceled',
    ])
  })

  it('of an open checkout cannot be canceled by itself', async () => {
    const session = await shop.checkout()
    const report = await shop.control.pay({ session: session.id, card: '4000000000000002' })
    const error = await refusal(shop.stripe.paymentIntents.cancel(report.payment_intent ?? ''))
    expect(error.message).toContain('expire the Checkout Session instead')
  })

  it('does not take a card of another customer', async () => {
    const customer = await shop.stripe.customers.create({})
    const card = await shop.stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    expect(await refusal(make({ payment_method: card.id }))).toMatchObject({
      param: 'payment_method',
    })
  })

  it.each([
    [{ amount: 49 }, 'amount_too_small'],
    [{ amount: 100_000_000 }, 'amount_too_large'],
    [{ currency: 'zzz' }, undefined],
    [{ off_session: true }, undefined],
    [{ customer: 'cus_none' }, 'resource_missing'],
  ])('with %j is refused', async (more, code) => {
    const error = await refusal(make(more))
    expect(error.statusCode).toBe(400)
    if (code !== undefined) expect(error.code).toBe(code)
  })

  it('is found by search', async () => {
    const intent = await make({ amount: 777_00, metadata: { find: 'me' } })
    const found = await shop.stripe.paymentIntents.search({
      query: "metadata['find']:'me' AND amount>77000 AND currency:'usd'",
    })
    expect(found.data.map((one) => one.id)).toEqual([intent.id])
  })
})

describe('an authorization', () => {
  const authorize = (): ReturnType<typeof make> =>
    make({ payment_method: 'pm_card_visa', confirm: true, capture_method: 'manual' })

  it('is captured in part', async () => {
    const held = await authorize()
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2_000 })
    const taken = await shop.stripe.paymentIntents.capture(held.id, {
      amount_to_capture: 1_500,
      expand: ['latest_charge'],
    })
    expect(taken).toMatchObject({
      status: 'succeeded',
      amount_received: 1_500,
      amount_capturable: 0,
    })
    expect(chargeOf(taken)).toMatchObject({ captured: true, amount_captured: 1_500 })
    expect(await shop.eventTypes(held.id)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'charge.captured',
      'payment_intent.succeeded',
    ])
  })

  it('is captured by its charge too', async () => {
    const held = await authorize()
    const charge = await shop.stripe.charges.capture(idOf(held.latest_charge))
    expect(charge.captured).toBe(true)
  })

  it('does not give more than was authorized', async () => {
    const held = await authorize()
    expect(
      await refusal(shop.stripe.paymentIntents.capture(held.id, { amount_to_capture: 2_001 })),
    ).toMatchObject({ param: 'amount_to_capture' })
  })

  it('is given back when canceled, and by itself after a week', async () => {
    const canceled = await shop.stripe.paymentIntents.cancel((await authorize()).id)
    expect(canceled.status).toBe('canceled')
    expect(await shop.stripe.charges.retrieve(idOf(canceled.latest_charge))).toMatchObject({
      refunded: true,
      captured: false,
    })
    const forgotten = await authorize()
    await shop.control.advance('8d')
    expect(await shop.stripe.paymentIntents.retrieve(forgotten.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    })
    expect(await shop.eventTypes(forgotten.id)).toContain('charge.expired')
  })
})

describe('the balance', () => {
  it('holds what was earned as pending, and has it some days later', async () => {
    const key = 'sk_test_balance'
    const stripe = shop.client(key)
    const pay = (): Promise<unknown> =>
      stripe.paymentIntents.create({
        amount: 10_000,
        currency: 'eur',
        payment_method: 'pm_card_visa',
        confirm: true,
        return_url: 'https://shop.test/',
      })
    await pay()
    await pay()
    const amounts = async (): Promise<[number | undefined, number | undefined]> => {
      const balance = await stripe.balance.retrieve()
      return [balance.pending[0]?.amount, balance.available[0]?.amount]
    }
    // 2.9 % + 0.30 of each
    expect(await amounts()).toEqual([2 * (10_000 - 320), 0])
    const list = await stripe.balanceTransactions.list({ type: 'charge' })
    expect(list.data.map((one) => one.status)).toEqual(['pending', 'pending'])
    await shop.control.advance('4d')
    expect(await amounts()).toEqual([0, 2 * (10_000 - 320)])
    const first = await stripe.balanceTransactions.retrieve(list.data[0]?.id ?? '')
    expect(first.status).toBe('available')
  })
})
