import type { Charge } from './objects/charge.ts'
import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { Refund } from './objects/refund.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { intentNamed } from './payment-intent.ts'
import { cancelRefund, refundCharge } from './refund.ts'
import { REFUND_REASONS } from './objects/refund.ts'

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
      // Others that are still on their way can be canceled in the Dashboard only (docs.stripe.com/api/refunds/cancel).
      if (refund.status !== 'requires_action')
        throw invalidRequest(
          `Cannot cancel a refund with a status of ${refund.status}. Only refunds with a status of requires_action can be canceled.`,
          { code: 'refund_unexpected_state', param: 'refund' },
        )
      return cancelRefund(work, refund.id)
    },
  },
  listOperation('/v1/refunds', 'refund', [equals('charge'), equals('payment_intent')]),
]

async function createRefund(work: Work, params: Params): Promise<Refund> {
  const refused = NOT_SERVED.find((name) => params.has(name))
  if (refused !== undefined) throw notInSandbox(`\`${refused}\` of a refund`, refused)
  const charge = await chargeToRefund(work, {
    charge: params.text('charge'),
    paymentIntent: params.text('payment_intent'),
  })
  return refundCharge(work, charge, {
    amount: params.integer('amount'),
    metadata: params.metadata(),
    reason: params.choice('reason', REFUND_REASONS) ?? null,
  })
}

/** The charge a refund is for, named itself or by its payment. ApiError 400 when it took no money. */
export async function chargeToRefund(
  work: Work,
  named: { charge: string | undefined; paymentIntent: string | undefined },
): Promise<Charge> {
  const { charge: chargeId, paymentIntent: intentId } = named
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
