import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chargeOf, idOf, openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

describe('a refund', () => {
  it('[payments 59] of everything gives everything back, once', async () => {
    const intent = await shop.sell()
    const refund = await shop.stripe.refunds.create(
      {
        payment_intent: intent.id,
        reason: 'requested_by_customer',
        metadata: { local: '1' },
        expand: ['balance_transaction', 'charge'],
      },
      { idempotencyKey: 'refund-1' },
    )
    expect(refund).toMatchObject({
      status: 'succeeded',
      amount: 2_400,
      reason: 'requested_by_customer',
      balance_transaction: { amount: -2_400, fee: 0, type: 'refund' },
      charge: { refunded: true, amount_refunded: 2_400 },
    })
    const again = await refusal(shop.stripe.refunds.create({ payment_intent: intent.id }))
    expect(again).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' })
    const [event] = (await shop.stripe.events.list({ type: 'charge.refunded' })).data
    expect(event?.data.previous_attributes).toEqual({ amount_refunded: 0, refunded: false })
  })

  it('[payments 60] of a part leaves the rest to be refunded', async () => {
    const intent = await shop.sell()
    const charge = chargeOf(intent).id
    await shop.stripe.refunds.create({ charge, amount: 1_000 })
    const tooMuch = await refusal(shop.stripe.refunds.create({ charge, amount: 1_401 }))
    expect(tooMuch.message).toBe(
      'Refund amount (€14.01) is greater than unrefunded amount on charge (€14.00)',
    )
    await shop.stripe.refunds.create({ charge })
    expect(await shop.stripe.charges.retrieve(charge, { expand: ['refunds'] })).toMatchObject({
      amount_refunded: 2_400,
      refunded: true,
      refunds: { data: [{}, {}] },
    })
    const listed = await shop.stripe.refunds.list({ payment_intent: intent.id })
    expect(listed.data.map((one) => one.amount)).toEqual([1_400, 1_000])
  })

  it('that is pending succeeds later (7726)', async () => {
    const intent = await shop.sell('4000000000007726')
    const refund = await shop.stripe.refunds.create({ payment_intent: intent.id })
    expect(refund.status).toBe('pending')
    await shop.control.advance('2h')
    expect((await shop.stripe.refunds.retrieve(refund.id)).status).toBe('succeeded')
    const types = await shop.eventTypes(refund.id)
    expect(types).toEqual(['refund.created', 'refund.updated', 'charge.refund.updated'])
  })

  it('[payments 62] that succeeded fails later (5126) and opens the charge again', async () => {
    const intent = await shop.sell('4000000000005126')
    const refund = await shop.stripe.refunds.create({ payment_intent: intent.id })
    expect(refund.status).toBe('succeeded')
    await shop.control.advance('2h')
    expect(
      await shop.stripe.refunds.retrieve(refund.id, { expand: ['failure_balance_transaction'] }),
    ).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
      failure_balance_transaction: { amount: 2_400, type: 'refund_failure' },
    })
    expect(await shop.stripe.charges.retrieve(chargeOf(intent).id)).toMatchObject({
      refunded: false,
      amount_refunded: 0,
    })
    expect(await shop.eventTypes(refund.id)).toContain('refund.failed')
    const next = await shop.stripe.refunds.create({ payment_intent: intent.id })
    expect(next.amount).toBe(2_400)
  })

  it('of a part fails like one of everything, and the rest stays given back', async () => {
    const intent = await shop.sell()
    const charge = chargeOf(intent).id
    const first = await shop.stripe.refunds.create({ charge, amount: 1_000 })
    await shop.control.advance('1h')
    await shop.stripe.refunds.create({ charge, amount: 500 })
    await shop.control.trigger({
      event: 'refund.fail',
      refund: first.id,
      reason: 'lost_or_stolen_card',
    })
    expect(await shop.stripe.refunds.retrieve(first.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'lost_or_stolen_card',
    })
    expect(await shop.stripe.charges.retrieve(charge)).toMatchObject({
      amount_refunded: 500,
      refunded: false,
    })
    expect(await shop.eventTypes(first.id)).toEqual([
      'refund.created',
      'refund.updated',
      'charge.refund.updated',
      'refund.failed',
    ])
    const twice = shop.control.trigger({ event: 'refund.fail', refund: first.id })
    await expect(twice).rejects.toThrow('has a status of failed')
    const rest = await shop.stripe.refunds.create({ charge })
    expect(rest.amount).toBe(1_900)
    const moved = await shop.stripe.balanceTransactions.list({ source: first.id })
    expect(moved.data.map((one) => one.amount)).toEqual([1_000, -1_000])
  })

  it('that waits for the buyer can be canceled, and the charge is open again', async () => {
    const intent = await shop.sell('4000000000007726')
    const refund = await shop.stripe.refunds.create({ payment_intent: intent.id })
    expect((await refusal(shop.stripe.refunds.cancel(refund.id))).message).toContain('pending')
    await shop.control.trigger({ event: 'refund.ask', refund: refund.id })
    expect(await shop.stripe.refunds.retrieve(refund.id)).toMatchObject({
      status: 'requires_action',
      instructions_email: 'buyer@example.com',
      next_action: { type: 'display_details' },
    })
    const canceled = await shop.stripe.refunds.cancel(refund.id)
    expect(canceled).toMatchObject({ status: 'canceled', failure_reason: 'merchant_request' })
    expect(canceled).not.toHaveProperty('next_action')
    expect(await shop.stripe.charges.retrieve(chargeOf(intent).id)).toMatchObject({
      amount_refunded: 0,
      refunded: false,
    })
    expect(await shop.eventTypes(refund.id)).not.toContain('refund.failed')
    await shop.control.advance('60d')
    expect((await shop.stripe.refunds.retrieve(refund.id)).status).toBe('canceled')
  })

  it('that waits for a buyer who never answers fails', async () => {
    const intent = await shop.sell('4000000000007726')
    const refund = await shop.stripe.refunds.create({ payment_intent: intent.id })
    await shop.control.trigger({ event: 'refund.ask', refund: refund.id })
    await shop.control.advance('46d')
    expect((await shop.stripe.refunds.retrieve(refund.id)).status).toBe('failed')
  })

  it('that is pending can be canceled in the Dashboard', async () => {
    const intent = await shop.sell('4000000000007726')
    const refund = await shop.stripe.refunds.create({ payment_intent: intent.id })
    await shop.control.trigger({ event: 'refund.cancel', refund: refund.id })
    expect((await shop.stripe.refunds.retrieve(refund.id)).status).toBe('canceled')
  })

  it('made in the Dashboard knows nothing of the program, and tells of itself unless it is silent', async () => {
    const intent = await shop.sell()
    const charge = chargeOf(intent).id
    const told = await shop.control.trigger({ event: 'refund.created', charge, amount: 400 })
    expect(told).toMatchObject({ amount: 400, metadata: {}, reason: null })
    const count = (await shop.eventTypes()).length
    const silent = await shop.control.trigger({
      event: 'refund.created',
      payment_intent: intent.id,
      silent: true,
    })
    expect(silent).toMatchObject({ amount: 2_000, status: 'succeeded' })
    expect(await shop.eventTypes()).toHaveLength(count)
    expect(await shop.stripe.charges.retrieve(charge)).toMatchObject({
      amount_refunded: 2_400,
      refunded: true,
    })
    for (const wrong of [{ amount: 1.5 }, { reason: 'mood' }, { charge: 'ch_none' }, {}])
      await expect(
        shop.control.trigger({ event: 'refund.created', charge, ...wrong }),
      ).rejects.toThrow()
  })

  it('changes its metadata and tells of it, and cannot be canceled', async () => {
    const intent = await shop.sell()
    const refund = await shop.stripe.refunds.create({ payment_intent: intent.id })
    await shop.stripe.refunds.update(refund.id, { metadata: { note: 'ok' } })
    expect(await shop.eventTypes(refund.id)).toContain('charge.refund.updated')
    expect((await refusal(shop.stripe.refunds.cancel(refund.id))).message).toContain(
      'requires_action',
    )
  })

  it.each([
    ['of nothing', {}],
    ['of a charge and an intent', { charge: 'ch_1', payment_intent: 'pi_1' }],
    ['of a charge that is not there', { charge: 'ch_none' }],
    ['of an intent that is not there', { payment_intent: 'pi_none' }],
  ])('%s is refused', async (_name, params) => {
    expect((await refusal(shop.stripe.refunds.create(params))).statusCode).toBe(400)
  })

  it('of what was never paid is refused', async () => {
    const unpaid = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'eur' })
    expect(
      (await refusal(shop.stripe.refunds.create({ payment_intent: unpaid.id }))).message,
    ).toContain('does not have a successful charge')
    const held = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
      capture_method: 'manual',
      return_url: 'https://shop.test/',
    })
    expect(
      (await refusal(shop.stripe.refunds.create({ charge: idOf(held.latest_charge) }))).message,
    ).toContain('not captured')
  })

  it('of amounts below one is refused', async () => {
    const intent = await shop.sell()
    for (const amount of [0, -1])
      expect(
        (await refusal(shop.stripe.refunds.create({ payment_intent: intent.id, amount })))
          .statusCode,
      ).toBe(400)
  })
})

it('two refunds at once do not give back more than was paid', async () => {
  const intent = await shop.sell()
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () =>
      shop.stripe.refunds.create({ payment_intent: intent.id, amount: 1_000 }),
    ),
  )
  expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(2)
})
