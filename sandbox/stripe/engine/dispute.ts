import type { Charge } from './objects/charge.ts'
import type { Dispute, DisputeStatus } from './objects/dispute.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest } from '../api-error.ts'
import { DAY_MS } from '../durations.ts'
import { moveMoney } from './balance.ts'

/** The state after each deed; a deed that is not listed for a state is refused. */
export const NEXT: Readonly<
  Record<'submit' | 'win' | 'lose' | 'escalate', Partial<Record<DisputeStatus, DisputeStatus>>>
> = {
  submit: {
    needs_response: 'under_review',
    warning_needs_response: 'warning_under_review',
  },
  win: {
    needs_response: 'won',
    under_review: 'won',
    warning_needs_response: 'warning_closed',
    warning_under_review: 'warning_closed',
  },
  lose: {
    needs_response: 'lost',
    under_review: 'lost',
    warning_needs_response: 'warning_closed',
    warning_under_review: 'warning_closed',
  },
  escalate: {
    warning_needs_response: 'needs_response',
    warning_under_review: 'needs_response',
  },
}

const OPEN: readonly DisputeStatus[] = [
  'needs_response',
  'under_review',
  'warning_needs_response',
  'warning_under_review',
]

/** What a bank asks for each dispute, in minor units of the dispute's currency. */
const DISPUTE_FEE = 1500

const RESPONSE_DAYS = 7

/** An inquiry that was answered and came to nothing ends (docs.stripe.com/disputes/how-disputes-work). */
const INQUIRY_DAYS = 120

/** Unix seconds until which a dispute that begins now can be answered. */
export function dueBy(work: Work): number {
  return Math.floor((work.nowMs + RESPONSE_DAYS * DAY_MS) / 1000)
}

/** The dispute of a charge that is being argued about or was lost. */
export async function standingDisputeOf(
  reading: Reading,
  charge: string,
): Promise<Dispute | undefined> {
  const page = await reading.list('dispute', {
    limit: 10,
    conditions: [{ path: ['charge'], is: charge }],
  })
  return page.data.find((dispute) => OPEN.includes(dispute.status) || dispute.status === 'lost')
}

/**
 * What can be argued about, in minor units: what was not refunded, and for a charge that was
 * refunded altogether all of it, for banks do not always know.
 */
export function disputableAmount(charge: Charge): number {
  const left = charge.amount_captured - charge.amount_refunded
  return left > 0 ? left : charge.amount_captured
}

/** A chargeback takes the disputed money at once, and a fee. */
export async function withdrawFunds(work: Work, dispute: Dispute): Promise<Dispute> {
  const taken = await moveMoney(work, {
    amount: -dispute.amount,
    fee: DISPUTE_FEE,
    feeDescription: 'Dispute fee',
    currency: dispute.currency,
    type: 'adjustment',
    reportingCategory: 'dispute',
    source: dispute.id,
    description: `Chargeback withdrawal for ${dispute.charge}`,
  })
  const after = work.put('dispute', {
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, taken],
    is_charge_refundable: false,
  })
  work.emit('charge.dispute.funds_withdrawn', after)
  return after
}

/**
 * The bank decides, the seller gives in (`lose`), or an inquiry becomes a chargeback
 * (`escalate`). ApiError 400 when the dispute is already closed.
 */
export async function decide(
  work: Work,
  dispute: Dispute,
  deed: 'win' | 'lose' | 'escalate',
): Promise<Dispute> {
  const status = NEXT[deed][dispute.status]
  if (status === undefined)
    throw invalidRequest(`This dispute is ${dispute.status}; there is nothing left to decide.`, {
      param: 'dispute',
    })
  work.callOff(dispute.id)
  if (deed === 'escalate') return escalate(work, dispute, status)
  const after = work.put('dispute', { ...dispute, status })
  if (status !== 'won') {
    work.emit('charge.dispute.closed', after)
    return after
  }
  const given = await moveMoney(work, {
    amount: dispute.amount,
    fee: 0,
    currency: dispute.currency,
    type: 'adjustment',
    reportingCategory: 'dispute_reversal',
    source: dispute.id,
    description: `Chargeback reversal for ${dispute.charge}`,
  })
  const won = work.put('dispute', {
    ...after,
    balance_transactions: [...after.balance_transactions, given],
  })
  work.emit('charge.dispute.closed', won)
  work.emit('charge.dispute.funds_reinstated', won)
  return won
}

/** What was given back while it was an inquiry is no longer argued about. */
async function escalate(work: Work, inquiry: Dispute, status: DisputeStatus): Promise<Dispute> {
  const charge = await work.named('charge', inquiry.charge, 'charge')
  const until = dueBy(work)
  const after = work.put('dispute', {
    ...inquiry,
    amount: Math.min(inquiry.amount, disputableAmount(charge)),
    evidence_details: { ...inquiry.evidence_details, due_by: until, past_due: false },
    payment_method_details: {
      ...inquiry.payment_method_details,
      card: { ...inquiry.payment_method_details.card, case_type: 'chargeback' },
    },
    status,
  })
  work.emit('charge.dispute.updated', after, inquiry)
  work.later(until * 1000, 'dispute.deadline', after.id)
  return withdrawFunds(work, after)
}

/** The answer was given: nothing is missed any more, and an inquiry ends when nothing comes of it. */
export function expectDecision(work: Work, dispute: Dispute): void {
  work.callOff(dispute.id, 'dispute.deadline')
  if (dispute.status === 'warning_under_review')
    work.later(dispute.created * 1000 + INQUIRY_DAYS * DAY_MS, 'dispute.win', dispute.id)
}

/** Nobody answered in time: a chargeback is lost, an inquiry ends. */
export async function missDeadline(work: Work, id: string): Promise<void> {
  const dispute = await work.named('dispute', id, 'dispute')
  if (NEXT.submit[dispute.status] === undefined) return
  await decide(
    work,
    { ...dispute, evidence_details: { ...dispute.evidence_details, past_due: true } },
    'lose',
  )
}

/** An inquiry is over when its buyer got all the money back. */
export async function closeInquiryAfterRefund(work: Work, charge: Charge): Promise<void> {
  if (!charge.refunded || !charge.disputed) return
  const dispute = await standingDisputeOf(work, charge.id)
  if (dispute?.is_charge_refundable === true) await decide(work, dispute, 'win')
}
