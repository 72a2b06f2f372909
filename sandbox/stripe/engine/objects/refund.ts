import type { Metadata } from '../params.ts'

export type RefundStatus = 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled'

/** Why money that was on its way back came home (docs.stripe.com/refunds#failed-refunds). */
export const FAILURE_REASONS = [
  'charge_for_pending_refund_disputed',
  'declined',
  'expired_or_canceled_card',
  'insufficient_funds',
  'lost_or_stolen_card',
  'merchant_request',
  'unknown',
] as const

export type FailureReason = (typeof FAILURE_REASONS)[number]

export const REFUND_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const

export type Refund = {
  id: string
  object: 'refund'
  amount: number
  balance_transaction: string | null
  charge: string
  created: number
  currency: string
  customer: string | null
  customer_account: null
  destination_details?: Readonly<Record<string, unknown>> & { type: string }
  failure_balance_transaction?: string
  failure_reason?: FailureReason
  instructions_email?: string
  metadata: Metadata
  next_action?: {
    type: 'display_details'
    display_details: {
      email_sent: { email_sent_at: number; email_sent_to: string }
      expires_at: number
    }
  }
  payment_intent: string | null
  payment_method: string | null
  pending_reason?: 'processing'
  reason: (typeof REFUND_REASONS)[number] | null
  receipt_number: null
  source_transfer_reversal: null
  status: RefundStatus
  transfer_reversal: null
}
