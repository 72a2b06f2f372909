import type { Charge } from './charge.ts'
import type { Operation } from './operation.ts'
import type { Metadata, Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { moveMoney } from './balance.ts'
import { formatMoney } from './currencies.ts'
import { closeInquiryAfterRefund, openDisputeOf } from './dispute.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { instrumentOf } from './instruments.ts'
import { intentNamed } from './payment-intent.ts'

export type RefundStatus = 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled'

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
  failure_reason?: string
  metadata: Metadata
  payment_intent: string | null
  payment_method: string | null
  pending_reason?: 'processing'
  reason: RefundReason | null
  receipt_number: null
  source_transfer_reversal: null
  status: RefundStatus
  transfer_reversal: null
}

type RefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer'

const NOT_SERVED = [
  'customer',
  'currency',
  'instructions_email',
  'origin',
  'refund_application_fee',
  'reverse_transfer',
]

export const refundOperations: readonly Operation[] = [
  { route: 'POST /v1/refunds', write: (work, params) => createRefund(work, params) },
  {
    route: 'GET /v1/refunds/{refund}',
    read: (reading, _params, path) => reading.atPath('refund', pathParam(path, 'refund'), 'refund'),
  },
  {
    route: 'POST /v1/refunds/{refund}',
    async write(work, params, path) {
      const before = await work.atPath('refund', pathParam(path, 'refund'), 'refund')
      const after = { ...before, metadata: params.metadata(before.metadata) }
      const updated = work.update('refund', 'refund.updated', before, after)
      if (updated !== before) work.emit('charge.refund.updated', updated, before)
      return updated
    },
  },
  {
    route: 'POST /v1/refunds/{refund}/cancel',
    async write(work, _params, path) {
      const refund = await work.atPath('refund', pathParam(path, 'refund'), 'refund')
      // Card refunds never ask the buyer for anything, so there is none to cancel (as at Stripe).
      throw invalidRequest(
        `Cannot cancel a refund with a status of ${refund.status}. Only refunds with a status of requires_action can be canceled.`,
        { code: 'refund_unexpected_state', param: 'refund' },
      )
    },
  },
  listOperation('/v1/refunds', 'refund', [equals('charge'), equals('payment_intent')]),
]

async function createRefund(work: Work, params: Params): Promise<Refund> {
  const refused = NOT_SERVED.find((name) => params.has(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of a refund`, refused)
  const charge = await chargeToRefund(work, params)
  const open = charge.amount_captured - charge.amount_refunded
  if (open <= 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    })
  const dispute = await openDisputeOf(work, charge.id)
  if (dispute !== undefined && !dispute.is_charge_refundable)
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    })
  const amount = params.integer('amount') ?? open
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
  return refundCharge(work, charge, amount, {
    metadata: params.metadata(),
    reason:
      params.choice('reason', ['duplicate', 'fraudulent', 'requested_by_customer'] as const) ??
      null,
  })
}

async function chargeToRefund(work: Work, params: Params): Promise<Charge> {
  const chargeId = params.text('charge')
  const intentId = params.text('payment_intent')
  if ((chargeId === undefined) === (intentId === undefined))
    throw invalidRequest(
      chargeId === undefined
        ? 'One of the following params should be provided for this request: payment_intent or charge.'
        : 'You may only specify one of these parameters: charge, payment_intent.',
      chargeId === undefined ? { code: 'parameter_missing' } : {},
    )
  if (intentId !== undefined) {
    const intent = await intentNamed(work, intentId, 'payment_intent')
    if (intent.status !== 'succeeded' || intent.latest_charge === null)
      throw invalidRequest(
        `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
        { param: 'payment_intent', code: 'payment_intent_unexpected_state' },
      )
    return work.named('charge', intent.latest_charge, 'payment_intent')
  }
  const charge = await work.named('charge', chargeId ?? '', 'charge')
  if (charge.status !== 'succeeded')
    throw invalidRequest(
      `Charge ${charge.id} has a status of ${charge.status} and cannot be refunded.`,
      {
        param: 'charge',
      },
    )
  if (!charge.captured)
    throw invalidRequest(
      `Charge ${charge.id} is not captured. Cancel its PaymentIntent to release the authorization.`,
      { param: 'charge' },
    )
  return charge
}

async function refundCharge(
  work: Work,
  charge: Charge,
  amount: number,
  facts: Pick<Refund, 'metadata' | 'reason'>,
): Promise<Refund> {
  const method = await work.named('payment_method', charge.payment_method, 'charge')
  const instrument = await instrumentOf(work, method)
  const isCard = 'card' in instrument
  const isPending = !isCard || instrument.card.refund === 'pending'
  const id = work.id(isCard ? 're' : 'py')
  const transaction = await moveMoney(work, {
    amount: -amount,
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
    amount,
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
    ...facts,
  }
  work.put('refund', refund)
  work.emit('refund.created', refund)
  const refunded = charge.amount_refunded + amount
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
  return refund
}

/** A pending refund has reached the buyer's bank. */
export async function settleRefund(work: Work, id: string): Promise<Refund> {
  const refund = await work.named('refund', id, 'refund')
  if (refund.status !== 'pending') return refund
  work.callOff(id)
  const { pending_reason: _settled, ...rest } = refund
  const after = work.put('refund', { ...rest, status: 'succeeded' })
  work.emit('refund.updated', after, refund)
  work.emit('charge.refund.updated', after, refund)
  return after
}

/** The buyer's bank sent the money back: the refund failed and the charge is open again. */
export async function failRefund(work: Work, id: string): Promise<Refund> {
  const refund = await work.named('refund', id, 'refund')
  if (refund.status !== 'succeeded' && refund.status !== 'pending')
    throw invalidRequest(`Refund ${id} has a status of ${refund.status} and cannot fail.`, {
      param: 'refund',
    })
  work.callOff(id)
  const charge = await work.named('charge', refund.charge, 'charge')
  const back = await moveMoney(work, {
    amount: refund.amount,
    fee: 0,
    currency: refund.currency,
    type: 'refund_failure',
    reportingCategory: 'refund_failure',
    source: id,
    description: 'REFUND FAILURE',
  })
  const { pending_reason: _pending, ...rest } = refund
  const after = work.put('refund', {
    ...rest,
    failure_balance_transaction: back.id,
    failure_reason: 'expired_or_canceled_card',
    status: 'failed',
  })
  const open = work.put('charge', {
    ...charge,
    amount_refunded: charge.amount_refunded - refund.amount,
    refunded: false,
  })
  work.emit('refund.updated', after, refund)
  work.emit('refund.failed', after)
  work.emit('charge.refund.updated', after, refund)
  work.emit('charge.updated', open, charge)
  return after
}
