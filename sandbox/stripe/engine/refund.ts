import type { Charge } from './objects/charge.ts'
import type { FailureReason, Refund, RefundStatus } from './objects/refund.ts'
import type { Work } from './work.ts'
import { invalidRequest } from '../api-error.ts'
import { DAY_MS } from '../durations.ts'
import { moveMoney } from './balance.ts'
import { formatMoney } from './currencies.ts'
import { closeInquiryAfterRefund, standingDisputeOf } from './dispute.ts'
import { reviewWarning } from './early-fraud-warning.ts'
import { instrumentOf } from './instruments.ts'

/** The status after each deed; a deed that is not listed for a status is refused. */
const NEXT: Readonly<
  Record<'settle' | 'ask' | 'fail' | 'cancel', Partial<Record<RefundStatus, RefundStatus>>>
> = {
  settle: { pending: 'succeeded', requires_action: 'succeeded' },
  ask: { pending: 'requires_action' },
  fail: { pending: 'failed', requires_action: 'failed', succeeded: 'failed' },
  cancel: { pending: 'canceled', requires_action: 'canceled' },
}

/** How long the buyer has to say where the money should go (docs.stripe.com/refunds). */
const INSTRUCTIONS_KEPT_DAYS = 45

/**
 * Gives back a charge, all that is left of it when no amount is given (minor units). ApiError 400
 * when nothing is left, less is left, or the buyer's bank has taken the money already.
 */
export async function refundCharge(
  work: Work,
  charge: Charge,
  facts: Pick<Refund, 'metadata' | 'reason'> & { amount: number | undefined },
): Promise<Refund> {
  const { amount, ...noted } = facts
  const taken = await refundable(work, charge, amount)
  const method = await work.named('payment_method', charge.payment_method, 'charge')
  const instrument = await instrumentOf(work, method)
  const isCard = 'card' in instrument
  const isPending = !isCard || instrument.card.refund === 'pending'
  const id = work.id(isCard ? 're' : 'py')
  const transaction = await moveMoney(work, {
    amount: -taken,
    fee: 0,
    currency: charge.currency,
    type: isCard ? 'refund' : 'payment_refund',
    reportingCategory: 'refund',
    source: id,
    description: charge.description === null ? null : `REFUND FOR CHARGE (${charge.description})`,
  })
  const refund: Refund = {
    id,
    object: 'refund',
    amount: taken,
    balance_transaction: transaction.id,
    charge: charge.id,
    created: work.now,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    ...(isCard
      ? {
          destination_details: {
            card: {
              reference_status: 'pending',
              reference_type: 'acquirer_reference_number',
              type: 'refund',
            },
            type: 'card',
          },
        }
      : {}),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(isPending ? { pending_reason: 'processing' as const } : {}),
    receipt_number: null,
    source_transfer_reversal: null,
    status: isPending ? 'pending' : 'succeeded',
    transfer_reversal: null,
    ...noted,
  }
  work.put('refund', refund)
  work.emit('refund.created', refund)
  const refunded = charge.amount_refunded + taken
  const after = work.put('charge', {
    ...charge,
    amount_refunded: refunded,
    refunded: refunded >= charge.amount_captured,
  })
  work.emit('charge.refunded', after, charge)
  const later = work.nowMs + work.settings.refundSettlesAfterMs
  if (isPending) work.later(later, 'refund.settle', id)
  else if (isCard && instrument.card.refund === 'fails_later') work.later(later, 'refund.fail', id)
  await closeInquiryAfterRefund(work, after)
  await reviewWarning(work, after)
  return refund
}

async function refundable(work: Work, charge: Charge, wanted: number | undefined): Promise<number> {
  const open = charge.amount_captured - charge.amount_refunded
  if (open <= 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    })
  const dispute = await standingDisputeOf(work, charge.id)
  if (dispute !== undefined && !dispute.is_charge_refundable)
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    })
  const amount = wanted ?? open
  if (amount < 1)
    throw invalidRequest('Invalid positive integer', {
      code: 'parameter_invalid_integer',
      param: 'amount',
    })
  if (amount > open)
    throw invalidRequest(
      `Refund amount (${formatMoney(amount, charge.currency)}) is greater than unrefunded amount on charge (${formatMoney(open, charge.currency)})`,
      { param: 'amount' },
    )
  return amount
}

/** A refund has reached the buyer's bank. */
export async function settleRefund(work: Work, id: string): Promise<Refund> {
  const { refund, status } = await moving(work, id, 'settle')
  work.callOff(id)
  return tell(work, refund, { ...settled(refund), status })
}

/** The buyer is asked by e-mail where the money should go. */
export async function askForInstructions(work: Work, id: string): Promise<Refund> {
  const { refund, status } = await moving(work, id, 'ask')
  const charge = await work.named('charge', refund.charge, 'charge')
  const email = charge.billing_details.email ?? charge.receipt_email
  if (email === null)
    throw invalidRequest(`Nobody knows the buyer's e-mail address for refund ${id}.`, {
      param: 'refund',
    })
  work.callOff(id)
  const untilMs = work.nowMs + INSTRUCTIONS_KEPT_DAYS * DAY_MS
  work.later(untilMs, 'refund.fail', id)
  return tell(work, refund, {
    ...settled(refund),
    instructions_email: email,
    next_action: {
      type: 'display_details',
      display_details: {
        email_sent: { email_sent_at: work.now, email_sent_to: email },
        expires_at: Math.floor(untilMs / 1000),
      },
    },
    status,
  })
}

/** The buyer's bank sent the money back: the refund failed and the charge is open again. */
export async function failRefund(
  work: Work,
  id: string,
  reason: FailureReason = 'expired_or_canceled_card',
): Promise<Refund> {
  const { refund, status } = await moving(work, id, 'fail')
  return takeBack(work, refund, { status, failure_reason: reason })
}

/** The seller calls a refund off before it has reached the buyer. */
export async function cancelRefund(work: Work, id: string): Promise<Refund> {
  const { refund, status } = await moving(work, id, 'cancel')
  return takeBack(work, refund, { status, failure_reason: 'merchant_request' })
}

/** Refunds on their way when the buyer turns to the bank instead fail: the bank pays them. */
export async function failPendingRefunds(work: Work, charge: string): Promise<void> {
  const page = await work.list('refund', {
    limit: 100,
    conditions: [
      { path: ['charge'], is: charge },
      { path: ['status'], in: ['pending', 'requires_action'] },
    ],
  })
  for (const refund of page.data)
    await failRefund(work, refund.id, 'charge_for_pending_refund_disputed')
}

async function moving(
  work: Work,
  id: string,
  deed: keyof typeof NEXT,
): Promise<{ refund: Refund; status: RefundStatus }> {
  const refund = await work.named('refund', id, 'refund')
  const status = NEXT[deed][refund.status]
  if (status === undefined)
    throw invalidRequest(
      `Refund ${id} has a status of ${refund.status}; this is for ${Object.keys(NEXT[deed]).join(' or ')}.`,
      { param: 'refund' },
    )
  return { refund, status }
}

async function takeBack(
  work: Work,
  refund: Refund,
  ended: Pick<Refund, 'status' | 'failure_reason'>,
): Promise<Refund> {
  work.callOff(refund.id)
  const charge = await work.named('charge', refund.charge, 'charge')
  const back = await moveMoney(work, {
    amount: refund.amount,
    fee: 0,
    currency: refund.currency,
    type: 'refund_failure',
    reportingCategory: 'refund_failure',
    source: refund.id,
    description: 'REFUND FAILURE',
  })
  const after = tell(work, refund, {
    ...settled(refund),
    ...ended,
    failure_balance_transaction: back.id,
  })
  if (after.status === 'failed') work.emit('refund.failed', after)
  const open = work.put('charge', {
    ...charge,
    amount_refunded: charge.amount_refunded - refund.amount,
    refunded: false,
  })
  work.emit('charge.updated', open, charge)
  await reviewWarning(work, open)
  return after
}

/** Without what only a refund on its way has. */
function settled(refund: Refund): Refund {
  const { pending_reason: _pending, next_action: _asked, ...rest } = refund
  return rest
}

function tell(work: Work, before: Refund, after: Refund): Refund {
  work.put('refund', after)
  work.emit('refund.updated', after, before)
  work.emit('charge.refund.updated', after, before)
  return after
}
