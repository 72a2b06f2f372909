import type { Address } from '../addresses.ts'
import type { Metadata } from '../params.ts'

export type BillingDetails = {
  address: Address
  email: string | null
  name: string | null
  phone: string | null
  tax_id: null
}

export type CardFacts = {
  brand: string
  checks: {
    address_line1_check: null
    address_postal_code_check: 'pass' | null
    cvc_check: 'pass' | 'fail' | null
  }
  country: string
  display_brand: string
  exp_month: number
  exp_year: number
  fingerprint: string
  funding: string
  generated_from: null
  last4: string
  networks: { available: readonly string[]; preferred: null }
  regulated_status: 'unregulated'
  three_d_secure_usage: { supported: boolean }
  wallet: null
}

export type PaymentMethod = {
  id: string
  object: 'payment_method'
  allow_redisplay: 'always' | 'limited' | 'unspecified'
  billing_details: BillingDetails
  card?: CardFacts
  created: number
  customer: string | null
  customer_account: null
  livemode: false
  metadata: Metadata
  sepa_debit?: {
    bank_code: string
    branch_code: string
    country: string
    fingerprint: string
    generated_from: null
    last4: string
  }
  type: 'card' | 'us_bank_account' | 'sepa_debit'
  us_bank_account?: {
    account_holder_type: 'individual'
    account_type: 'checking'
    bank_name: string
    financial_connections_account: null
    fingerprint: string
    last4: string
    networks: { preferred: 'ach'; supported: readonly ['ach'] }
    routing_number: string
    status_details: null
  }
}

/** What is really behind a payment method: the sandbox's own record, under the method's id. */
export type InstrumentRecord = {
  id: string
  object: '_instrument'
  created: number
  /** A card's number, or a bank account. */
  number: string
  /** Authenticated for later use, so that `until_set_up` cards need no 3D Secure any more. */
  isSetUp: boolean
  /** Its month is over, and its bank has sent no new one. */
  isExpired?: boolean
}
