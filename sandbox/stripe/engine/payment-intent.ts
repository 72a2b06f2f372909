import type { ErrorBody } from '../api-error.ts'
import type { Shipping } from './addresses.ts'
import type { Metadata } from './params.ts'
import type { Work } from './work.ts'
import { ApiError, docUrl, noSuchObject } from '../api-error.ts'
import { debitTypeFor } from './test-banks.ts'

export type IntentStatus =
  | 'canceled'
  | 'processing'
  | 'requires_action'
  | 'requires_capture'
  | 'requires_confirmation'
  | 'requires_payment_method'
  | 'succeeded'

export type CancellationReason =
  | 'abandoned'
  | 'automatic'
  | 'duplicate'
  | 'fraudulent'
  | 'requested_by_customer'

export type NextAction =
  | { type: 'redirect_to_url'; redirect_to_url: { return_url: string | null; url: string } }
  | { type: 'use_stripe_sdk'; use_stripe_sdk: Readonly<Record<string, string>> }

export type LastPaymentError = Omit<ErrorBody, 'payment_intent' | 'param'>

export type PaymentIntent = {
  id: string
  object: 'payment_intent'
  allowed_payment_method_types: readonly string[] | null
  amount: number
  amount_capturable: number
  amount_details: { tip: Readonly<Record<string, never>> }
  amount_received: number
  application: null
  application_fee_amount: null
  automatic_payment_methods: { allow_redirects: 'always' | 'never'; enabled: boolean } | null
  canceled_at: number | null
  cancellation_reason: CancellationReason | null
  capture_method: CaptureMethod
  client_secret: string
  confirmation_method: 'automatic' | 'manual'
  created: number
  currency: string
  customer: string | null
  customer_account: null
  description: string | null
  excluded_payment_method_types: readonly string[] | null
  last_payment_error: LastPaymentError | null
  latest_charge: string | null
  livemode: false
  managed_payments: null
  metadata: Metadata
  next_action: NextAction | null
  on_behalf_of: null
  payment_method: string | null
  payment_method_configuration_details: null
  payment_method_options: Readonly<Record<string, unknown>>
  payment_method_types: readonly string[]
  payment_record: null
  processing: null
  receipt_email: string | null
  review: null
  setup_future_usage: 'off_session' | 'on_session' | null
  shipping: Shipping | null
  source: null
  statement_descriptor: string | null
  statement_descriptor_suffix: string | null
  status: IntentStatus
  transfer_data: null
  transfer_group: string | null
}

export type CaptureMethod = 'automatic' | 'automatic_async' | 'manual'

/** The sandbox's own record of an intent, under the intent's id. */
export type IntentRecord = {
  id: string
  object: '_intent'
  created: number
  /** The checkout session that made it. */
  session: string | null
  returnUrl: string | null
  /** Ask for 3D Secure whatever the card. */
  asksAuthentication: boolean
}

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
