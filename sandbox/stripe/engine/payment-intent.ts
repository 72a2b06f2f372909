import type { IntentRecord, IntentStatus, PaymentIntent } from './objects/payment-intent.ts'
import type { Work } from './work.ts'
import { ApiError, docUrl, noSuchObject } from '../api-error.ts'
import { debitTypeFor } from './test-banks.ts'

/** What may be done with an intent in which state. Everything else is refused by name. */
const ALLOWED = {
  confirmed: ['requires_payment_method', 'requires_confirmation', 'requires_action'],
  captured: ['requires_capture'],
  canceled: [
    'requires_payment_method',
    'requires_capture',
    'requires_confirmation',
    'requires_action',
  ],
  updated: ['requires_payment_method', 'requires_confirmation', 'requires_action'],
} as const satisfies Record<string, readonly IntentStatus[]>

const VERBS = { confirmed: 'confirm', captured: 'capture', canceled: 'cancel', updated: 'update' }

/** A PaymentIntent with the given facts and everything else as at the beginning. */
export function newIntent(
  work: Work,
  facts: Pick<PaymentIntent, 'amount' | 'currency'> & Partial<PaymentIntent>,
): PaymentIntent {
  const id = work.id('pi')
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_${work.id('secret')}`,
    confirmation_method: 'automatic',
    created: work.now,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: 'automatic',
      },
    },
    payment_method_types: ['card', debitTypeFor(facts.currency)],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
    ...facts,
  }
}

export function newIntentRecord(intent: PaymentIntent, session: string | null): IntentRecord {
  return {
    id: intent.id,
    object: '_intent',
    created: intent.created,
    session,
    returnUrl: null,
    asksAuthentication: false,
  }
}

/** ApiError 400 `payment_intent_unexpected_state` unless the intent's state allows it. */
export function assertAllowed(intent: PaymentIntent, deed: keyof typeof ALLOWED): void {
  const allowed: readonly IntentStatus[] = ALLOWED[deed]
  if (allowed.includes(intent.status)) return
  throw new ApiError(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `You cannot ${VERBS[deed]} this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be ${deed}: ${allowed.join(', ')}.`,
    doc_url: docUrl('payment_intent_unexpected_state'),
    payment_intent: intent,
  })
}

export async function intentNamed(work: Work, id: string, param: string): Promise<PaymentIntent> {
  const intent = await work.get('payment_intent', id)
  if (intent === undefined) throw noSuchObject('payment_intent', id, param)
  return intent
}
