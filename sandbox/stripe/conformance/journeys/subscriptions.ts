import type Stripe from 'stripe'
import { setTimeout as pause } from 'node:timers/promises'
import { card, type Journey, refused, type Traveller } from './traveller.ts'

const JANUARY = Date.parse('2026-01-31T12:00:00Z') / 1000

const DAY = 86_400

type Member = { clock: string; customer: string }

/** A customer by a test clock, with a card that is charged. */
async function member({ stripe }: Traveller): Promise<Member> {
  const clock = await stripe.testHelpers.testClocks.create({
    frozen_time: JANUARY,
    name: 'A member',
  })
  const customer = await stripe.customers.create({
    email: 'member@example.com',
    name: 'A Member',
    test_clock: clock.id,
  })
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
  })
  return { clock: clock.id, customer: customer.id }
}

async function plan({ stripe }: Traveller, amount: number): Promise<Stripe.Price> {
  return stripe.prices.create({
    currency: 'eur',
    unit_amount: amount,
    recurring: { interval: 'month', trial_period_days: 7 },
    nickname: 'Monthly',
    product_data: { name: 'Supporter' },
  })
}

function productOf({ product }: Stripe.Price): string {
  return typeof product === 'string' ? product : product.id
}

async function forward({ stripe }: Traveller, clock: string, days: number): Promise<void> {
  const { frozen_time: from } = await stripe.testHelpers.testClocks.retrieve(clock)
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time: from + days * DAY })
  const patience = Date.now() + 20_000
  for (;;) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock)
    if (status === 'ready') return
    if (Date.now() > patience) throw new Error('The clock does not arrive')
    await pause(10)
  }
}

export const membership: Journey = {
  name: 'a membership from trial to end',
  async go(traveller) {
    const { stripe } = traveller
    const { clock, customer } = await member(traveller)
    const [small, big] = [await plan(traveller, 1000), await plan(traveller, 3000)]
    const coupon = await stripe.coupons.create({
      percent_off: 20,
      duration: 'repeating',
      duration_in_months: 3,
    })
    const code = await stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'MEMBERS',
      max_redemptions: 5,
      expires_at: JANUARY + 900 * DAY,
      metadata: { campaign: 'winter' },
      restrictions: { minimum_amount: 500, minimum_amount_currency: 'eur' },
      expand: ['promotion.coupon'],
    })
    await stripe.promotionCodes.update(code.id, { metadata: { campaign: 'spring' } })
    await stripe.promotionCodes.retrieve(code.id)
    await stripe.promotionCodes.list({ code: 'MEMBERS', coupon: coupon.id, active: true })
    const made = await stripe.subscriptions.create({
      customer,
      items: [{ price: small.id, metadata: { seat: '1' } }],
      trial_from_plan: true,
      description: 'Membership',
      metadata: { user: '17' },
      discounts: [{ promotion_code: code.id }],
      payment_settings: { save_default_payment_method: 'on_subscription' },
      expand: ['latest_invoice', 'discounts.promotion_code', 'customer'],
    })
    await forward(traveller, clock, 40)
    const item = made.items.data[0]?.id ?? ''
    await stripe.subscriptions.retrieve(made.id, {
      expand: ['latest_invoice.payments', 'latest_invoice.confirmation_secret', 'test_clock'],
    })
    const items = [{ id: item, price: big.id }]
    await stripe.invoices.createPreview({
      customer,
      subscription: made.id,
      subscription_details: { items, proration_behavior: 'always_invoice' },
    })
    await stripe.invoices.createPreview({ subscription: made.id })
    await stripe.invoices.createPreview({
      customer,
      subscription_details: { items: [{ price: big.id }] },
    })
    await stripe.subscriptions.update(made.id, { items, proration_behavior: 'always_invoice' })
    await stripe.subscriptions.update(made.id, {
      pause_collection: { behavior: 'void', resumes_at: JANUARY + 80 * DAY },
      cancel_at_period_end: true,
      cancellation_details: { comment: 'Enough', feedback: 'other' },
    })
    await stripe.subscriptions.update(made.id, { cancel_at_period_end: false })
    await stripe.subscriptionItems.retrieve(item)
    await stripe.subscriptionItems.list({ subscription: made.id })
    await stripe.subscriptionItems.update(item, { quantity: 2 })
    const extra = await stripe.subscriptionItems.create({
      subscription: made.id,
      price: small.id,
    })
    await stripe.subscriptionItems.del(extra.id)
    await stripe.subscriptions.deleteDiscount(made.id)
    await stripe.subscriptions.list({ status: 'all', test_clock: clock, limit: 3 })
    await stripe.subscriptions.search({ query: "metadata['user']:'17'" })
    await stripe.invoices.search({ query: `customer:'${customer}'` })
    await stripe.customers.retrieve(customer, { expand: ['subscriptions'] })
    await forward(traveller, clock, 40)
    await stripe.subscriptions.cancel(made.id, { prorate: true, invoice_now: true })
    await refused(stripe.subscriptions.cancel(made.id), 404)
    await stripe.testHelpers.testClocks.list()
    await stripe.testHelpers.testClocks.del(clock)
  },
}

export const restless: Journey = {
  name: 'a membership that is paused, resumed and not paid',
  async go(traveller) {
    const { stripe } = traveller
    const { clock, customer } = await member(traveller)
    const price = await plan(traveller, 1000)
    const made = await stripe.subscriptions.create({
      customer,
      items: [{ price: price.id }],
      billing_mode: { type: 'classic' },
    })
    await stripe.subscriptions.migrate(made.id, { billing_mode: { type: 'flexible' } })
    await stripe.subscriptions.pause(made.id, { type: 'subscription' })
    await stripe.subscriptions.resume(made.id)
    const method = await stripe.paymentMethods.attach('pm_card_authenticationRequired', {
      customer,
    })
    await stripe.subscriptions.update(made.id, { default_payment_method: method.id })
    await forward(traveller, clock, 33)
    await stripe.subscriptions.retrieve(made.id)
    const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer })
    await stripe.subscriptions.update(made.id, { default_payment_method: failing.id })
    await forward(traveller, clock, 25)
    await stripe.subscriptions.retrieve(made.id)
    await stripe.subscriptions.list({ customer, status: 'ended' })
  },
}

export const manualInvoices: Journey = {
  name: 'invoices by hand, and a balance',
  async go(traveller) {
    const { stripe } = traveller
    const { customer } = await member(traveller)
    const draft = await stripe.invoices.create({
      customer,
      currency: 'eur',
      collection_method: 'send_invoice',
      days_until_due: 14,
      auto_advance: false,
      description: 'A project',
      footer: 'Thank you',
      metadata: { project: '3' },
    })
    const item = await stripe.invoiceItems.create({
      customer,
      invoice: draft.id ?? '',
      amount: 12_000,
      currency: 'eur',
      description: 'A day of work',
      period: { start: JANUARY, end: JANUARY + DAY },
    })
    await stripe.invoiceItems.update(item.id, { description: 'A long day of work' })
    await stripe.invoiceItems.retrieve(item.id)
    await stripe.invoiceItems.list({ customer, invoice: draft.id ?? '' })
    const gone = await stripe.invoiceItems.create({ customer, amount: 100, currency: 'eur' })
    await stripe.invoiceItems.del(gone.id)
    await stripe.invoices.update(draft.id ?? '', { description: 'The project' })
    await stripe.invoices.finalizeInvoice(draft.id ?? '')
    await stripe.invoices.sendInvoice(draft.id ?? '')
    await stripe.invoices.listLineItems(draft.id ?? '')
    await stripe.invoices.retrieve(draft.id ?? '')
    await stripe.invoices.markUncollectible(draft.id ?? '')
    await stripe.invoices.pay(draft.id ?? '', { paid_out_of_band: true })
    await refused(stripe.invoices.pay(draft.id ?? ''), 400)
    const charged = await stripe.invoices.create({ customer, currency: 'eur' })
    await stripe.invoiceItems.create({
      customer,
      invoice: charged.id ?? '',
      amount: 700,
      currency: 'eur',
    })
    await stripe.invoices.pay(charged.id ?? '')
    const payments = await stripe.invoicePayments.list({ invoice: charged.id ?? '' })
    await stripe.invoicePayments.retrieve(payments.data[0]?.id ?? '', {
      expand: ['payment.payment_intent', 'invoice'],
    })
    const voided = await stripe.invoices.create({ customer, currency: 'eur' })
    await stripe.invoiceItems.create({
      customer,
      invoice: voided.id ?? '',
      amount: 700,
      currency: 'eur',
    })
    await stripe.invoices.finalizeInvoice(voided.id ?? '')
    await stripe.invoices.voidInvoice(voided.id ?? '')
    const deleted = await stripe.invoices.create({ customer })
    await stripe.invoices.del(deleted.id ?? '')
    await refused(stripe.invoices.retrieve(deleted.id ?? ''), 404)
    await stripe.invoices.list({ customer, status: 'paid' })
    const balance = await stripe.customers.createBalanceTransaction(customer, {
      amount: -500,
      currency: 'eur',
      description: 'Sorry',
    })
    await stripe.customers.retrieveBalanceTransaction(customer, balance.id)
    await stripe.customers.updateBalanceTransaction(customer, balance.id, {
      metadata: { why: 'late' },
    })
    await stripe.customers.listBalanceTransactions(customer)
  },
}

export const memberCheckout: Journey = {
  name: 'memberships bought on the payment page, and a card saved there',
  async go({ stripe, control }) {
    const price = await plan({ stripe, control }, 2400)
    const customer = await stripe.customers.create({ email: 'member@example.com' })
    const open = (more: Partial<Stripe.Checkout.SessionCreateParams>) =>
      stripe.checkout.sessions.create({
        mode: 'subscription',
        line_items: [{ price: price.id, quantity: 1 }],
        success_url: 'https://shop.example/thanks',
        cancel_url: 'https://shop.example/plans',
        ...more,
      })
    const paid = await open({
      customer: customer.id,
      allow_promotion_codes: true,
      customer_update: { address: 'auto', name: 'auto' },
      subscription_data: { description: 'Membership', metadata: { user: '17' } },
    })
    await control('pay', { session: paid.id, card: card.declined })
    await control('pay', { session: paid.id })
    await stripe.checkout.sessions.retrieve(paid.id, {
      expand: ['subscription.latest_invoice.payments', 'line_items', 'invoice', 'customer'],
    })
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' })
    const trial = await open({
      discounts: [{ coupon: coupon.id }],
      subscription_data: {
        trial_period_days: 7,
        trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
      },
      after_expiration: { recovery: { enabled: true } },
    })
    await control('pay', { session: trial.id, card: card.challenged, authenticate: 'fail' })
    await control('pay', { session: trial.id, card: card.challenged, authenticate: 'complete' })
    const done = await stripe.checkout.sessions.retrieve(trial.id, { expand: ['subscription'] })
    const subscription = typeof done.subscription === 'object' ? done.subscription?.id : undefined
    await stripe.checkout.sessions.list({ subscription: subscription ?? '' })
    const later = await open({ subscription_data: { trial_period_days: 3 } })
    await control('pay', { session: later.id, method: 'bank_debit' })
    const abandoned = await open({ after_expiration: { recovery: { enabled: true } } })
    await stripe.checkout.sessions.expire(abandoned.id)
    const saving = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'eur',
      customer: customer.id,
      setup_intent_data: { description: 'For later', metadata: { for: 'later' } },
      success_url: 'https://shop.example/saved',
    })
    await control('pay', { session: saving.id })
    await stripe.checkout.sessions.retrieve(saving.id, { expand: ['setup_intent'] })
  },
}

export const savedCards: Journey = {
  name: 'cards saved by program',
  async go({ stripe }) {
    const customer = await stripe.customers.create({ name: 'A Saver' })
    const setup = await stripe.setupIntents.create({
      customer: customer.id,
      description: 'A card',
      metadata: { try: '1' },
      usage: 'off_session',
    })
    await stripe.setupIntents.update(setup.id, { metadata: { try: '2' } })
    await refused(
      stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_chargeDeclined' }),
      402,
    )
    await stripe.setupIntents.confirm(setup.id, {
      payment_method: 'pm_card_authenticationRequired',
      return_url: 'https://shop.example/back',
    })
    await stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_visa' })
    await stripe.setupIntents.retrieve(setup.id, { expand: ['payment_method', 'customer'] })
    await stripe.setupIntents.list({ customer: customer.id })
    const other = await stripe.setupIntents.create({})
    await stripe.setupIntents.cancel(other.id, { cancellation_reason: 'abandoned' })
    await refused(stripe.setupIntents.cancel(other.id), 400)
  },
}

export const portal: Journey = {
  name: 'portals, as a seller sets them up and opens them',
  async go(traveller) {
    const { stripe } = traveller
    const { customer } = await member(traveller)
    const price = await plan(traveller, 1000)
    const made = await stripe.subscriptions.create({ customer, items: [{ price: price.id }] })
    const configuration = await stripe.billingPortal.configurations.create({
      name: 'Members',
      default_return_url: 'https://shop.example/account',
      business_profile: {
        headline: 'Your membership',
        privacy_policy_url: 'https://shop.example/privacy',
        terms_of_service_url: 'https://shop.example/terms',
      },
      metadata: { for: 'members' },
      features: {
        customer_update: { enabled: true, allowed_updates: ['email', 'name'] },
        invoice_history: { enabled: true },
        payment_method_update: { enabled: true },
        subscription_cancel: {
          enabled: true,
          mode: 'at_period_end',
          cancellation_reason: { enabled: true, options: ['unused', 'other'] },
        },
        subscription_update: {
          enabled: true,
          default_allowed_updates: ['price'],
          products: [{ product: productOf(price), prices: [price.id] }],
          proration_behavior: 'create_prorations',
        },
      },
    })
    await stripe.billingPortal.configurations.update(configuration.id, { name: 'All members' })
    await stripe.billingPortal.configurations.retrieve(configuration.id)
    await stripe.billingPortal.configurations.list({ active: true })
    await stripe.billingPortal.sessions.create({ customer, return_url: 'https://shop.example/' })
    await stripe.billingPortal.sessions.create({
      customer,
      configuration: configuration.id,
      locale: 'de',
      flow_data: {
        type: 'subscription_cancel',
        subscription_cancel: { subscription: made.id },
        after_completion: {
          type: 'redirect',
          redirect: { return_url: 'https://shop.example/gone' },
        },
      },
    })
    await refused(stripe.billingPortal.sessions.create({ customer: 'cus_none' }), 400)
  },
}

/** All a shop that sells memberships does with Stripe, each journey on its own. */
export const subscriptionSale: readonly Journey[] = [
  membership,
  restless,
  manualInvoices,
  memberCheckout,
  savedCards,
  portal,
]
