import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chargeOf, openShop, refusal, type Shop } from '../testing/shop.ts'
import { hasRightCheckDigit } from './test-cards.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** Makes the payment method of a card number, or takes a ready-made one. */
async function methodOf(card: string): Promise<string> {
  if (card.startsWith('pm_')) return card
  const method = await shop.stripe.paymentMethods.create({
    type: 'card',
    card: { number: card, exp_month: 12, exp_year: 2040, cvc: '123' },
  })
  return method.id
}

const buy = async (
  card: string,
  more: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.PaymentIntent> =>
  shop.stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    confirm: true,
    return_url: 'https://shop.test/',
    expand: ['latest_charge'],
    payment_method: await methodOf(card),
    ...more,
  })

describe('cards that pay', () => {
  it.each([
    ['4242424242424242', 'visa', 'credit'],
    ['4000056655665556', 'visa', 'debit'],
    ['5555555555554444', 'mastercard', 'credit'],
    ['378282246310005', 'amex', 'credit'],
    ['6011111111111117', 'discover', 'credit'],
    ['3056930009020004', 'diners', 'credit'],
    ['3566002020360505', 'jcb', 'credit'],
    ['6200000000000005', 'unionpay', 'credit'],
    ['pm_card_visa', 'visa', 'credit'],
    ['pm_card_mastercard', 'mastercard', 'credit'],
  ])('%s is a %s %s card', async (card, brand, funding) => {
    const intent = await buy(card)
    expect(intent.status).toBe('succeeded')
    expect(chargeOf(intent).payment_method_details?.card).toMatchObject({ brand, funding })
  })
})

describe('cards that are declined', () => {
  it.each([
    ['4000000000000002', 'card_declined', 'generic_decline', 'Your card was declined.'],
    [
      '4000000000009995',
      'card_declined',
      'insufficient_funds',
      'Your card has insufficient funds.',
    ],
    ['4000000000009987', 'card_declined', 'lost_card', 'Your card was declined.'],
    ['4000000000009979', 'card_declined', 'stolen_card', 'Your card was declined.'],
    ['4000000000000069', 'expired_card', 'expired_card', 'Your card has expired.'],
    [
      '4000000000000127',
      'incorrect_cvc',
      'incorrect_cvc',
      "Your card's security code is incorrect.",
    ],
    [
      '4000000000000119',
      'processing_error',
      'processing_error',
      'An error occurred while processing your card. Try again in a little bit.',
    ],
    ['4000000000000341', 'card_declined', 'generic_decline', 'Your card was declined.'],
    ['4100000000000019', 'card_declined', 'fraudulent', 'Your card was declined.'],
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline', 'Your card was declined.'],
    [
      'pm_card_chargeDeclinedInsufficientFunds',
      'card_declined',
      'insufficient_funds',
      'Your card has insufficient funds.',
    ],
    // A right check digit, but nobody's test card: declined as live cards are in test mode.
    ['4532015112830366', 'card_declined', 'generic_decline', 'Your card was declined.'],
  ])('%s with %s, %s', async (card, code, decline_code, message) => {
    const error = await refusal(buy(card))
    expect(error).toMatchObject({
      statusCode: 402,
      type: 'StripeCardError',
      code,
      decline_code,
      message,
    })
    const intent = error.payment_intent
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      last_payment_error: { code, message },
    })
    const charges = await shop.stripe.charges.list({ payment_intent: intent?.id })
    expect(charges.data).toMatchObject([
      { id: error.charge, status: 'failed', paid: false, failure_code: code },
    ])
    expect(await shop.eventTypes(intent?.id)).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ])
  })

  it('a blocked one never reached the network', async () => {
    const error = await refusal(buy('4100000000000019'))
    const charge = await shop.stripe.charges.retrieve(error.charge ?? '')
    expect(charge.outcome).toMatchObject({
      type: 'blocked',
      network_status: 'not_sent_to_network',
      risk_level: 'highest',
    })
  })

  it('the one that is attached well and fails afterwards', async () => {
    const customer = await shop.stripe.customers.create({})
    const method = await shop.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
      customer: customer.id,
    })
    expect(await refusal(buy(method.id, { customer: customer.id }))).toMatchObject({
      code: 'card_declined',
    })
  })

  it.each([
    ['4000000000000002'],
    ['4000000000009995'],
    ['4000000000009987'],
    ['4000000000009979'],
    ['4000000000000069'],
    ['4000000000000127'],
    ['4000000000000119'],
  ])('%s cannot be attached either', async (number) => {
    const customer = await shop.stripe.customers.create({})
    const method = await methodOf(number)
    expect(
      await refusal(shop.stripe.paymentMethods.attach(method, { customer: customer.id })),
    ).toMatchObject({ statusCode: 402 })
  })
})

describe('cards typed in wrongly', () => {
  const make = (card: object): Promise<unknown> =>
    shop.stripe.paymentMethods.create({
      type: 'card',
      card: { number: '4242424242424242', exp_month: 12, exp_year: 2040, cvc: '123', ...card },
    })

  it.each([
    [{ number: '4242424242424241' }, 'incorrect_number'],
    [{ number: '42' }, 'incorrect_number'],
    [{ exp_month: 13 }, 'invalid_expiry_month'],
    [{ exp_year: 2020 }, 'invalid_expiry_year'],
    [{ exp_year: 2199 }, 'invalid_expiry_year'],
    [{ cvc: '12' }, 'invalid_cvc'],
  ])('%j is refused as %s', async (card, code) => {
    expect(await refusal(make(card))).toMatchObject({ statusCode: 402, code })
  })
})

describe('cards that ask for 3D Secure', () => {
  it.each([
    ['4000002500003155', 'succeeded'],
    ['4000002760003184', 'succeeded'],
    ['4000000000003220', 'succeeded'],
    ['4000000000003063', 'succeeded'],
  ])('[payments 55] %s passed: %s', async (card, status) => {
    const session = await shop.checkout()
    const asked = await shop.control.pay({ session: session.id, card })
    expect(asked).toMatchObject({ outcome: 'authenticate', status: 'open' })
    const intent = await shop.stripe.paymentIntents.retrieve(asked.payment_intent ?? '')
    expect(intent).toMatchObject({ status: 'requires_action' })
    const passed = await shop.checkout()
    expect(
      await shop.control.pay({ session: passed.id, card, authenticate: 'complete' }),
    ).toMatchObject({ outcome: 'complete', payment_status: 'paid' })
    const failed = await shop.checkout()
    expect(
      await shop.control.pay({ session: failed.id, card, authenticate: 'fail' }),
    ).toMatchObject({
      outcome: 'declined',
      code: 'payment_intent_authentication_failure',
      status: 'open',
    })
    expect(status).toBe('succeeded')
  })

  it.each([
    ['4000008260003178', 'insufficient_funds'],
    ['4000008400001629', 'generic_decline'],
  ])('%s passed and then declined: %s', async (card, code) => {
    const session = await shop.checkout()
    expect(
      await shop.control.pay({ session: session.id, card, authenticate: 'complete' }),
    ).toMatchObject({ outcome: 'declined', code })
  })

  it('the one that asks until it is set up asks no more after it was saved', async () => {
    const customer = await shop.stripe.customers.create({})
    const session = await shop.checkout({
      customer: customer.id,
      payment_intent_data: { setup_future_usage: 'off_session' },
    })
    await shop.control.pay({
      session: session.id,
      card: '4000002500003155',
      authenticate: 'complete',
    })
    const [saved] = (await shop.stripe.customers.listPaymentMethods(customer.id)).data
    const later = await buy(saved?.id ?? '', { customer: customer.id, off_session: true })
    expect(later.status).toBe('succeeded')
  })

  it('is declined without the buyer, and when the seller cannot ask', async () => {
    for (const more of [{ off_session: true }, { error_on_requires_action: true }])
      expect(await refusal(buy('pm_card_authenticationRequired', more))).toMatchObject({
        statusCode: 402,
        code: 'authentication_required',
      })
  })

  it('can be asked for with any card', async () => {
    const intent = await buy('pm_card_visa', {
      payment_method_options: { card: { request_three_d_secure: 'any' } },
    })
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url' },
    })
  })
})

it('an early fraud warning follows the charge', async () => {
  const intent = await buy('4000000000005423')
  await shop.control.advance('1s')
  const warnings = await shop.stripe.radar.earlyFraudWarnings.list({ payment_intent: intent.id })
  expect(warnings.data).toMatchObject([{ charge: chargeOf(intent).id, actionable: true }])
})

it.each([
  ['4242424242424242', true],
  ['378282246310005', true],
  ['4242424242424243', false],
  ['', false],
  ['0000000000000000', true],
  ['4242 4242 4242 4242', false],
])('the check digit of %j is right: %s', (number, isRight) => {
  expect(hasRightCheckDigit(number)).toBe(isRight)
})
