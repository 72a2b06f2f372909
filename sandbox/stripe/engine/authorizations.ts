import type { CancellationReason, PaymentIntent } from './objects/payment-intent.ts'
import type { Work } from './work.ts'
import { invalidRequest } from '../api-error.ts'
import { DAY_MS } from '../durations.ts'
import { captured } from './charge.ts'
import { formatMoney } from './currencies.ts'
import { reviewWarning } from './early-fraud-warning.ts'
import { assertAllowed } from './payment-intent.ts'

const AUTHORIZATION_KEPT_MS = 7 * DAY_MS

/**
 * Takes authorized money, all of it or less. What is not taken is given back to the card's limit.
 * @param amount minor units; everything when undefined
 */
export async function captureIntent(
  work: Work,
  id: string,
  amount: number | undefined,
): Promise<PaymentIntent> {
  const intent = await work.atPath('payment_intent', id, 'intent')
  assertAllowed(intent, 'captured')
  const taken = amount ?? intent.amount_capturable
  if (taken < 1 || taken > intent.amount_capturable)
    throw invalidRequest(
      `The requested capture amount (${formatMoney(taken, intent.currency)}) is not between 1 and the authorized amount (${formatMoney(intent.amount_capturable, intent.currency)}).`,
      { code: 'amount_too_large', param: 'amount_to_capture' },
    )
  if (intent.latest_charge === null) throw new Error(`${intent.id} is authorized without a charge`)
  const charge = await work.named('charge', intent.latest_charge, 'charge')
  const after = work.put('charge', await captured(work, charge, taken))
  work.emit('charge.captured', after, charge)
  const paid = work.put('payment_intent', {
    ...intent,
    amount_capturable: 0,
    amount_received: taken,
    status: 'succeeded',
  })
  work.callOff(intent.id, 'authorization.expire')
  work.emit('payment_intent.succeeded', paid)
  return paid
}

/** Ends an intent that took no money; an authorization is given back. */
export async function cancelIntent(
  work: Work,
  intent: PaymentIntent,
  reason: CancellationReason | null,
): Promise<PaymentIntent> {
  if (intent.status === 'requires_capture' && intent.latest_charge !== null) {
    const charge = await work.named('charge', intent.latest_charge, 'charge')
    const back = work.put('charge', {
      ...charge,
      amount_refunded: charge.amount,
      refunded: true,
    })
    work.emit(reason === 'automatic' ? 'charge.expired' : 'charge.refunded', back, charge)
    await reviewWarning(work, back)
  }
  work.callOff(intent.id)
  const canceled = work.put('payment_intent', {
    ...intent,
    amount_capturable: 0,
    canceled_at: work.now,
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  })
  work.emit('payment_intent.canceled', canceled)
  return canceled
}

/** Plans the end of an authorization that nobody captures. */
export function expireAuthorizationLater(work: Work, intent: PaymentIntent): void {
  work.later(work.nowMs + AUTHORIZATION_KEPT_MS, 'authorization.expire', intent.id)
}
