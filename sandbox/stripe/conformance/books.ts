import type Stripe from 'stripe'
import { Dice } from '../chaos/dice.ts'
import { startSandbox } from '../index.ts'
import { choices, type Choices } from './choices.ts'
import { recordedClient } from './recorder.ts'

/** What came of keeping books, and every place where they do not balance. */
export type Books = {
  subscriptions: number
  days: number
  invoices: number
  charges: number
  /** Minor units taken by charges, and what is left of them in the balance. */
  collected: number
  net: number
  byStatus: Record<string, number>
  seconds: number
  faults: string[]
}

/** Days the clock goes at once. */
const LEG_DAYS = 20

const CARDS = [
  'pm_card_visa',
  'pm_card_visa',
  'pm_card_mastercard',
  'pm_card_visa',
  'pm_card_chargeCustomerFail',
]

type Keeper = {
  stripe: Stripe
  advance(days: number): Promise<void>
  chance: Choices
  prices: Stripe.Price[]
  members: { customer: string; subscription: string }[]
}

/**
 * Sells so many subscriptions, lets so many days go by, in which plans change, cards fail and come
 * back, money is given back and people leave; then adds everything up.
 */
export async function keepBooks(subscriptions: number, days: number, seed = 1): Promise<Books> {
  const began = performance.now()
  const sandbox = await startSandbox({ rateLimit: 'off', delivery: 'test' })
  try {
    const { stripe } = recordedClient(sandbox.url, 'sk_test_sandbox')
    const keeper: Keeper = {
      stripe,
      advance: async (byDays) => void (await sandbox.control.advance(`${byDays}d`)),
      chance: choices(new Dice(seed).next() * 2 ** 31),
      prices: await plans(stripe),
      members: [],
    }
    await sell(keeper, subscriptions)
    for (let left = days; left > 0; left -= LEG_DAYS) {
      await keeper.advance(Math.min(LEG_DAYS, left))
      await act(keeper)
    }
    const sums = await addUp(stripe)
    return { subscriptions, days, ...sums, seconds: (performance.now() - began) / 1000 }
  } finally {
    await sandbox.close()
  }
}

async function plans(stripe: Stripe): Promise<Stripe.Price[]> {
  const rhythms = [
    { interval: 'week', interval_count: 1 },
    { interval: 'month', interval_count: 1 },
    { interval: 'month', interval_count: 3 },
    { interval: 'year', interval_count: 1 },
  ] as const
  const prices: Stripe.Price[] = []
  for (const recurring of rhythms)
    for (const unit_amount of [999, 2400, 4717])
      prices.push(
        await stripe.prices.create({
          currency: 'eur',
          unit_amount,
          recurring,
          product_data: { name: `${recurring.interval} ${unit_amount}` },
        }),
      )
  return prices
}

async function sell(keeper: Keeper, count: number): Promise<void> {
  const { stripe, chance, prices } = keeper
  const coupons = [
    await stripe.coupons.create({
      percent_off: 33.3,
      duration: 'repeating',
      duration_in_months: 4,
    }),
    await stripe.coupons.create({ amount_off: 300, currency: 'eur', duration: 'forever' }),
    await stripe.coupons.create({ percent_off: 15, duration: 'once' }),
  ]
  for (let n = 0; n < count; n += 1) {
    const customer = await stripe.customers.create({ email: `member${n}@example.com` })
    await pay(stripe, customer.id, chance.pick(CARDS))
    const made = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: chance.pick(prices).id, quantity: 1 + chance.roll(3) }],
      ...(chance.chance(0.3) ? { trial_period_days: 1 + chance.roll(30) } : {}),
      ...(chance.chance(0.3) ? { discounts: [{ coupon: chance.pick(coupons).id }] } : {}),
    })
    keeper.members.push({ customer: customer.id, subscription: made.id })
  }
}

async function pay(stripe: Stripe, customer: string, card: string): Promise<void> {
  const method = await stripe.paymentMethods.attach(card, { customer })
  await stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: method.id },
  })
}

/** A tenth of the members do something. */
async function act(keeper: Keeper): Promise<void> {
  const { stripe, chance, prices, members } = keeper
  for (const { customer, subscription } of members) {
    if (!chance.chance(0.1)) continue
    const found = await stripe.subscriptions.retrieve(subscription)
    if (['canceled', 'incomplete', 'incomplete_expired'].includes(found.status)) continue
    const deed = chance.roll(7)
    if (deed <= 1) await change(keeper, found, chance.pick(prices).id, deed === 0)
    if (deed === 2) await stripe.subscriptions.update(subscription, { cancel_at_period_end: true })
    if (deed === 3) await pay(stripe, customer, chance.pick(CARDS))
    if (deed === 4) await refundSomething(keeper, customer)
    if (deed === 5)
      await stripe.customers.createBalanceTransaction(customer, {
        amount: chance.roll(1_000) - 700,
        currency: 'eur',
      })
    if (deed === 6 && chance.chance(0.3))
      await stripe.subscriptions.cancel(subscription, { prorate: true, invoice_now: true })
  }
}

async function change(
  { stripe }: Keeper,
  found: Stripe.Subscription,
  price: string,
  atOnce: boolean,
): Promise<void> {
  const [item] = found.items.data
  if (item === undefined || item.price.id === price) return
  await stripe.subscriptions.update(found.id, {
    items: [{ id: item.id, price }],
    proration_behavior: atOnce ? 'always_invoice' : 'create_prorations',
    ...(atOnce ? { payment_behavior: 'pending_if_incomplete' as const } : {}),
  })
}

async function refundSomething({ stripe, chance }: Keeper, customer: string): Promise<void> {
  const { data } = await stripe.charges.list({ customer, limit: 5 })
  const charge = data.find((one) => one.status === 'succeeded' && !one.refunded)
  if (charge === undefined) return
  const left = charge.amount - charge.amount_refunded
  await stripe.refunds.create({
    charge: charge.id,
    amount: chance.chance(0.5) ? left : Math.max(1, Math.floor(left / 3)),
  })
}

async function all<T extends { id: string }>(
  list: (params: { limit: number; starting_after?: string }) => Promise<{
    data: T[]
    has_more: boolean
  }>,
): Promise<T[]> {
  const found: T[] = []
  for (;;) {
    const last = found.at(-1)
    const page = await list({
      limit: 100,
      ...(last === undefined ? {} : { starting_after: last.id }),
    })
    found.push(...page.data)
    if (!page.has_more) return found
  }
}

type Sums = Pick<Books, 'invoices' | 'charges' | 'collected' | 'net' | 'byStatus' | 'faults'>

/** Holds everything against everything else. */
async function addUp(stripe: Stripe): Promise<Sums> {
  const invoices = await all((page) => stripe.invoices.list(page) as Promise<Page<Whole>>)
  const charges = await all((page) => stripe.charges.list(page))
  const transactions = await all((page) => stripe.balanceTransactions.list(page))
  const payments = await all((page) => stripe.invoicePayments.list(page))
  const customers = await all((page) => stripe.customers.list(page))
  const subscriptions = await all((page) => stripe.subscriptions.list({ ...page, status: 'all' }))
  const faults: string[] = []
  const same = (what: string, a: number, b: number): void => {
    if (a !== b) faults.push(`${what}: ${a} is not ${b}`)
  }
  for (const invoice of invoices) checkInvoice(invoice, same)
  checkNumbers(invoices, faults)
  const taken = charges.filter((charge) => charge.status === 'succeeded')
  const collected = sum(taken.map((charge) => charge.amount))
  same(
    'what invoices were paid by intents',
    sum(payments.map((payment) => payment.amount_paid ?? 0)),
    collected,
  )
  same('what invoices say was paid', sum(invoices.map((invoice) => invoice.amount_paid)), collected)
  const net = sum(transactions.map((one) => one.net))
  const gross = sum(transactions.filter((one) => one.type === 'charge').map((one) => one.amount))
  same('what charges moved', gross, collected)
  const balance = await stripe.balance.retrieve()
  const shown = [...balance.available, ...balance.pending].filter((one) => one.currency === 'eur')
  same('the balance', sum(shown.map((one) => one.amount)), net)
  for (const customer of customers) {
    const moved = await all((page) => stripe.customers.listBalanceTransactions(customer.id, page))
    same(`the balance of ${customer.id}`, customer.balance, sum(moved.map((one) => one.amount)))
  }
  for (const subscription of subscriptions) checkPeriods(subscription, invoices, faults)
  const byStatus: Record<string, number> = {}
  for (const { status } of subscriptions) byStatus[status] = (byStatus[status] ?? 0) + 1
  return { invoices: invoices.length, charges: taken.length, collected, net, byStatus, faults }
}

/** An invoice that was made, as opposed to a preview: it has an id. */
type Whole = Stripe.Invoice & { id: string }

type Page<T> = { data: T[]; has_more: boolean }

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}

function checkInvoice(invoice: Whole, same: (what: string, a: number, b: number) => void): void {
  const about = (what: string): string => `${what} of ${invoice.id}`
  const lines = invoice.lines.data
  same(about('lines'), sum(lines.map((line) => line.amount)), invoice.subtotal)
  const off = sum(lines.flatMap((line) => line.discount_amounts ?? []).map((one) => one.amount))
  same(about('discounts'), invoice.subtotal - off, invoice.total)
  if (invoice.status === 'paid' || invoice.status === 'open') {
    const fromBalance = (invoice.ending_balance ?? 0) - invoice.starting_balance
    same(about('what is due'), invoice.total + -fromBalance, invoice.amount_due)
    same(about('what is left'), invoice.amount_paid + invoice.amount_remaining, invoice.amount_due)
  }
}

/** The numbers of a customer's invoices have no gap and no twin. */
function checkNumbers(invoices: readonly Whole[], faults: string[]): void {
  const byPrefix = new Map<string, number[]>()
  for (const { number } of invoices) {
    const [, prefix, sequence] = /^(\w+)-(\d+)$/.exec(number ?? '') ?? []
    if (prefix === undefined) continue
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), Number(sequence)])
  }
  for (const [prefix, numbers] of byPrefix) {
    const sorted = numbers.toSorted((a, b) => a - b)
    if (sorted.some((number, at) => number !== at + 1))
      faults.push(`the numbers of ${prefix}: ${sorted.join(' ')}`)
  }
}

/** What renewals bill follows on without a gap: each begins where a period ended. */
function checkPeriods(
  subscription: Stripe.Subscription,
  invoices: readonly Whole[],
  faults: string[],
): void {
  const own = invoices
    .filter((one) => one.parent?.subscription_details?.subscription === subscription.id)
    .filter((one) => one.billing_reason === 'subscription_cycle')
    .toReversed()
  for (const invoice of own) {
    const line = invoice.lines.data.find(
      (one) => one.parent?.subscription_item_details?.proration === false,
    )
    if (line !== undefined && line.period.start !== invoice.period_end)
      faults.push(`a gap before ${invoice.id}`)
  }
  for (const [at, invoice] of own.entries()) {
    const next = own[at + 1]
    if (next !== undefined && next.period_start < invoice.period_end)
      faults.push(`an overlap of ${invoice.id} and ${next.id}`)
  }
}
