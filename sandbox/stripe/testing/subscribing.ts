import type Stripe from 'stripe'
import type { Shop } from './shop.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { idOf } from './shop.ts'

/** Unix seconds of a day, or of a moment, in UTC. */
export function at(text: string): number {
  return Date.parse(`${text}${text.includes('T') ? '' : 'T00:00:00'}Z`) / 1000
}

/** A recurring price in euros, of a product of its own. */
export async function aPlan(
  { stripe }: Pick<Shop, 'stripe'>,
  amount = 2400,
  recurring: Stripe.PriceCreateParams.Recurring = { interval: 'month' },
  name = 'Supporter',
): Promise<Stripe.Price> {
  return stripe.prices.create({
    currency: 'eur',
    unit_amount: amount,
    recurring,
    product_data: { name },
  })
}

/** A customer whose card is the one to be charged. */
export async function aPayer(
  { stripe }: Pick<Shop, 'stripe'>,
  card = 'pm_card_visa',
  more: Stripe.CustomerCreateParams = {},
): Promise<Stripe.Customer> {
  const customer = await stripe.customers.create({ email: 'reader@example.com', ...more })
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id })
  return stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
  })
}

/** From now on this card is charged for everything the customer has. */
export async function payBy(
  { stripe }: Pick<Shop, 'stripe'>,
  customer: string,
  card: string,
): Promise<void> {
  const method = await stripe.paymentMethods.attach(card, { customer })
  await stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: method.id },
  })
}

/** A subscription by API. */
export async function subscribe(
  shop: Pick<Shop, 'stripe'>,
  customer: string,
  price: string,
  more: Partial<Stripe.SubscriptionCreateParams> = {},
): Promise<Stripe.Subscription> {
  return shop.stripe.subscriptions.create({ customer, items: [{ price }], ...more })
}

export function itemOf(subscription: Stripe.Subscription): Stripe.SubscriptionItem {
  const [item] = subscription.items.data
  if (item === undefined) throw new Error('A subscription without items')
  return item
}

/** The invoices of a subscription, oldest first. */
export async function invoicesOf(
  { stripe }: Pick<Shop, 'stripe'>,
  subscription: string,
): Promise<Stripe.Invoice[]> {
  return (await stripe.invoices.list({ subscription, limit: 100 })).data.toReversed()
}

export async function latestInvoice(
  { stripe }: Pick<Shop, 'stripe'>,
  subscription: string,
): Promise<Stripe.Invoice> {
  const found = await stripe.subscriptions.retrieve(subscription)
  return stripe.invoices.retrieve(idOf(found.latest_invoice))
}

/** Moves a test clock and waits until it has arrived. */
export async function advance(
  { stripe }: Pick<Shop, 'stripe'>,
  clock: string,
  to: number,
): Promise<void> {
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time: to })
  const patience = Date.now() + 30_000
  for (;;) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock)
    if (status === 'ready') return
    if (Date.now() > patience) throw new Error(`The clock is still ${status}`)
    await pause(10)
  }
}
