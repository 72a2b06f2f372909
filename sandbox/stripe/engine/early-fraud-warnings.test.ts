import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chargeOf, openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const warn = async (charge: Stripe.Charge, more: object = {}): Promise<string> => {
  const event = 'radar.early_fraud_warning.created'
  const warning = await shop.control.trigger({ event, charge: charge.id, ...more })
  return String(warning['id'])
}

const warningOf = (id: string): Promise<Stripe.Radar.EarlyFraudWarning> =>
  shop.stripe.radar.earlyFraudWarnings.retrieve(id)

describe('an early fraud warning', () => {
  it('comes for any payment by card, once, and is found by its payment', async () => {
    const intent = await shop.sell()
    const charge = chargeOf(intent)
    const id = await warn(charge, { fraud_type: 'made_with_lost_card' })
    expect(id).toMatch(/^issfr_\w{24}$/)
    const list = (filter: object): ReturnType<typeof shop.stripe.radar.earlyFraudWarnings.list> =>
      shop.stripe.radar.earlyFraudWarnings.list({ ...filter, expand: ['data.charge'] })
    for (const filter of [{ charge: charge.id }, { payment_intent: intent.id }])
      expect((await list(filter)).data).toMatchObject([
        {
          id,
          object: 'radar.early_fraud_warning',
          actionable: true,
          charge: { id: charge.id },
          fraud_type: 'made_with_lost_card',
          livemode: false,
          payment_intent: intent.id,
        },
      ])
    await expect(warn(charge)).rejects.toThrow('already has')
    expect(await shop.eventTypes(id)).toEqual(['radar.early_fraud_warning.created'])
    expect(await refusal(warningOf('issfr_none'))).toMatchObject({ statusCode: 404 })
  })

  it('asks for nothing any more when everything was refunded, and again when that failed', async () => {
    const charge = chargeOf(await shop.sell())
    const id = await warn(charge)
    await shop.stripe.refunds.create({ charge: charge.id, amount: 400 })
    expect((await warningOf(id)).actionable).toBe(true)
    const refund = await shop.stripe.refunds.create({ charge: charge.id })
    expect((await warningOf(id)).actionable).toBe(false)
    const [event] = (await shop.stripe.events.list({ type: 'radar.early_fraud_warning.updated' }))
      .data
    expect(event?.data).toMatchObject({
      object: { id, actionable: false },
      previous_attributes: { actionable: true },
    })
    await shop.control.trigger({ event: 'refund.fail', refund: refund.id })
    expect((await warningOf(id)).actionable).toBe(true)
  })

  it('asks for nothing any more when the charge is disputed', async () => {
    const charge = chargeOf(await shop.sell())
    const id = await warn(charge)
    await shop.control.trigger({ event: 'charge.dispute.created', charge: charge.id })
    expect((await warningOf(id)).actionable).toBe(false)
    const disputed = chargeOf(await shop.sell('4000000000000259'))
    await shop.control.advance('1s')
    expect((await warningOf(await warn(disputed))).actionable).toBe(false)
  })

  it('never comes for a bank debit or for what was not paid', async () => {
    const session = await shop.checkout()
    const begun = await shop.control.pay({ session: session.id, method: 'bank_debit' })
    await shop.control.settleAsync({ session: session.id, outcome: 'succeeded' })
    const intent = await shop.stripe.paymentIntents.retrieve(begun.payment_intent ?? '', {
      expand: ['latest_charge'],
    })
    await expect(warn(chargeOf(intent))).rejects.toThrow('Only payments by card')
    await expect(warn(chargeOf(intent), { fraud_type: 'mood' })).rejects.toThrow('fraud_type')
  })
})
