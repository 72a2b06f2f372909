import type { Address, Shipping } from '../addresses.ts'
import type { Metadata } from '../params.ts'
import type { AppliedDiscount } from './discount.ts'
import type { LineItem } from './line-item.ts'
import type { MissingMethod } from './subscription.ts'

export type CustomerDetails = {
  address: Address | null
  business_name: null
  email: string | null
  individual_name: null
  name: string | null
  phone: string | null
  tax_exempt: 'none'
  tax_ids: readonly []
}

type TextNote = { message: string } | null

export type CheckoutSession = {
  id: string
  object: 'checkout.session'
  adaptive_pricing: { enabled: boolean } | null
  after_expiration: {
    recovery: {
      allow_promotion_codes: boolean
      enabled: boolean
      expires_at: number | null
      url: string | null
    } | null
  } | null
  allow_promotion_codes: boolean | null
  allowed_payment_method_types: readonly string[] | null
  amount_subtotal: number | null
  amount_total: number | null
  automatic_tax: { enabled: false; liability: null; provider: null; status: null }
  billing_address_collection: 'auto' | 'required' | null
  cancel_url: string | null
  client_reference_id: string | null
  client_secret: null
  collected_information: null
  consent: null
  consent_collection: null
  created: number
  currency: string | null
  currency_conversion: null
  custom_fields: readonly []
  custom_text: {
    after_submit: TextNote
    shipping_address: TextNote
    submit: TextNote
    terms_of_service_acceptance: TextNote
  }
  customer: string | null
  customer_account: null
  customer_creation: 'always' | 'if_required' | null
  customer_details: CustomerDetails | null
  customer_email: string | null
  discounts: readonly { coupon: string | null; promotion_code: string | null }[]
  excluded_payment_method_types?: readonly string[]
  expires_at: number
  integration_identifier: string | null
  invoice: string | null
  invoice_creation: InvoiceCreation | null
  livemode: false
  locale: string | null
  managed_payments: null
  metadata: Metadata
  mode: 'payment' | 'setup' | 'subscription'
  origin_context: 'mobile_app' | 'web' | null
  payment_intent: string | null
  payment_link: null
  payment_method_collection: 'always' | 'if_required'
  payment_method_configuration_details: null
  payment_method_options: { card: { request_three_d_secure: string } }
  payment_method_types: readonly string[]
  payment_status: 'no_payment_required' | 'paid' | 'unpaid'
  permissions: null
  phone_number_collection: { enabled: boolean }
  recovered_from: string | null
  saved_payment_method_options: null
  setup_intent: string | null
  shipping_address_collection: null
  shipping_cost: null
  shipping_options: readonly []
  status: 'open' | 'complete' | 'expired'
  submit_type: string | null
  subscription: string | null
  success_url: string
  total_details: { amount_discount: number; amount_shipping: 0; amount_tax: 0 } | null
  ui_mode: 'hosted_page'
  url: string | null
  wallet_options: null
}

type InvoiceCreation = {
  enabled: false
  invoice_data: {
    account_tax_ids: null
    custom_fields: null
    description: null
    footer: null
    issuer: null
    metadata: Metadata
    rendering_options: null
  }
}

/** What a session hands on to the PaymentIntent it will make. */
export type IntentFacts = {
  capture_method: 'automatic' | 'automatic_async' | 'manual'
  description: string | null
  metadata: Metadata
  receipt_email: string | null
  setup_future_usage: 'off_session' | 'on_session' | null
  shipping: Shipping | null
  statement_descriptor: string | null
  statement_descriptor_suffix: string | null
  transfer_group: string | null
}

/** What the subscription of a session is to be, once it is paid for. */
export type SubscriptionWish = {
  /** Days from the moment the session is complete. */
  trialDays: number | null
  /** Unix seconds. */
  trialEnd: number | null
  missingMethod: MissingMethod
  description: string | null
  metadata: Metadata
  billingMode: 'classic' | 'flexible'
}

/** The sandbox's own record of a session, under the session's id. */
export type CheckoutRecord = {
  id: string
  object: '_checkout'
  created: number
  lineItems: readonly LineItem[]
  intent: IntentFacts
  customerUpdate: { address: 'auto' | 'never'; name: 'auto' | 'never' }
  /** Not there in records of before there were coupons. */
  discount?: AppliedDiscount
  /** Who made the last attempt to pay. */
  buyer: CustomerDetails | null
  subscription?: SubscriptionWish
  /** What takes the money of a subscription's session; other sessions show theirs. */
  paymentIntent?: string
  /** What saves the card of a subscription's session that costs nothing yet. */
  setupIntent?: string
}

/** The way back into an expired session, under the token of its address. */
export type RecoveryRecord = {
  id: string
  object: '_recovery'
  created: number
  session: string
  /** Unix seconds. */
  expiresAt: number
  /** The session that took its place. */
  recoveredBy: string | null
}
