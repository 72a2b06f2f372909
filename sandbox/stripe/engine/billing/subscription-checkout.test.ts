import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { visit } from '../../testing/browse.ts'
import { idOf, openShop, refusal, type Shop } from '../../testing/shop.ts'
import { aPayer, aPlan, at, invoicesOf, itemOf, payBy } from '../../testing/subscribing.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const CARD = {
  'card-number': '4242 4242 4242 4242',
  'card-expiry': '12 / 40',
  'card-cvc': '123',
  'card-name': 'A Reader',
}

async function open(
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
  price?: string,
): Promise<Stripe.Checkout.Session> {
  return shop.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price ?? (await aPlan(shop)).id, quantity: 1 }],
    success_url: 'https://shop.test/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.test/plans',
    ...more,
  })
}

async function subscriptionOf(session: string): Promise<Stripe.Subscription> {
  const found = await shop.stripe.checkout.sessions.retrieve(session)
  return shop.stripe.subscriptions.retrieve(idOf(found.subscription))
}

describe('a checkout of a subscription', () => {
  it('tells of itself in thirteen events of one second', async () => {
    const customer = await shop.stripe.customers.create({ email: 'known@example.com' })
    const session = await open({
      customer: customer.id,
      client_reference_id: 'member-7',
      subscription_data: { metadata: { user_id: '7' } },
    })
    const before = (await shop.eventTypes()).length
    expect(await shop.control.pay({ session: session.id })).toMatchObject({
      outcome: 'complete',
      payment_status: 'paid',
    })
    expect((await shop.eventTypes()).slice(before)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_method.attached',
      'payment_intent.succeeded',
      'customer.updated',
      'invoice.created',
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'customer.subscription.created',
      'checkout.session.completed',
    ])
    const done = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription', 'invoice.payments', 'customer'],
    })
    expect(done).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      payment_intent: null,
      amount_total: 2400,
      client_reference_id: 'member-7',
      subscription: {
        status: 'active',
        metadata: { user_id: '7' },
        billing_mode: { type: 'flexible' },
        default_payment_method: expect.stringMatching(/^pm_/),
      },
      invoice: { status: 'paid', amount_paid: 2400, billing_reason: 'subscription_create' },
      customer: { currency: 'eur' },
    })
  })

  it('makes a customer of a buyer who came without', async () => {
    const session = await open({ customer_email: 'new@example.com' })
    expect(session).toMatchObject({ customer_creation: 'always', customer: null })
    await shop.control.pay({ session: session.id })
    const made = await subscriptionOf(session.id)
    const customer = await shop.stripe.customers.retrieve(idOf(made.customer))
    expect(customer).toMatchObject({ email: 'new@example.com' })
    const cards = await shop.stripe.customers.listPaymentMethods(idOf(made.customer))
    expect(cards.data.map((card) => card.id)).toEqual([made.default_payment_method])
  })

  it('[payments 36] with a trial saves the card and takes nothing yet', async () => {
    const session = await open({
      subscription_data: {
        trial_period_days: 7,
        trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
      },
    })
    expect(session).toMatchObject({ amount_total: 0, payment_status: 'no_payment_required' })
    const page = await visit(session.url ?? '')
    expect(page.textOf('heading')).toBe('7 days free')
    expect(page.textOf('renewal')).toMatch(/^Then €24\.00 \/ month, starting \d+ \w+ \d{4}/)
    expect(page.textOf('pay')).toBe('Start trial')
    expect(page.textOf('terms')).toMatch(/cancel at any\s+time/)
    const sent = await page.submit({ ...CARD, email: 'trial@example.com' })
    expect(sent.location).toBe(`https://shop.test/done?session=${session.id}`)
    const made = await subscriptionOf(session.id)
    expect(made).toMatchObject({ status: 'trialing', default_payment_method: expect.any(String) })
    expect((made.trial_end ?? 0) - (made.trial_start ?? 0)).toBe(7 * 86_400)
    expect(await invoicesOf(shop, made.id)).toMatchObject([{ status: 'paid', total: 0 }])
    await shop.control.advance('8d')
    expect(await invoicesOf(shop, made.id)).toMatchObject([
      { total: 0 },
      { status: 'paid', amount_paid: 2400 },
    ])
    expect((await visit(session.url ?? '')).html).toContain('You are subscribed')
  })

  it('[payments 38] with a trial may ask for no card, and then ends with it', async () => {
    const session = await open({
      payment_method_collection: 'if_required',
      subscription_data: {
        trial_period_days: 3,
        trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
      },
    })
    const page = await visit(session.url ?? '')
    expect(page.html).not.toContain('card-number')
    await page.submit({ email: 'nocard@example.com' })
    const made = await subscriptionOf(session.id)
    expect(made).toMatchObject({ status: 'trialing', default_payment_method: null })
    await shop.control.advance('4d')
    expect((await shop.stripe.subscriptions.retrieve(made.id)).status).toBe('canceled')
  })

  it('shows what is paid, how often, and takes it on Subscribe', async () => {
    const yearly = await aPlan(shop, 9900, { interval: 'year' }, 'Patron')
    const session = await open({}, yearly.id)
    const page = await visit(session.url ?? '')
    expect(page.textOf('pay')).toBe('Subscribe')
    expect(page.textOf('renewal')).toBe('Renews at €99.00 / year until canceled')
    expect(page.html).toContain('Patron')
    const declined = await page.submit({
      ...CARD,
      email: 'patron@example.com',
      'card-number': '4000000000009995',
    })
    expect(declined.textOf('error')).toContain('insufficient funds')
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).subscription).toBeNull()
    const sent = await declined.submit({ ...CARD, email: 'patron@example.com' })
    expect(sent.location).toContain('/done?session=')
    expect((await subscriptionOf(session.id)).status).toBe('active')
  })

  it.each([
    ['at once', {}],
    ['before a trial', { subscription_data: { trial_period_days: 7 } }],
  ])('[payments 55] asks the bank where the card wants it: %s', async (_when, more) => {
    const session = await open(more)
    const page = await visit(session.url ?? '')
    const card = { ...CARD, email: 'secure@example.com', 'card-number': '4000002500003155' }
    const refused = await visit(
      new URL((await page.submit(card)).location ?? '', shop.url).href,
    ).then((question) => question.submit({}, '3ds-fail'))
    const back = await visit(new URL(refused.location ?? '', shop.url).href)
    expect(back.textOf('error')).toContain('unable to authenticate')
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
    const question = await visit(new URL((await back.submit(card)).location ?? '', shop.url).href)
    const done = await question.submit({}, '3ds-complete')
    expect(done.location).toBe(`https://shop.test/done?session=${session.id}`)
    const made = await subscriptionOf(session.id)
    await shop.control.advance('40d')
    const invoices = await invoicesOf(shop, made.id)
    // Authenticated once, the card is charged without its buyer from then on.
    expect(invoices.at(-1)).toMatchObject({ status: 'paid', amount_paid: 2400 })
  })

  it('[payments 58] takes a promotion code on its page, and tells what is wrong with another', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 50, name: 'Half' })
    await shop.stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'HALF',
      restrictions: { first_time_transaction: true },
    })
    const dear = await shop.stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'DEAR',
      restrictions: { minimum_amount: 10_000, minimum_amount_currency: 'eur' },
    })
    const session = await open({ allow_promotion_codes: true })
    const page = await visit(session.url ?? '')
    const tryCode = async (code: string) => page.submit({ 'promotion-code': code }, 'apply-code')
    expect((await tryCode('NOPE')).textOf('code-error')).toBe('This code is invalid.')
    expect((await tryCode('dear')).textOf('code-error')).toContain('€100.00 or more')
    expect((await tryCode('half')).status).toBe(303)
    const cheaper = await visit(session.url ?? '')
    expect(cheaper.html).toContain('€12.00')
    expect(cheaper.textOf('drop-code')).toBe('Remove the code')
    await shop.control.pay({ session: session.id, email: 'half@example.com' })
    const made = await subscriptionOf(session.id)
    expect(await invoicesOf(shop, made.id)).toMatchObject([{ subtotal: 2400, total: 1200 }])
    const told = (await shop.eventTypes(made.id)).filter((type) => type.includes('subscription.'))
    // Used up by the first invoice, the discount leaves the subscription after it was told of.
    expect(told).toEqual(['customer.subscription.created', 'customer.subscription.updated'])
    const known = await open({ customer: idOf(made.customer), allow_promotion_codes: true })
    const again = await visit(known.url ?? '').then((tab) =>
      tab.submit({ 'promotion-code': 'HALF' }, 'apply-code'),
    )
    expect(again.textOf('code-error')).toContain('prior transactions')
    await shop.stripe.promotionCodes.update(dear.id, { active: false })
    const gone = await refusal(open({ discounts: [{ promotion_code: dear.id }] }))
    expect(gone.message).toContain('no longer active')
    await shop.control.advance('32d')
    expect((await invoicesOf(shop, made.id)).at(-1)?.total).toBe(2400)
  })

  it('that is all taken off by a coupon needs no payment and still subscribes', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 100, duration: 'forever' })
    const session = await open({
      discounts: [{ coupon: coupon.id }],
      payment_method_collection: 'if_required',
    })
    expect(session.payment_status).toBe('no_payment_required')
    await shop.control.pay({ session: session.id })
    expect((await subscriptionOf(session.id)).status).toBe('active')
    expect((await shop.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1)
  })

  it('[payments 57] by bank debit is subscribed while the money is on its way', async () => {
    const session = await open()
    await shop.control.pay({ session: session.id, method: 'bank_debit' })
    expect(await shop.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
    })
    const made = await subscriptionOf(session.id)
    expect(await invoicesOf(shop, made.id)).toMatchObject([{ status: 'open' }])
    await shop.control.settleAsync({
      payment_intent: idOf(
        (await shop.stripe.invoicePayments.list({ invoice: idOf(made.latest_invoice) })).data[0]
          ?.payment.payment_intent,
      ),
      outcome: 'succeeded',
    })
    expect(await invoicesOf(shop, made.id)).toMatchObject([{ status: 'paid', amount_paid: 2400 }])
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid')
  })

  it('adds what is paid once to the first invoice only', async () => {
    const plan = await aPlan(shop)
    const session = await open({
      line_items: [
        { price: plan.id, quantity: 1 },
        {
          price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Welcome box' } },
          quantity: 1,
        },
      ],
    })
    expect(session.amount_total).toBe(2900)
    await shop.control.pay({ session: session.id })
    const made = await subscriptionOf(session.id)
    await shop.control.advance('32d')
    expect((await invoicesOf(shop, made.id)).map((one) => one.total)).toEqual([2900, 2400])
  })

  it('of a test clock’s customer goes by that clock', async () => {
    const clock = await shop.stripe.testHelpers.testClocks.create({ frozen_time: at('2027-01-31') })
    const customer = await shop.stripe.customers.create({ test_clock: clock.id, email: 'c@d.at' })
    const session = await open({ customer: customer.id })
    await shop.control.pay({ session: session.id })
    const made = await subscriptionOf(session.id)
    expect(itemOf(made).current_period_end).toBe(at('2027-02-28'))
    expect(made.test_clock).toBe(clock.id)
  })

  it('is refused with nothing to renew, in a payment, or with too short a trial', async () => {
    const once = await shop.stripe.prices.create({
      currency: 'eur',
      unit_amount: 500,
      product_data: { name: 'Once' },
    })
    expect((await refusal(open({}, once.id))).message).toContain('recurring')
    const plan = await aPlan(shop)
    const payment = refusal(
      shop.checkout({ line_items: [{ price: plan.id, quantity: 1 }], mode: 'payment' }),
    )
    expect((await payment).message).toContain('`payment` mode')
    const now = (await shop.control.clock()).now
    const short = refusal(open({ subscription_data: { trial_end: now + 3_600 } }))
    expect((await short).message).toContain('2 days')
  })
})

describe('a checkout that saves a card', () => {
  it('takes no money, and the card can be charged later', async () => {
    const customer = await shop.stripe.customers.create({ email: 'saver@example.com' })
    const session = await shop.stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'eur',
      customer: customer.id,
      setup_intent_data: { metadata: { for: 'later' } },
      success_url: 'https://shop.test/saved',
    })
    expect(session).toMatchObject({ amount_total: null, setup_intent: expect.any(String) })
    const page = await visit(session.url ?? '')
    expect(page.textOf('pay')).toBe('Save card')
    const declined = await page.submit({ ...CARD, 'card-number': '4000000000000002' })
    expect(declined.textOf('error')).toBe('Your card was declined.')
    expect((await declined.submit(CARD)).location).toBe('https://shop.test/saved')
    const done = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['setup_intent.payment_method'],
    })
    expect(done).toMatchObject({
      status: 'complete',
      payment_status: 'no_payment_required',
      setup_intent: {
        status: 'succeeded',
        metadata: { for: 'later' },
        payment_method: { customer: customer.id, card: { last4: '4242' } },
      },
    })
  })
})

describe('a setup intent', () => {
  it('goes from method to method until one is saved', async () => {
    const customer = await shop.stripe.customers.create({})
    const setup = await shop.stripe.setupIntents.create({ customer: customer.id })
    expect(setup.status).toBe('requires_payment_method')
    const refused = await refusal(
      shop.stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_chargeDeclined' }),
    )
    expect(refused).toMatchObject({ statusCode: 402, code: 'card_declined' })
    const waiting = await shop.stripe.setupIntents.confirm(setup.id, {
      payment_method: 'pm_card_authenticationRequiredOnSetup',
      return_url: 'https://shop.test/back',
    })
    expect(waiting.status).toBe('requires_action')
    const question = await visit(waiting.next_action?.redirect_to_url?.url ?? '')
    const back = await question.submit({}, '3ds-complete')
    expect(back.location).toContain('redirect_status=succeeded')
    expect((await shop.stripe.setupIntents.retrieve(setup.id)).status).toBe('succeeded')
    expect((await shop.stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(1)
  })
})

it('a card that works again is used for the next renewal', async () => {
  const payer = await aPayer(shop, 'pm_card_visa')
  const plan = await aPlan(shop, 1500, { interval: 'week' })
  const { id } = await shop.stripe.subscriptions.create({
    customer: payer.id,
    items: [{ price: plan.id }],
  })
  await payBy(shop, payer.id, 'pm_card_mastercard')
  await shop.control.advance('8d')
  const last = (await invoicesOf(shop, id)).at(-1)
  const payment = await shop.stripe.invoicePayments.list({
    invoice: last?.id ?? '',
    expand: ['data.payment.payment_intent'],
  })
  const intent = payment.data[0]?.payment.payment_intent
  if (typeof intent !== 'object') throw new Error('The intent is not expanded')
  const charge = await shop.stripe.charges.retrieve(idOf(intent.latest_charge))
  expect(charge.payment_method_details?.card?.brand).toBe('mastercard')
})
