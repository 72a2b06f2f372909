import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Tab, visit } from '../testing/browse.ts'
import { idOf, openShop, refusal, type Shop } from '../testing/shop.ts'
import {
  aPayer,
  aPlan,
  invoicesOf,
  itemOf,
  latestInvoice,
  payBy,
  subscribe,
} from '../testing/subscribing.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const CARD = { 'card-number': '5555555555554444', 'card-expiry': '12 / 40', 'card-cvc': '123' }

const BACK = 'https://shop.test/account'

async function member(card = 'pm_card_visa'): Promise<{ customer: string; subscription: string }> {
  const customer = await aPayer(shop, card, { name: 'A Reader' })
  const made = await subscribe(shop, customer.id, (await aPlan(shop)).id)
  return { customer: customer.id, subscription: made.id }
}

async function open(
  customer: string,
  more: Partial<Stripe.BillingPortal.SessionCreateParams> = {},
): Promise<Tab> {
  const session = await shop.stripe.billingPortal.sessions.create({
    customer,
    return_url: BACK,
    ...more,
  })
  return visit(session.url)
}

/** Follows a link, or where a form led. */
async function follow(tab: Tab, testId?: string): Promise<Tab> {
  const target = testId === undefined ? tab.location : tab.attributeOf(testId, 'href')
  return visit(new URL((target ?? '').replaceAll('&amp;', '&'), tab.url).href)
}

describe('the customer portal', () => {
  it('shows the plan, the card, the invoices and the way back', async () => {
    const { customer } = await member()
    const tab = await open(customer)
    expect(tab.textOf('plan')).toBe('Supporter')
    expect(tab.textOf('plan-next')).toMatch(/^Renews on \d+ \w+ \d{4}\.$/)
    expect(tab.textOf('current-card')).toContain('visa ending in 4242')
    expect(tab.html).toContain('€24.00')
    expect(tab.attributeOf('return', 'href')).toBe(BACK)
    expect(tab.html).not.toMatch(/<script|\son\w+=|<img|<link/)
  })

  it('[payments 42] cancels by a date and not by the flag, and takes it back', async () => {
    const { customer, subscription } = await member()
    const configuration = await shop.stripe.billingPortal.configurations.create({
      features: {
        subscription_cancel: {
          enabled: true,
          cancellation_reason: { enabled: true, options: ['too_expensive', 'unused'] },
        },
      },
    })
    const tab = await open(customer, { configuration: configuration.id })
    const confirm = await follow(tab, 'cancel-plan')
    expect(confirm.textOf('cancel-terms')).toContain('stays until')
    const sent = await confirm.submit(
      { feedback: 'too_expensive', comment: 'See you' },
      'confirm-cancel',
    )
    const canceled = await shop.stripe.subscriptions.retrieve(subscription)
    expect(canceled).toMatchObject({
      status: 'active',
      cancel_at_period_end: false,
      cancel_at: itemOf(canceled).current_period_end,
      cancellation_details: {
        comment: 'See you',
        feedback: 'too_expensive',
        reason: 'cancellation_requested',
      },
    })
    const after = await follow(sent)
    expect(after.textOf('plan-next')).toMatch(/^Ends on /)
    await after.submit({}, 'renew-plan')
    expect(await shop.stripe.subscriptions.retrieve(subscription)).toMatchObject({
      cancel_at: null,
      canceled_at: null,
    })
  })

  it('[payments 54] takes another card, which pays what is open at the next attempt', async () => {
    const { customer, subscription } = await member()
    await payBy(shop, customer, 'pm_card_chargeCustomerFail')
    await shop.control.advance('32d')
    expect((await shop.stripe.subscriptions.retrieve(subscription)).status).toBe('past_due')
    const tab = await open(customer)
    expect(tab.textOf('plan-next')).toBe('Your last payment failed.')
    const form = await follow(tab, 'change-card')
    const declined = await form.submit({ ...CARD, 'card-number': '4000000000000002' }, 'save-card')
    expect(declined.status).toBe(402)
    expect(declined.textOf('error')).toBe('Your card was declined.')
    const saved = await declined.submit(CARD, 'save-card')
    expect((await follow(saved)).textOf('current-card')).toContain('mastercard ending in 4444')
    await shop.control.advance('8d')
    expect((await shop.stripe.subscriptions.retrieve(subscription)).status).toBe('active')
  })

  it('asks the bank for a card that wants it', async () => {
    const { customer } = await member()
    const form = await follow(await open(customer), 'change-card')
    const sent = await form.submit({ ...CARD, 'card-number': '4000002500003155' }, 'save-card')
    const question = await follow(sent)
    expect(question.html).toContain('Confirm your card')
    const refused = await question.submit({}, '3ds-fail')
    const back = await follow(refused)
    expect(back.textOf('error')).toContain('unable to authenticate')
    const again = await follow(
      await back.submit({ ...CARD, 'card-number': '4000002500003155' }, 'save-card'),
    )
    const home = await follow(await again.submit({}, '3ds-complete'))
    expect(home.textOf('current-card')).toContain('3155')
  })

  it('changes the plan for the price it says, where the seller offers that', async () => {
    const { customer, subscription } = await member()
    const big = await aPlan(shop, 9900, { interval: 'month' }, 'Patron')
    const configuration = await shop.stripe.billingPortal.configurations.create({
      features: {
        subscription_update: {
          enabled: true,
          default_allowed_updates: ['price'],
          products: [{ product: idOf(big.product), prices: [big.id] }],
          proration_behavior: 'always_invoice',
        },
      },
    })
    const tab = await open(customer, { configuration: configuration.id })
    expect(tab.textOf('cancel-plan')).toBeUndefined()
    const choices = await follow(tab, 'change-plan')
    const confirm = await follow(choices, `choose-${big.id}`)
    expect(confirm.textOf('due-now')).toMatch(/^Due now: €75\.00$|^Due now: €74\.9\d$/)
    await confirm.submit({}, 'confirm-change')
    const changed = await shop.stripe.subscriptions.retrieve(subscription)
    expect(itemOf(changed).price.id).toBe(big.id)
    expect((await latestInvoice(shop, subscription)).status).toBe('paid')
  })

  it('changes name and address of mail', async () => {
    const { customer } = await member()
    const form = await follow(await open(customer), 'change-details')
    await form.submit({ name: 'Ann <b>', email: 'ann@example.com' }, 'save-details')
    expect(await shop.stripe.customers.retrieve(customer)).toMatchObject({
      name: 'Ann <b>',
      email: 'ann@example.com',
    })
    expect((await open(customer)).html).toContain('Ann &lt;b&gt;')
  })

  it('opened for one thing shows that thing alone, and leads back when it is done', async () => {
    const { customer, subscription } = await member()
    const card = await open(customer, {
      flow_data: {
        type: 'payment_method_update',
        after_completion: { type: 'redirect', redirect: { return_url: `${BACK}?card=new` } },
      },
    })
    expect(card.textOf('plan')).toBeUndefined()
    expect((await card.submit(CARD, 'save-card')).location).toBe(`${BACK}?card=new`)
    const end = await open(customer, {
      flow_data: {
        type: 'subscription_cancel',
        subscription_cancel: { subscription },
        after_completion: {
          type: 'hosted_confirmation',
          hosted_confirmation: { custom_message: 'Farewell' },
        },
      },
    })
    const done = await follow(await end.submit({}, 'confirm-cancel'))
    expect(done.html).toContain('Farewell')
    expect((await shop.stripe.subscriptions.retrieve(subscription)).cancel_at).not.toBeNull()
    const twice = refusal(
      open(customer, {
        flow_data: { type: 'subscription_cancel', subscription_cancel: { subscription } },
      }),
    )
    expect((await twice).statusCode).toBe(400)
  })

  it('closes after five minutes when nobody came, and after an hour when somebody did', async () => {
    const { customer } = await member()
    const unused = await shop.stripe.billingPortal.sessions.create({ customer })
    const used = await shop.stripe.billingPortal.sessions.create({ customer })
    await visit(used.url)
    await shop.control.advance('6m')
    expect((await visit(unused.url)).status).toBe(410)
    expect((await visit(used.url)).status).toBe(200)
    await shop.control.advance('1h')
    expect((await visit(used.url)).status).toBe(410)
    expect((await visit(`${shop.url}/p/session/none`)).status).toBe(404)
  })

  it('does only what it offers, and only to the customer’s own', async () => {
    const { customer } = await member()
    const other = await member()
    const configuration = await shop.stripe.billingPortal.configurations.create({
      features: { invoice_history: { enabled: true } },
    })
    const session = await shop.stripe.billingPortal.sessions.create({
      customer,
      configuration: configuration.id,
    })
    const post = (fields: Record<string, string>): Promise<Tab> =>
      visit(session.url, { method: 'POST', body: new URLSearchParams(fields) })
    expect((await post({ step: 'cancel', subscription: other.subscription })).status).toBe(400)
    expect((await post({ step: 'nonsense' })).status).toBe(400)
    const full = await shop.stripe.billingPortal.sessions.create({ customer })
    const foreign = await visit(full.url, {
      method: 'POST',
      body: new URLSearchParams({ step: 'cancel', subscription: other.subscription }),
    })
    expect(foreign.status).toBe(400)
    expect((await shop.stripe.subscriptions.retrieve(other.subscription)).cancel_at).toBeNull()
  })
})

describe('the page of an invoice', () => {
  async function unpaid(card: string): Promise<{ subscription: string; url: string }> {
    const { customer, subscription } = await member()
    await payBy(shop, customer, card)
    await shop.control.advance('32d')
    const invoice = await latestInvoice(shop, subscription)
    return { subscription, url: invoice.hosted_invoice_url ?? '' }
  }

  it('takes a card, and says when it is paid', async () => {
    const { subscription, url } = await unpaid('pm_card_chargeCustomerFail')
    const tab = await visit(url)
    expect(tab.textOf('amount')).toBe('€24.00')
    const declined = await tab.submit({ ...CARD, 'card-number': '4000000000009995' })
    expect(declined.textOf('error')).toBe('Your card has insufficient funds.')
    expect((await declined.submit(CARD)).status).toBe(303)
    expect((await visit(url)).textOf('invoice-status')).toContain('is paid')
    expect((await shop.stripe.subscriptions.retrieve(subscription)).status).toBe('active')
    expect((await invoicesOf(shop, subscription)).at(-1)?.status).toBe('paid')
    // A second submit pays nothing.
    expect((await tab.submit(CARD)).status).toBe(303)
  })

  it('[payments 56] asks the bank, and the subscription goes on', async () => {
    const { subscription, url } = await unpaid('pm_card_authenticationRequired')
    const sent = await (await visit(url)).submit({ ...CARD, 'card-number': '4000002760003184' })
    const done = await (await follow(sent)).submit({}, '3ds-complete')
    expect((await follow(done)).textOf('invoice-status')).toContain('is paid')
    expect((await shop.stripe.subscriptions.retrieve(subscription)).status).toBe('active')
  })

  it('has a PDF', async () => {
    const { url } = await unpaid('pm_card_visa')
    const answer = await fetch(`${url}/pdf`)
    expect(answer.headers.get('content-type')).toBe('application/pdf')
    const text = await answer.text()
    expect(text.startsWith('%PDF-1.4')).toBe(true)
    expect(text).toContain('Total: EUR 24.00')
    const start = Number(/startxref\n(\d+)/.exec(text)?.[1])
    expect(text.slice(start).startsWith('xref')).toBe(true)
    expect((await fetch(`${shop.url}/i/none/pdf`)).status).toBe(404)
  })
})
