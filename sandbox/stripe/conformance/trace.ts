import type Stripe from 'stripe'
import type { Shop } from '../testing/shop.ts'
import { advance, aPayer, at, invoicesOf, itemOf, payBy } from '../testing/subscribing.ts'

/** What is done at a moment of a trace, before one looks. */
export type Deed = {
  /** Everything is charged to this card from now on. */
  card?: string
  cancel_at_period_end?: boolean
  /** Another plan, by its name in the trace. */
  change_to?: string
  proration?: 'always_invoice' | 'create_prorations' | 'none'
}

/** How a subscription stands at a moment. */
export type Sight = {
  status: string
  /** Where its period ends. */
  period_end: string
  cancel_at: string | null
  /** Oldest first: what it was made for, its state, what it costs, what was paid, attempts. */
  invoices: [string, string, number, number, number][]
  /** Types of its events since the moment before, in the order they happened. */
  events: string[]
}

/** A life of one subscription by a test clock, with what is to be seen at each moment. */
export type Trace = {
  name: string
  begins: string
  plans: Record<
    string,
    { amount: number; interval: 'day' | 'week' | 'month' | 'year'; interval_count?: number }
  >
  subscribe: { plan: string; card: string; trial_days?: number }
  billing?: {
    retry_after_days?: number[]
    afterwards?: 'cancel' | 'mark_unpaid' | 'leave_past_due'
  }
  moments: { at: string; do?: Deed; see: Sight }[]
}

/** Lives a trace through on a shop and tells what was seen at each moment. */
export async function live(shop: Shop, trace: Trace): Promise<Sight[]> {
  if (trace.billing !== undefined) await shop.control.setBilling(trace.billing)
  const prices = new Map<string, string>()
  for (const [name, { amount, interval, interval_count }] of Object.entries(trace.plans)) {
    const price = await shop.stripe.prices.create({
      currency: 'eur',
      unit_amount: amount,
      recurring: { interval, interval_count: interval_count ?? 1 },
      product_data: { name },
    })
    prices.set(name, price.id)
  }
  const priceOf = (name: string): string => {
    const price = prices.get(name)
    if (price === undefined) throw new Error(`The trace has no plan ${name}`)
    return price
  }
  const clock = await shop.stripe.testHelpers.testClocks.create({ frozen_time: at(trace.begins) })
  const customer = await aPayer(shop, trace.subscribe.card, { test_clock: clock.id })
  const made = await shop.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: priceOf(trace.subscribe.plan) }],
    ...(trace.subscribe.trial_days === undefined
      ? {}
      : { trial_period_days: trace.subscribe.trial_days }),
  })
  const sights: Sight[] = []
  let told = 0
  for (const moment of trace.moments) {
    const now = (await shop.stripe.testHelpers.testClocks.retrieve(clock.id)).frozen_time
    if (at(moment.at) > now) await advance(shop, clock.id, at(moment.at))
    await act(shop, made, customer.id, moment.do ?? {}, priceOf)
    const types = await shop.eventTypes(made.id)
    sights.push(await look(shop, made.id, types.slice(told)))
    told = types.length
  }
  return sights
}

async function act(
  shop: Shop,
  made: Stripe.Subscription,
  customer: string,
  deed: Deed,
  priceOf: (name: string) => string,
): Promise<void> {
  if (deed.card !== undefined) await payBy(shop, customer, deed.card)
  if (deed.cancel_at_period_end !== undefined)
    await shop.stripe.subscriptions.update(made.id, {
      cancel_at_period_end: deed.cancel_at_period_end,
    })
  if (deed.change_to !== undefined)
    await shop.stripe.subscriptions.update(made.id, {
      items: [{ id: itemOf(made).id, price: priceOf(deed.change_to) }],
      proration_behavior: deed.proration ?? 'create_prorations',
    })
}

async function look(shop: Shop, id: string, events: string[]): Promise<Sight> {
  const found = await shop.stripe.subscriptions.retrieve(id)
  const invoices = await invoicesOf(shop, id)
  return {
    status: found.status,
    period_end: moment(itemOf(found).current_period_end),
    cancel_at: found.cancel_at === null ? null : moment(found.cancel_at),
    invoices: invoices.map((one) => [
      one.billing_reason ?? '',
      one.status ?? '',
      one.total,
      one.amount_paid,
      one.attempt_count,
    ]),
    events,
  }
}

function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', '')
}
