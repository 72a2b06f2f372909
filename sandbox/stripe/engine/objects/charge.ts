import type { Shipping } from '../addresses.ts'
import type { Metadata } from '../params.ts'
import type { BillingDetails } from './payment-method.ts'

export type ChargeOutcome = {
  advice_code: string | null
  network_advice_code: null
  network_decline_code: string | null
  network_status: string
  reason: string | null
  risk_level?: string
  risk_score?: number
  seller_message: string
  type: string
}

export type Charge = {
  id: string
  object: 'charge'
  amount: number
  amount_captured: number
  amount_refunded: number
  application: null
  application_fee: null
  application_fee_amount: null
  balance_transaction: string | null
  billing_details: BillingDetails
  calculated_statement_descriptor: string | null
  captured: boolean
  created: number
  currency: string
  customer: string | null
  description: string | null
  disputed: boolean
  failure_balance_transaction: string | null
  failure_code: string | null
  failure_message: string | null
  fraud_details: { stripe_report?: string; user_report?: string }
  livemode: false
  metadata: Metadata
  on_behalf_of: null
  outcome: ChargeOutcome | null
  paid: boolean
  payment_intent: string | null
  payment_method: string
  payment_method_details: Readonly<Record<string, unknown>> & { type: string }
  receipt_email: string | null
  receipt_number: null
  receipt_url: string | null
  refunded: boolean
  review: null
  shipping: Shipping | null
  source: null
  source_transfer: null
  statement_descriptor: string | null
  statement_descriptor_suffix: string | null
  status: 'failed' | 'pending' | 'succeeded'
  transfer_data: null
  transfer_group: string | null
}
