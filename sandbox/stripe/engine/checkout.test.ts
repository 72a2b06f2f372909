import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

describe('a checkout session', () => {
  it('[payments 1] paid with a card is complete and paid, and tells of it in one go', async () => {
    const customer = await shop.stripe.customers.create({ email: 'buyer@example.com' })
    const session = await shop.checkout({
      customer: customer.id,
      client_reference_id: 'order-1',
      metadata: { order: '1' },
      payment_intent_data: { description: 'Workbook', metadata: { order: '1' } },
    })
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 2400,
      payment_intent: null,
      url: `${shop.url}/c/pay/${session.id}`,
    })
    const report = await shop.control.pay({ session: session.id })
    expect(report).toMatchObject({
      outcome: 'complete',
      url: `https://shop.test/done?session=${session.id}`,
    })
    const paid = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent.latest_charge'],
    })
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      customer: customer.id,
      customer_details: { email: 'buyer@example.com' },
      payment_intent: {
        status: 'succeeded',
        amount_received: 2400,
        customer: customer.id,
        description: 'Workbook',
        metadata: { order: '1' },
        latest_charge: { paid: true, captured: true, outcome: { type: 'authorized' } },
      },
    })
    const types = await shop.eventTypes(session.id)
    expect(types).toEqual(['checkout.session.completed'])
    const events = await shop.stripe.events.list({ limit: 4 })
    expect(events.data.map((event) => event.type).reverse()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ])
    expect(new Set(events.data.map((event) => event.created)).size).toBe(1)
  })

  it('is paid once, however often and at once it is tried', async () => {
    const session = await shop.checkout()
    const reports = await Promise.all(
      Array.from({ length: 8 }, () => shop.control.pay({ session: session.id })),
    )
    expect(reports.filter((one) => one.outcome === 'complete')).toHaveLength(1)
    expect(reports.filter((one) => one.outcome === 'closed')).toHaveLength(7)
    const intent = reports[0]?.payment_intent ?? ''
    const charges = await shop.stripe.charges.list({ payment_intent: intent })
    expect(charges.data).toHaveLength(1)
  })

  it('stays open after a declined card, and the next card pays the same intent', async () => {
    const session = await shop.checkout()
    const declined = await shop.control.pay({ session: session.id, card: '4000000000009995' })
    expect(declined).toMatchObject({
      outcome: 'declined',
      code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
      status: 'open',
    })
    const paid = await shop.control.pay({ session: session.id })
    expect(paid.payment_intent).toBe(declined.payment_intent)
    const charges = await shop.stripe.charges.list({ payment_intent: paid.payment_intent ?? '' })
    expect(charges.data.map((one) => one.status)).toEqual(['succeeded', 'failed'])
  })

  it('makes a customer only when asked to', async () => {
    const without = await shop.checkout()
    await shop.control.pay({ session: without.id, email: 'guest@example.com' })
    expect(await shop.stripe.checkout.sessions.retrieve(without.id)).toMatchObject({
      customer: null,
      customer_details: { email: 'guest@example.com' },
    })
    const always = await shop.checkout({ customer_creation: 'always' })
    await shop.control.pay({ session: always.id, email: 'new@example.com', name: 'New' })
    const session = await shop.stripe.checkout.sessions.retrieve(always.id, {
      expand: ['customer'],
    })
    expect(session.customer).toMatchObject({ email: 'new@example.com', name: 'New' })
  })

  it('makes one customer however many attempts it takes, and it is who paid', async () => {
    const session = await shop.checkout({ customer_creation: 'always' })
    await shop.control.pay({
      session: session.id,
      card: '4000000000000002',
      email: 'first@example.com',
    })
    await shop.control.pay({ session: session.id, email: 'second@example.com', name: 'Second' })
    const paid = await shop.stripe.checkout.sessions.retrieve(session.id, { expand: ['customer'] })
    expect(paid).toMatchObject({
      customer: { email: 'second@example.com', name: 'Second' },
      customer_details: { email: 'second@example.com' },
    })
    const made = await shop.stripe.customers.list({ email: 'first@example.com' })
    expect(made.data).toEqual([])
  })

  it('brings the customer up to date when told to', async () => {
    const customer = await shop.stripe.customers.create({ name: 'Before' })
    const session = await shop.checkout({
      customer: customer.id,
      customer_update: { name: 'auto', address: 'auto' },
    })
    await shop.control.pay({ session: session.id, name: 'After', country: 'CH' })
    expect(await shop.stripe.customers.retrieve(customer.id)).toMatchObject({
      name: 'After',
      email: 'buyer@example.com',
      address: { country: 'CH' },
    })
  })

  it('that costs nothing needs no payment and still completes', async () => {
    const session = await shop.checkout({}, 0)
    expect(session.payment_status).toBe('no_payment_required')
    expect(await shop.control.pay({ session: session.id })).toMatchObject({
      outcome: 'complete',
      payment_status: 'no_payment_required',
      payment_intent: null,
    })
  })

  it('with a saved card keeps it for its customer', async () => {
    const customer = await shop.stripe.customers.create({})
    const session = await shop.checkout({
      customer: customer.id,
      payment_intent_data: { setup_future_usage: 'off_session' },
    })
    await shop.control.pay({ session: session.id })
    expect((await shop.stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(1)
  })

  it('lists its lines in order and in pages', async () => {
    const session = await shop.checkout({
      line_items: Array.from({ length: 15 }, (_, n) => ({
        price_data: { currency: 'eur', unit_amount: 100, product_data: { name: `Line ${n}` } },
        quantity: n + 1,
      })),
    })
    expect(session.amount_total).toBe(12_000)
    const names: (string | null)[] = []
    for await (const line of shop.stripe.checkout.sessions.listLineItems(session.id, { limit: 4 }))
      names.push(line.description)
    expect(names).toEqual(Array.from({ length: 15 }, (_, n) => `Line ${n}`))
    const full = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['line_items'],
    })
    expect(full.line_items).toMatchObject({ has_more: true })
    expect(full.line_items?.data).toHaveLength(10)
  })

  it('of fractions of a cent rounds once for each line', async () => {
    const session = await shop.checkout({
      line_items: [
        {
          price_data: {
            currency: 'eur',
            // 0.335 cent
            unit_amount_decimal: '0.335' as never,
            product_data: { name: 'Grain' },
          },
          quantity: 1000,
        },
      ],
    })
    expect(session.amount_total).toBe(335)
  })

  it('changes its metadata and nothing else', async () => {
    const session = await shop.checkout({ metadata: { a: '1' } })
    const changed = await shop.stripe.checkout.sessions.update(session.id, {
      metadata: { b: '2' },
    })
    expect(changed.metadata).toEqual({ a: '1', b: '2' })
  })

  it('is listed by customer, payment and state', async () => {
    const stripe = shop.client('sk_test_sessions')
    const customer = await stripe.customers.create({})
    const make = (): Promise<{ id: string }> =>
      stripe.checkout.sessions.create({
        mode: 'payment',
        customer: customer.id,
        line_items: [
          {
            price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'x' } },
            quantity: 1,
          },
        ],
        success_url: 'https://shop.test/',
      })
    const open = await make()
    const paid = await make()
    const report = await shop.control.as('sk_test_sessions').pay({ session: paid.id })
    const list = async (params: object): Promise<string[]> =>
      (await stripe.checkout.sessions.list(params)).data.map((one) => one.id)
    expect(await list({ customer: customer.id })).toEqual([paid.id, open.id])
    expect(await list({ status: 'open' })).toEqual([open.id])
    expect(await list({ payment_intent: report.payment_intent })).toEqual([paid.id])
  })
})

describe('the end of a checkout session', () => {
  it('comes when it is expired by its seller', async () => {
    const session = await shop.checkout()
    const expired = await shop.stripe.checkout.sessions.expire(session.id)
    expect(expired).toMatchObject({ status: 'expired', url: null })
    expect(await shop.control.pay({ session: session.id })).toMatchObject({ outcome: 'closed' })
    expect(await refusal(shop.stripe.checkout.sessions.expire(session.id))).toMatchObject({
      statusCode: 400,
    })
    expect(await shop.eventTypes(session.id)).toEqual(['checkout.session.expired'])
  })

  it('comes by itself after a day, or at the time that was set', async () => {
    const soon = await shop.checkout({
      expires_at: Math.floor((await shop.control.clock()).now) + 1_860,
    })
    const later = await shop.checkout()
    await shop.control.advance('40m')
    const state = async (id: string): Promise<string | null> =>
      (await shop.stripe.checkout.sessions.retrieve(id)).status
    expect([await state(soon.id), await state(later.id)]).toEqual(['expired', 'open'])
    await shop.control.advance('24h')
    expect(await state(later.id)).toBe('expired')
    const event = (await shop.stripe.events.list({ limit: 1 })).data[0]
    expect(event).toMatchObject({ type: 'checkout.session.expired', created: later.expires_at })
  })

  it('cancels the intent of a card that was declined', async () => {
    const session = await shop.checkout()
    const report = await shop.control.pay({ session: session.id, card: '4000000000000002' })
    await shop.stripe.checkout.sessions.expire(session.id)
    expect(await shop.stripe.paymentIntents.retrieve(report.payment_intent ?? '')).toMatchObject({
      status: 'canceled',
    })
  })

  it('leaves a way back when it was asked for, to one new session', async () => {
    const session = await shop.checkout({ after_expiration: { recovery: { enabled: true } } })
    const expired = await shop.stripe.checkout.sessions.expire(session.id)
    const url = expired.after_expiration?.recovery?.url ?? ''
    expect(url).toContain(`${shop.url}/r/`)
    const visit = async (): Promise<string | null> =>
      (await fetch(url, { redirect: 'manual' })).headers.get('location')
    const first = await visit()
    expect(await visit()).toBe(first)
    const recovered = first?.split('/').at(-1) ?? ''
    expect(await shop.stripe.checkout.sessions.retrieve(recovered)).toMatchObject({
      status: 'open',
      recovered_from: session.id,
      amount_total: 2400,
    })
    expect(await shop.control.pay({ session: recovered })).toMatchObject({ outcome: 'complete' })
    await shop.control.advance('31d')
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(410)
  })
})

describe('a checkout session is refused', () => {
  const line = (more: object): object => ({ line_items: [{ quantity: 1, ...more }] })
  const priced = { price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'x' } } }

  it.each([
    ['without lines', { line_items: [] }, 'line_items'],
    ['without an address to return to', { success_url: '' }, 'success_url'],
    ['with an address that is none', { success_url: 'shop.test/done' }, 'success_url'],
    ['with an address that is a script', { cancel_url: 'javascript:alert(1)' }, 'cancel_url'],
    ['with a line without price', line({}), 'line_items[0][price]'],
    ['with a price that is not there', line({ price: 'price_none' }), 'line_items[0][price]'],
    ['with a line without quantity', { line_items: [priced] }, 'line_items[0][quantity]'],
    ['with no quantity at all', line({ ...priced, quantity: 0 }), 'line_items[0][quantity]'],
    [
      'with a customer and an email',
      { customer_email: 'a@example.com', customer: 'cus_x' },
      'customer_email',
    ],
    ['ending too soon', { expires_at: 1_000 }, 'expires_at'],
    ['ending too late', { expires_at: 99_999_999_999 }, 'expires_at'],
    ['with automatic tax', { automatic_tax: { enabled: true } }, 'automatic_tax[enabled]'],
    ['with an invoice', { invoice_creation: { enabled: true } }, 'invoice_creation[enabled]'],
    ['embedded', { ui_mode: 'embedded_page' }, 'ui_mode'],
    ['with a trial', { subscription_data: { trial_period_days: 3 } }, 'subscription_data'],
  ])('%s', async (_name, params, param) => {
    const error = await refusal(shop.checkout(params))
    expect(error).toMatchObject({ statusCode: 400, param })
  })

  it('when it is less than can be charged', async () => {
    const error = await refusal(shop.checkout({}, 20))
    expect(error).toMatchObject({ statusCode: 400, code: 'amount_too_small' })
  })

  it('with an archived price, a price of an archived product, a recurring price, two currencies', async () => {
    const product = await shop.stripe.products.create({ name: 'Old' })
    const price = await shop.stripe.prices.create({
      product: product.id,
      currency: 'eur',
      unit_amount: 500,
    })
    const buy = (...prices: string[]): Promise<unknown> =>
      shop.checkout({ line_items: prices.map((id) => ({ price: id, quantity: 1 })) })
    const monthly = await shop.stripe.prices.create({
      product: product.id,
      currency: 'eur',
      unit_amount: 500,
      recurring: { interval: 'month' },
    })
    expect((await refusal(buy(monthly.id))).message).toContain('recurring price')
    const dollars = await shop.stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 500,
    })
    expect((await refusal(buy(price.id, dollars.id))).message).toContain('only supports `usd`')
    await shop.stripe.products.update(product.id, { active: false })
    expect((await refusal(buy(price.id))).message).toContain('inactive product')
    await shop.stripe.prices.update(price.id, { active: false })
    expect((await refusal(buy(price.id))).message).toContain('inactive')
  })
})

describe('a bank debit', () => {
  it.each([
    ['succeeded', 'paid', 'checkout.session.async_payment_succeeded', 'succeeded'],
    ['failed', 'unpaid', 'checkout.session.async_payment_failed', 'requires_payment_method'],
  ] as const)('[payments 57] that has %s', async (outcome, status, event, intentStatus) => {
    const session = await shop.checkout()
    const begun = await shop.control.pay({ session: session.id, method: 'bank_debit' })
    expect(begun).toMatchObject({ outcome: 'complete', payment_status: 'unpaid' })
    const intent = begun.payment_intent ?? ''
    expect((await shop.stripe.paymentIntents.retrieve(intent)).status).toBe('processing')
    await shop.control.settleAsync({ session: session.id, outcome })
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe(status)
    expect((await shop.stripe.paymentIntents.retrieve(intent)).status).toBe(intentStatus)
    expect(await shop.eventTypes(session.id)).toEqual(['checkout.session.completed', event])
  })

  it('settles by itself after some days', async () => {
    const session = await shop.checkout()
    await shop.control.pay({ session: session.id, method: 'bank_debit' })
    await shop.control.advance('2d')
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('unpaid')
    await shop.control.advance('2d')
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid')
  })
})
