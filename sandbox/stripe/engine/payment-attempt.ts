import type { ErrorBody } from '../api-error.ts'
import type { Charge } from './objects/charge.ts'
import type { NextAction, PaymentIntent } from './objects/payment-intent.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { TestBank } from './test-banks.ts'
import type { Decline, TestCard } from './test-cards.ts'
import type { Work } from './work.ts'
import { docUrl } from '../api-error.ts'
import { approved, chargeOf, declined } from './charge.ts'
import { liveCustomer } from './customer.ts'
import { declineBody } from './declines.ts'
import { expireAuthorizationLater } from './authorizations.ts'
import { instrumentOf, markSetUp } from './instruments.ts'
import { DECLINES } from './test-cards.ts'

/** How an attempt to take money with a payment method ended. */
export type PaymentOutcome =
  | { result: 'succeeded' | 'authorized' | 'processing' | 'requires_action'; intent: PaymentIntent }
  | { result: 'declined'; intent: PaymentIntent; error: ErrorBody }

/** What Stripe says when 3D Secure was failed. */
const AUTHENTICATION_FAILED: ErrorBody = {
  type: 'invalid_request_error',
  code: 'payment_intent_authentication_failure',
  message:
    'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
}

/**
 * Tries to take the intent's money with a method: asks for 3D Secure where the card wants it,
 * charges a card at once, begins a bank debit. Writes intent and charge and says what happened.
 */
export async function attemptPayment(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
  options: { isOffSession: boolean; refusesAction: boolean },
): Promise<PaymentOutcome> {
  const instrument = await instrumentOf(work, method)
  if ('bank' in instrument) return beginDebit(work, intent, method)
  const record = await work.get('_intent', intent.id)
  const needsAuthentication =
    record?.asksAuthentication === true ||
    instrument.card.authentication === 'always' ||
    (instrument.card.authentication === 'until_set_up' && !instrument.isSetUp)
  if (!needsAuthentication) return chargeCard(work, intent, method, instrument.card, false)
  if (options.isOffSession || options.refusesAction)
    return decline(work, intent, method, DECLINES.authentication_required)
  const waiting = work.put('payment_intent', {
    ...intent,
    last_payment_error: null,
    next_action: authenticationStep(work, intent, record?.returnUrl ?? null),
    payment_method: method.id,
    status: 'requires_action',
  })
  work.emit('payment_intent.requires_action', waiting)
  return { result: 'requires_action', intent: waiting }
}

/** The buyer has answered the bank's question: the payment goes on, or the method is refused. */
export async function answerAuthentication(
  work: Work,
  intent: PaymentIntent,
  isPassed: boolean,
): Promise<PaymentOutcome> {
  if (intent.payment_method === null) throw new Error(`${intent.id} waits without a method`)
  const method = await work.named('payment_method', intent.payment_method, 'payment_method')
  const instrument = await instrumentOf(work, method)
  if (!isPassed || !('card' in instrument)) {
    const failed = work.put('payment_intent', {
      ...intent,
      last_payment_error: {
        ...AUTHENTICATION_FAILED,
        doc_url: docUrl('payment_intent_authentication_failure'),
        payment_method: method,
      },
      next_action: null,
      payment_method: null,
      status: 'requires_payment_method',
    })
    work.emit('payment_intent.payment_failed', failed)
    return { result: 'declined', intent: failed, error: AUTHENTICATION_FAILED }
  }
  return chargeCard(work, intent, method, instrument.card, true)
}

/** The address where the buyer answers the bank's question. */
export function authenticationUrl(work: Work, intent: PaymentIntent): string {
  return `${work.settings.publicUrl}/3ds/${intent.id}?client_secret=${intent.client_secret}`
}

function authenticationStep(
  work: Work,
  intent: PaymentIntent,
  returnUrl: string | null,
): NextAction {
  const url = authenticationUrl(work, intent)
  return returnUrl === null
    ? {
        type: 'use_stripe_sdk',
        use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
      }
    : { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } }
}

async function chargeCard(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
  card: TestCard,
  isAuthenticated: boolean,
): Promise<PaymentOutcome> {
  if (card.charge !== 'approved') return decline(work, intent, method, DECLINES[card.charge])
  const isCaptured = intent.capture_method !== 'manual'
  const charge = work.put(
    'charge',
    await approved(work, chargeOf(work, intent, method), { captured: isCaptured, isAuthenticated }),
  )
  work.emit('charge.succeeded', charge)
  if (isAuthenticated || intent.setup_future_usage !== null) await markSetUp(work, method.id)
  await keepForLater(work, intent, method)
  planAftermath(work, card, charge)
  const after = work.put('payment_intent', {
    ...intent,
    amount_capturable: isCaptured ? 0 : intent.amount,
    amount_received: isCaptured ? intent.amount : 0,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: isCaptured ? 'succeeded' : 'requires_capture',
  })
  if (isCaptured) {
    work.emit('payment_intent.succeeded', after)
    return { result: 'succeeded', intent: after }
  }
  work.emit('payment_intent.amount_capturable_updated', after)
  expireAuthorizationLater(work, after)
  return { result: 'authorized', intent: after }
}

/** `setup_future_usage`: the method is saved with the customer it was used for. */
async function keepForLater(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
): Promise<void> {
  if (intent.setup_future_usage === null || intent.customer === null || method.customer !== null)
    return
  const customer = await liveCustomer(work, intent.customer, 'customer')
  const attached = work.put('payment_method', { ...method, customer: customer.id })
  work.emit('payment_method.attached', attached)
}

function planAftermath(work: Work, card: TestCard, charge: Charge): void {
  if (card.aftermath === undefined) return
  work.later(work.nowMs, `aftermath.${card.aftermath}`, charge.id)
}

async function decline(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
  why: Decline,
): Promise<PaymentOutcome> {
  const body = declineBody(why)
  const charge = work.put(
    'charge',
    declined(chargeOf(work, intent, method), why, body.advice_code ?? null),
  )
  const error: ErrorBody = {
    ...body,
    charge: charge.id,
    doc_url: docUrl(why.code),
    payment_method: method,
  }
  work.emit('charge.failed', charge)
  const after = work.put('payment_intent', {
    ...intent,
    last_payment_error: error,
    latest_charge: charge.id,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  })
  work.emit('payment_intent.payment_failed', after)
  return { result: 'declined', intent: after, error }
}

async function beginDebit(
  work: Work,
  intent: PaymentIntent,
  method: PaymentMethod,
): Promise<PaymentOutcome> {
  const charge = work.put('charge', chargeOf(work, intent, method))
  const after = work.put('payment_intent', {
    ...intent,
    last_payment_error: null,
    latest_charge: charge.id,
    payment_method: method.id,
    status: 'processing',
  })
  work.emit('charge.pending', charge)
  work.emit('payment_intent.processing', after)
  work.later(work.nowMs + work.settings.debitSettlesAfterMs, 'debit.settle', intent.id)
  return { result: 'processing', intent: after }
}

/**
 * A begun bank debit comes to its end.
 * @param forced overrides what the test bank would answer
 */
export async function settleDebit(
  work: Work,
  intent: PaymentIntent,
  forced?: 'succeeded' | 'failed',
): Promise<PaymentOutcome> {
  if (intent.latest_charge === null || intent.payment_method === null)
    throw new Error(`${intent.id} is processing without a charge`)
  work.callOff(intent.id, 'debit.settle')
  const charge = await work.named('charge', intent.latest_charge, 'charge')
  const method = await work.named('payment_method', intent.payment_method, 'payment_method')
  const instrument = await instrumentOf(work, method)
  if (!('bank' in instrument)) throw new Error(`${intent.id} is no bank debit`)
  const failure = failureOf(instrument.bank, forced)
  if (failure !== undefined) return failDebit(work, intent, charge, method, failure)
  const paid = work.put(
    'charge',
    await approved(work, charge, { captured: true, isAuthenticated: false }),
  )
  work.emit('charge.succeeded', paid)
  const after = work.put('payment_intent', {
    ...intent,
    amount_received: intent.amount,
    status: 'succeeded',
  })
  work.emit('payment_intent.succeeded', after)
  return { result: 'succeeded', intent: after }
}

function failureOf(
  bank: TestBank,
  forced: 'succeeded' | 'failed' | undefined,
): Decline | undefined {
  const isPaid = forced === undefined ? bank.outcome.succeeds : forced === 'succeeded'
  if (isPaid) return undefined
  return bank.outcome.succeeds
    ? {
        code: 'insufficient_funds',
        message: "The customer's account has insufficient funds to cover this payment.",
      }
    : bank.outcome
}

async function failDebit(
  work: Work,
  intent: PaymentIntent,
  charge: Charge,
  method: PaymentMethod,
  failure: Decline,
): Promise<PaymentOutcome> {
  const failed = work.put('charge', {
    ...charge,
    failure_code: failure.code,
    failure_message: failure.message,
    paid: false,
    status: 'failed',
  })
  const error: ErrorBody = {
    type: 'card_error',
    code: failure.code,
    message: failure.message,
    charge: charge.id,
    payment_method: method,
  }
  work.emit('charge.failed', failed)
  const after = work.put('payment_intent', {
    ...intent,
    last_payment_error: error,
    payment_method: null,
    status: 'requires_payment_method',
  })
  work.emit('payment_intent.payment_failed', after)
  return { result: 'declined', intent: after, error }
}
