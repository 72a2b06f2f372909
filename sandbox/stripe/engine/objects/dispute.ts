import type { Metadata } from '../params.ts'
import type { BalanceTransaction } from './balance.ts'

export type DisputeStatus =
  | 'lost'
  | 'needs_response'
  | 'under_review'
  | 'warning_closed'
  | 'warning_needs_response'
  | 'warning_under_review'
  | 'won'

/** Every piece of evidence Stripe takes as text or as a file's id. */
export const EVIDENCE = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_communication',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'customer_signature',
  'duplicate_charge_documentation',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'receipt',
  'refund_policy',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'service_documentation',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_documentation',
  'shipping_tracking_number',
  'uncategorized_file',
  'uncategorized_text',
] as const

/** Those of them that are ids of uploaded files. */
export const EVIDENCE_FILES: ReadonlySet<string> = new Set([
  'cancellation_policy',
  'customer_communication',
  'customer_signature',
  'duplicate_charge_documentation',
  'receipt',
  'refund_policy',
  'service_documentation',
  'shipping_documentation',
  'uncategorized_file',
])

export type Evidence = Readonly<Record<string, string | null | Readonly<Record<string, never>>>>

export type Dispute = {
  id: string
  object: 'dispute'
  amount: number
  balance_transactions: readonly BalanceTransaction[]
  charge: string
  created: number
  currency: string
  enhanced_eligibility_types: readonly []
  evidence: Evidence
  evidence_details: {
    due_by: number | null
    enhanced_eligibility: Readonly<Record<string, never>>
    has_evidence: boolean
    past_due: boolean
    submission_count: number
    submission_method: 'manual' | 'not_submitted'
  }
  intended_submission_method: null
  is_charge_refundable: boolean
  livemode: false
  metadata: Metadata
  payment_intent: string | null
  payment_method_details: {
    card: {
      brand: string
      case_type: 'chargeback' | 'inquiry'
      network: string
      network_reason_code: string
    }
    type: 'card'
  }
  reason: string
  status: DisputeStatus
}
