import type { Charge } from './objects/charge.ts'
import type { Dispute } from './objects/dispute.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { formatMoney } from './currencies.ts'
import { disputableAmount, dueBy, standingDisputeOf, withdrawFunds } from './dispute.ts'
import { EVIDENCE } from './objects/dispute.ts'
import { reviewWarning } from './early-fraud-warning.ts'
import { failPendingRefunds } from './refund.ts'

/** Why a card's holder may dispute, with Visa's code for it. */
export const DISPUTE_REASONS = {
  credit_not_processed: '13.6',
  duplicate: '12.6.1',
  fraudulent: '10.4',
  general: '12.5',
  product_not_received: '13.1',
  product_unacceptable: '13.3',
  subscription_canceled: '13.2',
  unrecognized: '10.4',
} as const

export type DisputeReason = keyof typeof DISPUTE_REASONS

/**
 * The buyer turns to their bank: a chargeback takes the money at once, an inquiry only asks.
 * @param kind.amount minor units; all that can be disputed when undefined
 */
export async function openDispute(
  work: Work,
  chargeId: string,
  kind: { reason: DisputeReason; isInquiry: boolean; amount?: number | undefined },
): Promise<Dispute> {
  const charge = await disputable(work, chargeId, kind.isInquiry)
  const most = disputableAmount(charge)
  const amount = kind.amount ?? most
  if (!Number.isInteger(amount) || amount < 1 || amount > most)
    throw invalidRequest(
      `Between ${formatMoney(1, charge.currency)} and ${formatMoney(most, charge.currency)} of this charge can be disputed.`,
      { param: 'amount' },
    )
  const until = dueBy(work)
  const dispute: Dispute = {
    id: work.id('du'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: work.now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: {
      ...Object.fromEntries(EVIDENCE.map((name) => [name, null])),
      customer_email_address: charge.billing_details.email,
      customer_name: charge.billing_details.name,
      enhanced_evidence: {},
    },
    evidence_details: {
      due_by: until,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: kind.isInquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand: cardBrandOf(charge),
        case_type: kind.isInquiry ? 'inquiry' : 'chargeback',
        network: cardBrandOf(charge),
        network_reason_code: DISPUTE_REASONS[kind.reason],
      },
      type: 'card',
    },
    reason: kind.reason,
    status: kind.isInquiry ? 'warning_needs_response' : 'needs_response',
  }
  work.put('dispute', dispute)
  work.emit('charge.dispute.created', dispute)
  work.later(until * 1000, 'dispute.deadline', dispute.id)
  const disputed = work.put('charge', { ...charge, disputed: true })
  work.emit('charge.updated', disputed, charge)
  await reviewWarning(work, disputed)
  return kind.isInquiry ? dispute : withdrawFunds(work, dispute)
}

async function disputable(work: Work, id: string, isInquiry: boolean): Promise<Charge> {
  const charge = await work.named('charge', id, 'charge')
  if (charge.status !== 'succeeded' || !charge.captured)
    throw invalidRequest(`Charge ${id} took no money, so it cannot be disputed.`, {
      param: 'charge',
    })
  if (charge.payment_method_details.type !== 'card')
    throw notInSandbox('A dispute of a bank debit', 'charge')
  if ((await standingDisputeOf(work, id)) !== undefined)
    throw invalidRequest(`Charge ${id} is already disputed.`, { param: 'charge' })
  if (!isInquiry) await failPendingRefunds(work, id)
  return work.named('charge', id, 'charge')
}

function cardBrandOf(charge: Charge): string {
  const details = charge.payment_method_details['card']
  if (typeof details !== 'object' || details === null || !('brand' in details)) return 'visa'
  return typeof details.brand === 'string' ? details.brand : 'visa'
}
