import type { ErrorBody } from '../api-error.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { SetupIntent, SetupRecord } from './objects/setup-intent.ts'
import type { Work } from './work.ts'
import { docUrl } from '../api-error.ts'
import { declineBody } from './declines.ts'
import { instrumentOf, markSetUp } from './instruments.ts'
import { liveCustomer } from './customer.ts'
import { DECLINES } from './test-cards.ts'

/** How an attempt to save a method for later ended. */
export type SetupOutcome =
  | { result: 'succeeded' | 'requires_action'; setup: SetupIntent }
  | { result: 'declined'; setup: SetupIntent; error: ErrorBody }

const AUTHENTICATION_FAILED: ErrorBody = {
  type: 'invalid_request_error',
  code: 'setup_intent_authentication_failure',
  message:
    'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
}

/** A SetupIntent with the given facts and everything else as at the beginning; kept and told. */
export function newSetup(
  work: Work,
  facts: Partial<SetupIntent> = {},
  behind: Partial<Pick<SetupRecord, 'session' | 'portal' | 'returnUrl'>> = {},
): SetupIntent {
  const id = work.id('seti')
  const setup = work.put('setup_intent', {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true },
    cancellation_reason: null,
    client_secret: `${id}_${work.id('secret')}`,
    created: work.now,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
    ...facts,
  })
  work.put('_setup', {
    id,
    object: '_setup',
    created: work.now,
    session: null,
    portal: null,
    returnUrl: null,
    ...behind,
  })
  work.emit('setup_intent.created', setup)
  return setup
}

/** Tries to save a method: asks for 3D Secure where the card wants it, and attaches it. */
export async function attemptSetup(
  work: Work,
  setup: SetupIntent,
  method: PaymentMethod,
): Promise<SetupOutcome> {
  const instrument = await instrumentOf(work, method)
  if ('card' in instrument) {
    const { card, isSetUp } = instrument
    if (card.attachDeclined === true && card.charge !== 'approved')
      return refused(work, setup, method, declineBody(DECLINES[card.charge]))
    const asks =
      card.authentication === 'always' || (card.authentication === 'until_set_up' && !isSetUp)
    if (asks) return askBank(work, setup, method)
  }
  return succeed(work, setup, method)
}

async function askBank(
  work: Work,
  setup: SetupIntent,
  method: PaymentMethod,
): Promise<SetupOutcome> {
  const record = await work.get('_setup', setup.id)
  const url = setupUrl(work, setup)
  const waiting = work.put('setup_intent', {
    ...setup,
    last_setup_error: null,
    next_action:
      record?.returnUrl == null
        ? {
            type: 'use_stripe_sdk',
            use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
          }
        : {
            type: 'redirect_to_url',
            redirect_to_url: { return_url: record.returnUrl, url },
          },
    payment_method: method.id,
    status: 'requires_action',
  })
  work.emit('setup_intent.requires_action', waiting)
  return { result: 'requires_action', setup: waiting }
}

/** The address where the buyer answers the bank's question. */
export function setupUrl(work: Work, setup: SetupIntent): string {
  return `${work.settings.publicUrl}/3ds/${setup.id}?client_secret=${setup.client_secret}`
}

/** The buyer has answered the bank's question. */
export async function answerSetup(
  work: Work,
  setup: SetupIntent,
  isPassed: boolean,
): Promise<SetupOutcome> {
  if (setup.payment_method === null) throw new Error(`${setup.id} waits without a method`)
  const method = await work.named('payment_method', setup.payment_method, 'payment_method')
  return isPassed
    ? succeed(work, setup, method)
    : refused(work, setup, method, AUTHENTICATION_FAILED)
}

async function succeed(
  work: Work,
  setup: SetupIntent,
  method: PaymentMethod,
): Promise<SetupOutcome> {
  await markSetUp(work, method.id)
  if (setup.customer !== null && method.customer === null) {
    const customer = await liveCustomer(work, setup.customer, 'customer')
    const attached = work.put('payment_method', { ...method, customer: customer.id })
    work.emit('payment_method.attached', attached)
  }
  const done = work.put('setup_intent', {
    ...setup,
    last_setup_error: null,
    next_action: null,
    payment_method: method.id,
    status: 'succeeded',
  })
  work.emit('setup_intent.succeeded', done)
  return { result: 'succeeded', setup: done }
}

async function refused(
  work: Work,
  setup: SetupIntent,
  method: PaymentMethod,
  why: ErrorBody,
): Promise<SetupOutcome> {
  const error: ErrorBody = {
    ...why,
    ...(why.code === undefined ? {} : { doc_url: docUrl(why.code) }),
    payment_method: method,
  }
  const failed = work.put('setup_intent', {
    ...setup,
    last_setup_error: error,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  })
  work.emit('setup_intent.setup_failed', failed)
  return { result: 'declined', setup: failed, error }
}

export function cancelSetup(
  work: Work,
  setup: SetupIntent,
  reason: SetupIntent['cancellation_reason'],
): SetupIntent {
  const canceled = work.put('setup_intent', {
    ...setup,
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  })
  work.emit('setup_intent.canceled', canceled)
  return canceled
}
