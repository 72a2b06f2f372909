import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf, openShop, refusal, type Shop } from '../../testing/shop.ts'
import {
  aPayer,
  aPlan,
  advance,
  at,
  invoicesOf,
  itemOf,
  latestInvoice,
  payBy,
  subscribe,
} from '../../testing/subscribing.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** A customer of a test clock that stands at a moment, with a card. */
async function clocked(
  moment: string,
  card = 'pm_card_visa',
): Promise<{ clock: string; customer: string }> {
  const clock = await shop.stripe.testHelpers.testClocks.create({ frozen_time: at(moment) })
  const customer = await aPayer(shop, card, { test_clock: clock.id })
  return { clock: clock.id, customer: customer.id }
}

const day = (seconds: number | null): string | null =>
  seconds === null ? null : new Date(seconds * 1000).toISOString().slice(0, 10)

describe('a subscription', () => {
  it('is incomplete until its first invoice is paid, which the events tell in this order', async () => {
    const payer = await aPayer(shop)
    const plan = await aPlan(shop)
    const before = (await shop.eventTypes()).length
    const subscription = await subscribe(shop, payer.id, plan.id, { metadata: { member: '7' } })
    expect(subscription).toMatchObject({
      status: 'active',
      billing_mode: { type: 'flexible' },
      metadata: { member: '7' },
    })
    expect((await shop.eventTypes()).slice(before)).toEqual([
      'customer.updated',
      'invoice.created',
      'customer.subscription.created',
      'invoice.finalized',
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'customer.subscription.updated',
    ])
    const events = await shop.stripe.events.list({ types: ['customer.subscription.updated'] })
    expect(events.data[0]?.data).toMatchObject({
      object: { id: subscription.id, status: 'active' },
      previous_attributes: { status: 'incomplete' },
    })
  })

  it('leads to its invoice, its payment and back', async () => {
    const payer = await aPayer(shop)
    const plan = await aPlan(shop)
    const { id } = await subscribe(shop, payer.id, plan.id)
    const found = await shop.stripe.subscriptions.retrieve(id, {
      expand: ['latest_invoice.payments', 'customer'],
    })
    expect(found.latest_invoice).toMatchObject({
      status: 'paid',
      amount_paid: 2400,
      number: expect.stringMatching(/^\w+-0001$/),
      parent: { type: 'subscription_details', subscription_details: { subscription: id } },
      lines: {
        data: [
          {
            amount: 2400,
            description: '1 × Supporter (at €24.00 / month)',
            parent: { subscription_item_details: { subscription_item: itemOf(found).id } },
            period: {
              start: itemOf(found).current_period_start,
              end: itemOf(found).current_period_end,
            },
          },
        ],
      },
      payments: {
        data: [{ status: 'paid', amount_paid: 2400, payment: { type: 'payment_intent' } }],
      },
    })
    const [invoice] = await invoicesOf(shop, id)
    const payments = await shop.stripe.invoicePayments.list({ invoice: invoice?.id ?? '' })
    const intent = payments.data[0]?.payment.payment_intent
    const back = await shop.stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: idOf(intent) },
    })
    expect(back.data.map((one) => one.invoice)).toEqual([invoice?.id])
  })

  it('is listed by customer, price and status, and found by search', async () => {
    const payer = await aPayer(shop)
    const plan = await aPlan(shop)
    const kept = await subscribe(shop, payer.id, plan.id, { metadata: { code: 'kept' } })
    const gone = await subscribe(shop, payer.id, plan.id)
    await shop.stripe.subscriptions.cancel(gone.id)
    const ids = async (params: object): Promise<string[]> =>
      (await shop.stripe.subscriptions.list(params)).data.map((one) => one.id)
    expect(await ids({ customer: payer.id })).toEqual([kept.id])
    expect(await ids({ price: plan.id, status: 'all' })).toEqual([gone.id, kept.id])
    expect(await ids({ customer: payer.id, status: 'ended' })).toEqual([gone.id])
    const found = await shop.stripe.subscriptions.search({ query: "metadata['code']:'kept'" })
    expect(found.data.map((one) => one.id)).toEqual([kept.id])
  })

  it('whose card is declined at first stays incomplete, and expires after 23 hours', async () => {
    const { clock, customer } = await clocked('2026-05-01', 'pm_card_chargeCustomerFail')
    const plan = await aPlan(shop)
    const { id, status } = await subscribe(shop, customer, plan.id)
    expect(status).toBe('incomplete')
    await advance(shop, clock, at('2026-05-01T22:59:00'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('incomplete')
    await advance(shop, clock, at('2026-05-01T23:00:01'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('incomplete_expired')
    expect((await latestInvoice(shop, id)).status).toBe('void')
  })

  it('is refused when it must be paid at once and is not', async () => {
    const payer = await aPayer(shop, 'pm_card_chargeCustomerFail')
    const plan = await aPlan(shop)
    const error = await refusal(
      subscribe(shop, payer.id, plan.id, { payment_behavior: 'error_if_incomplete' }),
    )
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect((await shop.stripe.subscriptions.list({ customer: payer.id })).data).toEqual([])
  })

  it('waits for its buyer under default_incomplete', async () => {
    const payer = await aPayer(shop)
    const plan = await aPlan(shop)
    const made = await subscribe(shop, payer.id, plan.id, {
      payment_behavior: 'default_incomplete',
      expand: ['latest_invoice.confirmation_secret'],
    })
    expect(made.status).toBe('incomplete')
    const invoice = made.latest_invoice
    const secret =
      typeof invoice === 'object' ? (invoice?.confirmation_secret?.client_secret ?? '') : ''
    const intent = secret.split('_secret_')[0] ?? ''
    await shop.stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa' })
    expect((await shop.stripe.subscriptions.retrieve(made.id)).status).toBe('active')
  })

  it('of two prices is billed for both, and adds what is paid once', async () => {
    const payer = await aPayer(shop)
    const [one, other] = [await aPlan(shop, 1000), await aPlan(shop, 500, { interval: 'month' })]
    const once = await shop.stripe.prices.create({
      currency: 'eur',
      unit_amount: 300,
      product_data: { name: 'Setup' },
    })
    const made = await shop.stripe.subscriptions.create({
      customer: payer.id,
      items: [{ price: one.id, quantity: 2 }, { price: other.id }],
      add_invoice_items: [{ price: once.id }],
    })
    const invoice = await latestInvoice(shop, made.id)
    expect(invoice.total).toBe(2800)
    expect(invoice.lines.data.map((line) => line.amount)).toEqual([300, 2000, 500])
  })

  it('in another currency than its customer pays in is refused', async () => {
    const payer = await aPayer(shop)
    await subscribe(shop, payer.id, (await aPlan(shop)).id)
    const dollars = await shop.stripe.prices.create({
      currency: 'usd',
      unit_amount: 100,
      recurring: { interval: 'month' },
      product_data: { name: 'Other' },
    })
    expect((await refusal(subscribe(shop, payer.id, dollars.id))).message).toContain('currencies')
  })
})

describe('periods', () => {
  it('[payments 51] from 31 January end on 28 February and 31 March', async () => {
    const { clock, customer } = await clocked('2026-01-31')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    const ends: (string | null)[] = []
    for (const to of ['2026-01-31T01:00:00', '2026-02-28T02:00:00', '2026-03-31T02:00:00']) {
      await advance(shop, clock, at(to))
      ends.push(day(itemOf(await shop.stripe.subscriptions.retrieve(id)).current_period_end))
    }
    expect(ends).toEqual(['2026-02-28', '2026-03-31', '2026-04-30'])
    const invoices = await invoicesOf(shop, id)
    expect(invoices.map((one) => [one.status, day(one.created)])).toEqual([
      ['paid', '2026-01-31'],
      ['paid', '2026-02-28'],
      ['paid', '2026-03-31'],
    ])
  })

  it('move on before they are paid: the invoice is a draft for an hour', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await advance(shop, clock, at('2026-04-01T00:30:00'))
    expect(await latestInvoice(shop, id)).toMatchObject({
      status: 'draft',
      billing_reason: 'subscription_cycle',
      automatically_finalizes_at: at('2026-04-01T01:00:00'),
      number: null,
      period_start: at('2026-03-01'),
      period_end: at('2026-04-01'),
    })
    const found = await shop.stripe.subscriptions.retrieve(id)
    expect(day(itemOf(found).current_period_start)).toBe('2026-04-01')
    await advance(shop, clock, at('2026-04-01T01:00:00'))
    expect((await latestInvoice(shop, id)).status).toBe('paid')
  })

  it('[payments 66] are announced seven days before, by an invoice nobody can fetch', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await advance(shop, clock, at('2026-03-25T00:00:01'))
    const events = await shop.stripe.events.list({ type: 'invoice.upcoming', limit: 10 })
    const [event] = events.data.filter((one) => JSON.stringify(one).includes(id))
    const announced = event?.data.object as { id: string; amount_due: number; lines: unknown }
    expect(announced).toMatchObject({
      id: expect.stringMatching(/^upcoming_in_/),
      amount_due: 2400,
      lines: { data: [{ period: { start: at('2026-04-01'), end: at('2026-05-01') } }] },
    })
    expect((await refusal(shop.stripe.invoices.retrieve(announced.id))).statusCode).toBe(404)
    expect(await invoicesOf(shop, id)).toHaveLength(1)
  })

  it('of a customer that owes too little are charged with the next invoice', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop, 30)).id)
    expect((await latestInvoice(shop, id)).status).toBe('paid')
    expect((await shop.stripe.customers.retrieve(customer)) as object).toMatchObject({
      balance: 30,
    })
    await advance(shop, clock, at('2026-04-01T02:00:00'))
    expect(await latestInvoice(shop, id)).toMatchObject({ status: 'paid', amount_paid: 60 })
    expect((await shop.stripe.customers.retrieve(customer)) as object).toMatchObject({ balance: 0 })
  })
})

describe('a trial', () => {
  it('[payments 36] costs nothing, is announced three days before its end, and then is paid', async () => {
    const { clock, customer } = await clocked('2026-06-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id, { trial_period_days: 7 })
    const trial = await shop.stripe.subscriptions.retrieve(id)
    expect(trial).toMatchObject({ status: 'trialing', trial_end: at('2026-06-08') })
    expect(day(itemOf(trial).current_period_end)).toBe('2026-06-08')
    expect(await latestInvoice(shop, id)).toMatchObject({
      status: 'paid',
      total: 0,
      lines: { data: [{ amount: 0, description: 'Trial period for Supporter' }] },
    })
    await advance(shop, clock, at('2026-06-05'))
    const told = await shop.eventTypes(id)
    expect(told.filter((type) => type.endsWith('trial_will_end'))).toHaveLength(1)
    await advance(shop, clock, at('2026-06-08T00:10:00'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('active')
    expect((await latestInvoice(shop, id)).status).toBe('draft')
    await advance(shop, clock, at('2026-06-08T01:10:00'))
    expect(await latestInvoice(shop, id)).toMatchObject({ status: 'paid', amount_paid: 2400 })
    expect(day(itemOf(await shop.stripe.subscriptions.retrieve(id)).current_period_end)).toBe(
      '2026-07-08',
    )
  })

  it('[payments 37] whose card fails makes it past due, and nothing was paid', async () => {
    const { clock, customer } = await clocked('2026-06-01', 'pm_card_chargeCustomerFail')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id, { trial_period_days: 7 })
    await advance(shop, clock, at('2026-06-08T02:00:00'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('past_due')
    expect(await latestInvoice(shop, id)).toMatchObject({ status: 'open', amount_paid: 0 })
  })

  it.each([
    ['cancel' as const, 'canceled', 'customer.subscription.deleted'],
    ['pause' as const, 'paused', 'customer.subscription.paused'],
    ['create_invoice' as const, 'past_due', 'invoice.payment_failed'],
  ])('[payments 38] without a card at its end is: %s', async (missing, status, event) => {
    const clock = await shop.stripe.testHelpers.testClocks.create({ frozen_time: at('2026-06-01') })
    const customer = await shop.stripe.customers.create({ test_clock: clock.id })
    const { id } = await subscribe(shop, customer.id, (await aPlan(shop)).id, {
      trial_period_days: 3,
      trial_settings: { end_behavior: { missing_payment_method: missing } },
    })
    expect(await shop.eventTypes(id)).toContain('customer.subscription.trial_will_end')
    await advance(shop, clock.id, at('2026-06-04T02:00:00'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe(status)
    expect(await shop.eventTypes(id)).toContain(event)
  })

  it('that is ended now is paid now, and the period begins', async () => {
    const { customer } = await clocked('2026-06-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id, { trial_period_days: 7 })
    const ended = await shop.stripe.subscriptions.update(id, { trial_end: 'now' })
    expect(ended).toMatchObject({ status: 'active', trial_end: at('2026-06-01') })
    expect(day(itemOf(ended).current_period_end)).toBe('2026-07-01')
    expect((await latestInvoice(shop, id)).amount_paid).toBe(2400)
  })
})

describe('an end', () => {
  it('[payments 41] at the end of the period leaves access until then', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    const planned = await shop.stripe.subscriptions.update(id, {
      cancel_at_period_end: true,
      cancellation_details: { feedback: 'too_expensive', comment: 'Maybe later' },
    })
    expect(planned).toMatchObject({
      status: 'active',
      cancel_at_period_end: true,
      cancel_at: at('2026-04-01'),
      canceled_at: at('2026-03-01'),
      cancellation_details: {
        reason: 'cancellation_requested',
        feedback: 'too_expensive',
        comment: 'Maybe later',
      },
    })
    await advance(shop, clock, at('2026-03-31T23:59:59'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('active')
    await advance(shop, clock, at('2026-04-01'))
    expect(await shop.stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'canceled',
      ended_at: at('2026-04-01'),
    })
    expect(await invoicesOf(shop, id)).toHaveLength(1)
    const types = await shop.eventTypes(id)
    expect(types.filter((type) => type === 'customer.subscription.deleted')).toHaveLength(1)
    expect(types).not.toContain('invoice.upcoming')
  })

  it('[payments 43] is taken back by whichever way it was planned', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await shop.stripe.subscriptions.update(id, { cancel_at_period_end: true })
    expect(
      await shop.stripe.subscriptions.update(id, { cancel_at_period_end: false }),
    ).toMatchObject({ cancel_at: null, canceled_at: null, cancel_at_period_end: false })
    await shop.stripe.subscriptions.update(id, { cancel_at: 'min_period_end' })
    const planned = await shop.stripe.subscriptions.retrieve(id)
    expect(planned).toMatchObject({ cancel_at: at('2026-04-01'), cancel_at_period_end: false })
    await shop.stripe.subscriptions.update(id, { cancel_at: '' })
    await advance(shop, clock, at('2026-04-02'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('active')
  })

  it('at any moment comes at that moment', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await shop.stripe.subscriptions.update(id, { cancel_at: at('2026-04-11') })
    await advance(shop, clock, at('2026-04-12'))
    expect(await shop.stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'canceled',
      ended_at: at('2026-04-11'),
    })
    expect(await invoicesOf(shop, id)).toHaveLength(2)
  })

  it('[payments 44] now, with what is unused credited to the customer', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop, 3000)).id)
    await advance(shop, clock, at('2026-04-11'))
    const ended = await shop.stripe.subscriptions.cancel(id, { invoice_now: true, prorate: true })
    expect(ended).toMatchObject({ status: 'canceled', canceled_at: at('2026-04-11') })
    expect((await shop.stripe.customers.retrieve(customer)) as object).toMatchObject({
      balance: -2000,
    })
    expect((await refusal(shop.stripe.subscriptions.cancel(id))).statusCode).toBe(404)
    expect(
      (await refusal(shop.stripe.subscriptions.update(id, { description: 'x' }))).message,
    ).toContain('canceled subscription')
  })
})

describe('dunning', () => {
  it('[payments 53] asks four times more over three weeks, then cancels', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await payBy(shop, customer, 'pm_card_chargeCustomerFail')
    const seen: [string, number, string | null][] = []
    for (const to of ['04-01T01', '04-04T01', '04-09T01', '04-15T01', '04-22T01']) {
      await advance(shop, clock, at(`2026-${to}:00:00`))
      const invoice = await latestInvoice(shop, id)
      const { status } = await shop.stripe.subscriptions.retrieve(id)
      seen.push([status, invoice.attempt_count, day(invoice.next_payment_attempt)])
    }
    expect(seen).toEqual([
      ['past_due', 1, '2026-04-04'],
      ['past_due', 2, '2026-04-09'],
      ['past_due', 3, '2026-04-15'],
      ['past_due', 4, '2026-04-22'],
      ['canceled', 5, null],
    ])
    expect((await shop.stripe.subscriptions.retrieve(id)).cancellation_details?.reason).toBe(
      'payment_failed',
    )
    const failures = (await shop.eventTypes(id)).filter((type) => type === 'invoice.payment_failed')
    expect(failures).toHaveLength(5)
  })

  it('[payments 54] is over when the payer gives a card that works', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await payBy(shop, customer, 'pm_card_chargeCustomerFail')
    await advance(shop, clock, at('2026-04-02'))
    expect((await shop.stripe.customers.retrieve(customer)) as object).toMatchObject({
      delinquent: true,
    })
    await payBy(shop, customer, 'pm_card_visa')
    await advance(shop, clock, at('2026-04-05'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('active')
    expect(await latestInvoice(shop, id)).toMatchObject({ status: 'paid', attempt_count: 2 })
  })

  it('[payments 56] asks the buyer where the bank wants 3D Secure', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await payBy(shop, customer, 'pm_card_authenticationRequired')
    await advance(shop, clock, at('2026-04-02'))
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('past_due')
    expect(await shop.eventTypes(id)).toContain('invoice.payment_action_required')
    expect((await latestInvoice(shop, id)).hosted_invoice_url).toContain('/i/')
  })
})

describe('a change of price', () => {
  const middle = at('2026-04-16')

  it('[payments 45] is charged at once to the cent as its preview said', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const [small, big] = [await aPlan(shop, 1999), await aPlan(shop, 4999)]
    const made = await subscribe(shop, customer, small.id)
    await advance(shop, clock, middle + 12_345)
    const change = {
      items: [{ id: itemOf(made).id, price: big.id }],
      proration_behavior: 'always_invoice' as const,
      proration_date: middle + 12_345,
    }
    const preview = await shop.stripe.invoices.createPreview({
      customer,
      subscription: made.id,
      subscription_details: change,
    })
    expect(await invoicesOf(shop, made.id)).toHaveLength(1)
    const changed = await shop.stripe.subscriptions.update(made.id, {
      ...change,
      payment_behavior: 'pending_if_incomplete',
    })
    expect(itemOf(changed).price.id).toBe(big.id)
    expect(itemOf(changed).current_period_end).toBe(at('2026-05-01'))
    const invoice = await latestInvoice(shop, made.id)
    expect(invoice).toMatchObject({
      billing_reason: 'subscription_update',
      status: 'paid',
      amount_paid: preview.amount_due,
    })
    expect(invoice.lines.data.map((line) => line.description)).toEqual([
      'Unused time on Supporter after 16 Apr 2026',
      'Remaining time on Supporter after 16 Apr 2026',
    ])
    expect(invoice.amount_paid).toBe(-990 + 2476)
  })

  it('[payments 46] that is declined changes nothing, and waits 23 hours for its payment', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const [small, big] = [await aPlan(shop, 1000), await aPlan(shop, 9000)]
    const made = await subscribe(shop, customer, small.id)
    await payBy(shop, customer, 'pm_card_chargeCustomerFail')
    await advance(shop, clock, middle)
    const changed = await shop.stripe.subscriptions.update(made.id, {
      items: [{ id: itemOf(made).id, price: big.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    })
    expect(changed).toMatchObject({
      status: 'active',
      pending_update: {
        expires_at: middle + 23 * 3_600,
        subscription_items: [{ price: { id: big.id } }],
      },
      items: { data: [{ price: { id: small.id } }] },
    })
    await payBy(shop, customer, 'pm_card_visa')
    const invoice = await latestInvoice(shop, made.id)
    await shop.stripe.invoices.pay(invoice.id ?? '')
    const after = await shop.stripe.subscriptions.retrieve(made.id)
    expect(after).toMatchObject({
      pending_update: null,
      items: { data: [{ price: { id: big.id } }] },
    })
    expect(await shop.eventTypes(made.id)).toContain('customer.subscription.pending_update_applied')
  })

  it('that waited too long is dropped, and its invoice void', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const [small, big] = [await aPlan(shop, 1000), await aPlan(shop, 9000)]
    const made = await subscribe(shop, customer, small.id)
    await payBy(shop, customer, 'pm_card_chargeCustomerFail')
    await shop.stripe.subscriptions.update(made.id, {
      items: [{ id: itemOf(made).id, price: big.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    })
    const invoice = await latestInvoice(shop, made.id)
    await advance(shop, clock, at('2026-04-02'))
    expect((await shop.stripe.invoices.retrieve(invoice.id ?? '')).status).toBe('void')
    expect((await shop.stripe.subscriptions.retrieve(made.id)).pending_update).toBeNull()
    expect(await shop.eventTypes(made.id)).toContain('customer.subscription.pending_update_expired')
  })

  it('[payments 47] to a cheaper one is credited with the next invoice', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const [small, big] = [await aPlan(shop, 1000), await aPlan(shop, 3000)]
    const made = await subscribe(shop, customer, big.id)
    await advance(shop, clock, middle)
    await shop.stripe.subscriptions.update(made.id, {
      items: [{ id: itemOf(made).id, price: small.id }],
    })
    const next = await shop.stripe.invoices.createPreview({ subscription: made.id })
    expect(next.amount_due).toBe(1000 - 1500 + 500)
    await advance(shop, clock, at('2026-05-01T02:00:00'))
    const invoice = await latestInvoice(shop, made.id)
    expect(invoice).toMatchObject({ status: 'paid', total: 0 })
    expect(invoice.lines.data.map((line) => line.amount)).toEqual([-1500, 500, 1000])
  })

  it('[payments 48] to another interval begins a new period at once', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const [monthly, yearly] = [
      await aPlan(shop, 3000),
      await aPlan(shop, 30_000, { interval: 'year' }),
    ]
    const made = await subscribe(shop, customer, monthly.id)
    await advance(shop, clock, middle)
    const changed = await shop.stripe.subscriptions.update(made.id, {
      items: [{ id: itemOf(made).id, price: yearly.id }],
    })
    expect(day(itemOf(changed).current_period_end)).toBe('2027-04-16')
    expect(changed.billing_cycle_anchor).toBe(middle)
    expect((await latestInvoice(shop, made.id)).amount_paid).toBe(30_000 - 1500)
  })

  it('is credited from what was really paid, discounts and earlier changes included', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const coupon = await shop.stripe.coupons.create({ percent_off: 50, duration: 'forever' })
    const [small, big] = [await aPlan(shop, 1000), await aPlan(shop, 3000)]
    const made = await subscribe(shop, customer, big.id, { discounts: [{ coupon: coupon.id }] })
    await advance(shop, clock, middle)
    const change = (price: string) =>
      shop.stripe.subscriptions.update(made.id, {
        items: [{ id: itemOf(made).id, price }],
        proration_behavior: 'always_invoice',
      })
    await change(small.id)
    expect((await latestInvoice(shop, made.id)).total).toBe(-750 + 250)
    await advance(shop, clock, at('2026-04-21'))
    await change(big.id)
    expect((await latestInvoice(shop, made.id)).total).toBe(-167 + 500)
  })

  it('of quantity counts like one of price', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const made = await subscribe(shop, customer, (await aPlan(shop, 1000)).id)
    await advance(shop, clock, middle)
    await shop.stripe.subscriptionItems.update(itemOf(made).id, {
      quantity: 3,
      proration_behavior: 'always_invoice',
    })
    expect((await latestInvoice(shop, made.id)).total).toBe(-500 + 1500)
  })

  it('without prorations costs the new price from the next period on', async () => {
    const { clock, customer } = await clocked('2026-04-01')
    const [small, big] = [await aPlan(shop, 1000), await aPlan(shop, 3000)]
    const made = await subscribe(shop, customer, small.id)
    await shop.stripe.subscriptions.update(made.id, {
      items: [{ id: itemOf(made).id, price: big.id }],
      proration_behavior: 'none',
    })
    await advance(shop, clock, at('2026-05-01T02:00:00'))
    expect((await invoicesOf(shop, made.id)).map((one) => one.total)).toEqual([1000, 3000])
  })
})

describe('a pause', () => {
  it.each([
    ['void' as const, 'void'],
    ['mark_uncollectible' as const, 'uncollectible'],
    ['keep_as_draft' as const, 'draft'],
  ])('of collection: %s', async (behavior, status) => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await shop.stripe.subscriptions.update(id, {
      pause_collection: { behavior, resumes_at: at('2026-04-10') },
    })
    await advance(shop, clock, at('2026-04-02'))
    expect((await latestInvoice(shop, id)).status).toBe(status)
    await advance(shop, clock, at('2026-04-11'))
    expect(await shop.stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'active',
      pause_collection: null,
    })
    await advance(shop, clock, at('2026-05-02'))
    expect((await latestInvoice(shop, id)).status).toBe('paid')
  })

  it('of the whole makes no invoices; resuming begins a paid period', async () => {
    const { clock, customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    const paused = await shop.stripe.subscriptions.pause(id, { type: 'subscription' })
    expect(paused).toMatchObject({
      status: 'paused',
      status_details: { paused: { subscription: { type: 'pause_requested' } } },
    })
    await advance(shop, clock, at('2026-04-15'))
    expect(await invoicesOf(shop, id)).toHaveLength(1)
    const resumed = await shop.stripe.subscriptions.resume(id)
    expect(resumed.status).toBe('active')
    expect(day(itemOf(resumed).current_period_end)).toBe('2026-05-15')
    expect(await invoicesOf(shop, id)).toHaveLength(2)
    expect(await shop.eventTypes(id)).toContain('customer.subscription.resumed')
  })

  it('is not over when resuming is not paid', async () => {
    const { customer } = await clocked('2026-03-01')
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id)
    await shop.stripe.subscriptions.pause(id)
    await payBy(shop, customer, 'pm_card_chargeCustomerFail')
    expect((await shop.stripe.subscriptions.resume(id)).status).toBe('paused')
    await payBy(shop, customer, 'pm_card_visa')
    const invoice = await latestInvoice(shop, id)
    await shop.stripe.invoices.pay(invoice.id ?? '')
    expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('active')
  })
})

describe('a coupon on a subscription', () => {
  it.each([
    ['once' as const, {}, [1200, 2400, 2400, 2400]],
    ['repeating' as const, { duration_in_months: 2 }, [1200, 1200, 2400, 2400]],
    ['forever' as const, {}, [1200, 1200, 1200, 1200]],
  ])('%s', async (duration, more, totals) => {
    const { clock, customer } = await clocked('2026-01-15')
    const coupon = await shop.stripe.coupons.create({ percent_off: 50, duration, ...more })
    const { id } = await subscribe(shop, customer, (await aPlan(shop)).id, {
      discounts: [{ coupon: coupon.id }],
    })
    for (const to of ['2026-02-15T02', '2026-03-15T02', '2026-04-15T02'])
      await advance(shop, clock, at(`${to}:00:00`))
    expect((await invoicesOf(shop, id)).map((one) => one.total)).toEqual(totals)
    const types = await shop.eventTypes(id)
    expect(types).toContain('customer.discount.created')
    expect(types.includes('customer.discount.deleted')).toBe(duration !== 'forever')
    expect((await shop.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1)
  })
})
