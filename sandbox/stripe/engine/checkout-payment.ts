import type { Address } from './addresses.ts'
import type {
  CheckoutRecord,
  CheckoutSession,
  CustomerDetails,
} from './objects/checkout-session.ts'
import type { PaymentIntent } from './objects/payment-intent.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { PaymentOutcome } from './payment-attempt.ts'
import type { TestBank } from './test-banks.ts'
import type { TestCard } from './test-cards.ts'
import type { Work } from './work.ts'
import { conclude } from './billing/invoice-collection.ts'
import { customerFromCheckout, liveCustomer } from './customer.ts'
import {
  answerAuthentication,
  attemptPayment,
  authenticationUrl,
  settleDebit,
} from './payment-attempt.ts'
import { discountProblem, redeem } from './discounts.ts'
import { newIntent, newIntentRecord } from './payment-intent.ts'
import { bankMethod, cardMethod } from './payment-method.ts'

/** What the buyer entered on the payment page. */
export type Entry = {
  email: string | null
  name: string | null
  address: Address | null
  method:
    | { card: TestCard; expMonth: number; expYear: number }
    | { bank: TestBank }
    /** A free order needs none. */
    | null
}

export type CheckoutOutcome =
  /** Done: the buyer goes to the success address. */
  | { kind: 'complete'; session: CheckoutSession }
  /** The bank asks: the buyer goes to this page. */
  | { kind: 'authenticate'; session: CheckoutSession; url: string }
  | { kind: 'declined'; session: CheckoutSession; message: string; code: string }
  /** Nothing was done: the session was already complete, or has expired. */
  | { kind: 'closed'; session: CheckoutSession }

/**
 * Pays a session. Whoever comes second finds it closed, so it is never paid twice: the account's
 * units of work run one after another.
 */
export async function paySession(
  work: Work,
  session: CheckoutSession,
  entry: Entry,
): Promise<CheckoutOutcome> {
  if (session.status !== 'open' || work.now >= session.expires_at)
    return { kind: 'closed', session }
  const record = await work.get('_checkout', session.id)
  if (record === undefined) throw new Error(`${session.id} has no record`)
  const problem = await discountProblem(work, record.discount)
  if (problem !== undefined) return { kind: 'declined', session, ...problem }
  const { session: known, details } = await withBuyer(work, session, record, entry)
  if (known.amount_total === 0)
    return { kind: 'complete', session: await complete(work, known, record, details, null) }
  if (entry.method === null) throw new Error(`${session.id} costs money and no method was given`)
  const intent = await intentOf(work, known, record)
  const billing = {
    address: details.address ?? {
      city: null,
      country: null,
      line1: null,
      line2: null,
      postal_code: null,
      state: null,
    },
    email: details.email,
    name: details.name,
    phone: null,
    tax_id: null,
  }
  const method: PaymentMethod =
    'card' in entry.method
      ? cardMethod(work, entry.method.card, {
          billing,
          expMonth: entry.method.expMonth,
          expYear: entry.method.expYear,
        })
      : bankMethod(work, entry.method.bank, billing)
  const outcome = await attemptPayment(work, intent, method, {
    isOffSession: false,
    refusesAction: false,
  })
  const attempted = work.put('checkout.session', { ...known, payment_intent: intent.id })
  // Kept apart until the session is complete: the next attempt may be somebody else's card.
  work.put('_checkout', { ...record, buyer: details })
  return concluded(work, attempted, record, details, outcome)
}

/** The buyer answered 3D Secure for a session's payment. */
export async function answerForSession(
  work: Work,
  session: CheckoutSession,
  intent: PaymentIntent,
  isPassed: boolean,
): Promise<CheckoutOutcome> {
  if (session.status !== 'open') return { kind: 'closed', session }
  const record = await work.get('_checkout', session.id)
  if (record === undefined) throw new Error(`${session.id} has no record`)
  // While the bank asked, somebody else may have redeemed the last of the coupon: nothing is charged.
  const problem = await discountProblem(work, record.discount)
  const outcome = await answerAuthentication(work, intent, isPassed && problem === undefined)
  if (problem !== undefined) return { kind: 'declined', session, ...problem }
  return concluded(work, session, record, record.buyer, outcome)
}

async function concluded(
  work: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
  details: CustomerDetails | null,
  outcome: PaymentOutcome,
): Promise<CheckoutOutcome> {
  if (outcome.result === 'declined')
    return {
      kind: 'declined',
      session,
      message: outcome.error.message,
      code: outcome.error.decline_code ?? outcome.error.code ?? 'card_declined',
    }
  if (outcome.result === 'requires_action')
    return { kind: 'authenticate', session, url: authenticationUrl(work, outcome.intent) }
  return { kind: 'complete', session: await complete(work, session, record, details, outcome) }
}

async function complete(
  work: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
  details: CustomerDetails | null,
  outcome: { result: string } | null,
): Promise<CheckoutSession> {
  work.callOff(session.id)
  await redeem(work, record.discount)
  const done = work.put('checkout.session', {
    ...session,
    customer_details: details,
    payment_status:
      outcome === null ? 'no_payment_required' : outcome.result === 'succeeded' ? 'paid' : 'unpaid',
    status: 'complete',
    url: null,
  })
  work.emit('checkout.session.completed', done)
  return done
}

/** A bank debit of a session (or of a lone intent) comes to its end. */
export async function settle(
  work: Work,
  intent: PaymentIntent,
  forced?: 'succeeded' | 'failed',
): Promise<PaymentIntent> {
  const outcome = await settleDebit(work, intent, forced)
  const record = await work.get('_intent', intent.id)
  if (record?.invoice !== undefined) await conclude(work, record.invoice, outcome)
  if (record?.session == null) return outcome.intent
  const session = await work.named('checkout.session', record.session, 'session')
  if (outcome.result === 'succeeded') {
    const paid = work.put('checkout.session', { ...session, payment_status: 'paid' })
    work.emit('checkout.session.async_payment_succeeded', paid)
  } else {
    work.emit('checkout.session.async_payment_failed', session)
  }
  return outcome.intent
}

/** Who is paying: the session's customer, brought up to date, or a new one when asked for. */
async function withBuyer(
  work: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
  entry: Entry,
): Promise<{ session: CheckoutSession; details: CustomerDetails }> {
  const email = session.customer_details?.email ?? entry.email
  const details: CustomerDetails = {
    address: entry.address,
    business_name: null,
    email,
    individual_name: null,
    name: entry.name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  }
  if (session.customer !== null) {
    const customer = await liveCustomer(work, session.customer, 'customer')
    // A customer that an earlier attempt of this session made is whoever makes the last one.
    const isOurs = session.customer_creation === 'always'
    const takes = (part: 'address' | 'name'): boolean =>
      isOurs || record.customerUpdate[part] === 'auto'
    work.update('customer', 'customer.updated', customer, {
      ...customer,
      address: takes('address') ? (entry.address ?? customer.address) : customer.address,
      email: isOurs ? email : (customer.email ?? email),
      name: takes('name') ? (entry.name ?? customer.name) : customer.name,
    })
    return { session, details }
  }
  if (session.customer_creation !== 'always') return { session, details }
  const customer = customerFromCheckout(work, {
    email,
    name: entry.name,
    address: entry.address,
  })
  return { session: { ...session, customer: customer.id }, details }
}

/** The session's PaymentIntent: made at the first attempt, used again for the next ones. */
async function intentOf(
  work: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
): Promise<PaymentIntent> {
  if (session.payment_intent !== null) {
    const intent = await work.named('payment_intent', session.payment_intent, 'payment_intent')
    return { ...intent, customer: session.customer }
  }
  const intent = work.put(
    'payment_intent',
    newIntent(work, {
      amount: session.amount_total,
      currency: session.currency,
      customer: session.customer,
      payment_method_types: session.payment_method_types,
      ...record.intent,
    }),
  )
  const how = session.payment_method_options.card.request_three_d_secure
  work.put('_intent', {
    ...newIntentRecord(intent, session.id),
    asksAuthentication: how === 'any' || how === 'challenge',
  })
  work.emit('payment_intent.created', intent)
  return intent
}
