import type { Address } from './addresses.ts'
import type {
  CheckoutRecord,
  CheckoutSession,
  CustomerDetails,
} from './objects/checkout-session.ts'
import type { PaymentIntent } from './objects/payment-intent.ts'
import type { ErrorBody } from '../api-error.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { SetupIntent } from './objects/setup-intent.ts'
import type { SetupOutcome } from './setup-intent.ts'
import type { PaymentOutcome } from './payment-attempt.ts'
import type { TestBank } from './test-banks.ts'
import type { TestCard } from './test-cards.ts'
import type { Work } from './work.ts'
import { NO_ADDRESS } from './addresses.ts'
import { conclude, intentDescription } from './billing/invoice-collection.ts'
import { startFromCheckout } from './checkout-subscription.ts'
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
import { moneyOf, needsMethod } from './session-money.ts'
import { answerSetup, attemptSetup, newSetup, setupUrl } from './setup-intent.ts'

/** What the buyer entered on the payment page. */
export type Entry = {
  email: string | null
  name: string | null
  address: Address | null
  method:
    | { card: TestCard; expMonth: number; expYear: number }
    | { bank: TestBank }
    /** What costs nothing needs none. */
    | null
}

export type CheckoutOutcome =
  /** Done: the buyer goes to the success address. */
  | { kind: 'complete'; session: CheckoutSession }
  /** The bank asks: the buyer goes to this page. */
  | { kind: 'authenticate'; session: CheckoutSession; url: string; waiting: Waiting }
  | { kind: 'declined'; session: CheckoutSession; message: string; code: string }
  /** Nothing was done: the session was already complete, or has expired. */
  | { kind: 'closed'; session: CheckoutSession }

/** What the bank's answer is about. */
export type Waiting = PaymentIntent | SetupIntent

/**
 * Pays a session, or saves the card of one that costs nothing (yet). Whoever comes second finds it
 * closed, so it is never paid twice: the account's units of work run one after another.
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
  if (!needsMethod(known))
    return { kind: 'complete', session: await complete(work, known, record, details, null) }
  if (entry.method === null) throw new Error(`${session.id} needs a method and none was given`)
  const method = methodOf(work, entry.method, details)
  // Kept apart until the session is complete: the next attempt may be somebody else's card.
  const attempted = { ...record, buyer: details }
  if (moneyOf(known).total === 0) {
    const { setup, session: shown, record: noted } = await setupOf(work, known, attempted)
    work.put('checkout.session', shown)
    work.put('_checkout', noted)
    const outcome = await attemptSetup(work, setup, method)
    return concludeSetup(work, shown, noted, details, outcome)
  }
  const { intent, session: shown, record: noted } = await intentOf(work, known, attempted)
  const outcome = await attemptPayment(work, intent, method, {
    isOffSession: false,
    refusesAction: false,
  })
  work.put('checkout.session', shown)
  work.put('_checkout', noted)
  return concluded(work, shown, noted, details, outcome)
}

function methodOf(
  work: Work,
  entered: NonNullable<Entry['method']>,
  details: CustomerDetails,
): PaymentMethod {
  const billing = {
    address: details.address ?? NO_ADDRESS,
    email: details.email,
    name: details.name,
    phone: null,
    tax_id: null,
  }
  return 'card' in entered
    ? cardMethod(work, entered.card, {
        billing,
        expMonth: entered.expMonth,
        expYear: entered.expYear,
      })
    : bankMethod(work, entered.bank, billing)
}

/** The buyer answered 3D Secure for a session's payment, or for the card it saves. */
export async function answerForSession(
  work: Work,
  session: CheckoutSession,
  waiting: Waiting,
  isPassed: boolean,
): Promise<CheckoutOutcome> {
  if (session.status !== 'open') return { kind: 'closed', session }
  const record = await work.get('_checkout', session.id)
  if (record === undefined) throw new Error(`${session.id} has no record`)
  // While the bank asked, somebody else may have redeemed the last of the coupon: nothing is charged.
  const problem = await discountProblem(work, record.discount)
  const goesOn = isPassed && problem === undefined
  if (waiting.object === 'setup_intent') {
    const outcome = await answerSetup(work, waiting, goesOn)
    if (problem !== undefined) return { kind: 'declined', session, ...problem }
    return concludeSetup(work, session, record, record.buyer, outcome)
  }
  const outcome = await answerAuthentication(work, waiting, goesOn)
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
  if (outcome.result === 'declined') return declinedBy(session, outcome.error)
  if (outcome.result === 'requires_action')
    return {
      kind: 'authenticate',
      session,
      url: authenticationUrl(work, outcome.intent),
      waiting: outcome.intent,
    }
  const paid = { isSettled: outcome.result !== 'processing', intent: outcome.intent }
  return { kind: 'complete', session: await complete(work, session, record, details, paid) }
}

async function concludeSetup(
  work: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
  details: CustomerDetails | null,
  outcome: SetupOutcome,
): Promise<CheckoutOutcome> {
  if (outcome.result === 'declined') return declinedBy(session, outcome.error)
  if (outcome.result === 'requires_action')
    return {
      kind: 'authenticate',
      session,
      url: setupUrl(work, outcome.setup),
      waiting: outcome.setup,
    }
  const saved = { isSettled: true, setup: outcome.setup }
  return { kind: 'complete', session: await complete(work, session, record, details, saved) }
}

function declinedBy(session: CheckoutSession, error: ErrorBody): CheckoutOutcome {
  return {
    kind: 'declined',
    session,
    message: error.message,
    code: error.decline_code ?? error.code ?? 'card_declined',
  }
}

async function complete(
  work: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
  details: CustomerDetails | null,
  outcome: { isSettled: boolean; intent?: PaymentIntent; setup?: SetupIntent } | null,
): Promise<CheckoutSession> {
  work.callOff(session.id)
  const { intent, setup } = outcome ?? {}
  const bought =
    session.mode === 'subscription'
      ? await startFromCheckout(work, session, record, {
          intent: intent ?? null,
          isSettled: outcome?.isSettled ?? true,
          method: intent?.payment_method ?? setup?.payment_method ?? null,
        })
      : undefined
  if (bought === undefined) await redeem(work, record.discount)
  const done = work.put('checkout.session', {
    ...session,
    customer_details: details,
    invoice: bought?.invoice.id ?? null,
    payment_status:
      intent === undefined
        ? 'no_payment_required'
        : outcome?.isSettled === true
          ? 'paid'
          : 'unpaid',
    status: 'complete',
    subscription: bought?.subscription.id ?? null,
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
  accountWork: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
): Promise<{ intent: PaymentIntent; session: CheckoutSession; record: CheckoutRecord }> {
  const { currency, total } = moneyOf(session)
  const known = session.payment_intent ?? record.paymentIntent
  if (known !== undefined && known !== null) {
    const intent = await accountWork.named('payment_intent', known, 'payment_intent')
    return { intent: { ...intent, amount: total, customer: session.customer }, session, record }
  }
  const isSubscription = session.mode === 'subscription'
  const work = await byClockOf(accountWork, session)
  const intent = work.put(
    'payment_intent',
    newIntent(work, {
      amount: total,
      currency,
      customer: session.customer,
      payment_method_types: session.payment_method_types,
      ...record.intent,
      ...(isSubscription
        ? {
            description: intentDescription({ billing_reason: 'subscription_create', number: null }),
            setup_future_usage: 'off_session' as const,
          }
        : {}),
    }),
  )
  const how = session.payment_method_options.card.request_three_d_secure
  work.put('_intent', {
    ...newIntentRecord(intent, session.id),
    asksAuthentication: how === 'any' || how === 'challenge',
  })
  work.emit('payment_intent.created', intent)
  return {
    intent,
    // Stripe does not show the intent of a subscription's session: its invoice leads there.
    session: isSubscription ? session : { ...session, payment_intent: intent.id },
    record: isSubscription ? { ...record, paymentIntent: intent.id } : record,
  }
}

/** What saves the card of a session that costs nothing (yet). */
async function setupOf(
  accountWork: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
): Promise<{ setup: SetupIntent; session: CheckoutSession; record: CheckoutRecord }> {
  const known = session.setup_intent ?? record.setupIntent
  if (known !== undefined && known !== null) {
    const setup = await accountWork.named('setup_intent', known, 'setup_intent')
    return { setup: { ...setup, customer: session.customer }, session, record }
  }
  const work = await byClockOf(accountWork, session)
  const setup = newSetup(work, { customer: session.customer }, { session: session.id })
  return { setup, session, record: { ...record, setupIntent: setup.id } }
}

/** By the clock of the session's customer. */
async function byClockOf(work: Work, session: CheckoutSession): Promise<Work> {
  if (session.customer === null) return work
  const customer = await liveCustomer(work, session.customer, 'customer')
  return work.onClock(customer.test_clock)
}
