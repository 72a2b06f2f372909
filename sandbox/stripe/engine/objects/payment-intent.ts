import type { ErrorBody } from '../../api-error.ts'
import type { Shipping } from '../addresses.ts'
import type { Metadata } from '../params.ts'

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
  /** The invoice it pays. Not there in records of before there were invoices. */
  invoice?: string
  returnUrl: string | null
  /** Ask for 3D Secure whatever the card. */
  asksAuthentication: boolean
}
