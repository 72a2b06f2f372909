import { db, inTransaction, log, now, type Tx } from '#modules/platform/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { GatewayError } from '../gateway.ts'
import { currentBackend } from './backend.ts'
import {
  failRefund,
  findPaymentOfCheckout,
  findRefund,
  insertRefund,
  lockPayment,
  refundsOf,
  type Payment,
} from './store.payment.ts'
import { syncPayment } from './sync.ts'
import { within } from './within.ts'

export type RefundRequest =
  | { readonly ok: true; readonly refundId: string; readonly amountMinor: number }
  | {
      readonly ok: false
      readonly reason: 'not_paid' | 'nothing_left' | 'too_much' | 'under_way' | 'other_backend'
    }

/**
 * Writes down that money of a payment goes back to the buyer: an amount, or all that is left. Runs in the owner's transaction; Stripe is asked afterwards by
 * sendRefund with the row's id as key, and by the sweep until it has answered. under_way: another refund has not been answered yet.
 */
export async function requestRefund(
  tx: Tx,
  checkoutId: string,
  by: { readonly memberId: string; readonly reason: string; readonly amountMinor: number | 'rest' },
): Promise<RefundRequest> {
  const found = await findPaymentOfCheckout(tx, checkoutId)
  if (!found?.paymentIntentId) return { ok: false, reason: 'not_paid' }
  if (found.backendId !== (await currentBackend()).id) return { ok: false, reason: 'other_backend' }
  const payment = await lockPayment(tx, found.id)
  if ((await refundsOf(tx, payment.id)).some((refund) => refund.state === 'requested'))
    return { ok: false, reason: 'under_way' }
  const leftMinor = payment.amountMinor - payment.refundedMinor
  const amountMinor = by.amountMinor === 'rest' ? leftMinor : by.amountMinor
  if (leftMinor <= 0) return { ok: false, reason: 'nothing_left' }
  if (amountMinor > leftMinor) return { ok: false, reason: 'too_much' }
  const refundId = newId()
  await insertRefund(tx, {
    id: refundId,
    payment,
    amountMinor,
    reason: by.reason,
    requestedBy: by.memberId,
  })
  return { ok: true, refundId, amountMinor }
}

/** Stripe keeps idempotency keys for a day at least; well within it they are relied on. */
const keysLastMs = 20 * 60 * 60_000

/**
 * Sends a requested refund to Stripe and writes its effects. Safe to call any number of times: the same key gives the same
 * refund, and a refund that Stripe refuses for good is marked failed. Throws GatewayError when Stripe could not be asked; the sweep goes on.
 */
export async function sendRefund(refundId: string): Promise<'sent' | 'failed' | 'nothing_to_do'> {
  const refund = await findRefund(db('money'), refundId)
  if (!refund || refund.state !== 'requested') return 'nothing_to_do'
  const payment = await paymentOf(refund.paymentId)
  const backend = await currentBackend()
  if (!payment.paymentIntentId || payment.backendId !== backend.id) return 'nothing_to_do'
  if ((await now(db('money'))).getTime() - refund.createdAt.getTime() > keysLastMs) {
    // The key may be forgotten, and asking again would return the money twice: first look whether it was done.
    if (!(await mirror(payment.paymentIntentId, refundId)))
      throw new GatewayError('unreachable', 'Its payment is being worked on.')
    if ((await findRefund(db('money'), refundId))?.state !== 'requested') return 'sent'
  }
  try {
    await backend.gateway.createRefund(
      { refundId, paymentIntentId: payment.paymentIntentId, amountMinor: refund.amountMinor },
      'person',
    )
  } catch (error) {
    if (
      !(error instanceof GatewayError) ||
      (error.fault !== 'refused' && error.fault !== 'not_found')
    )
      throw error
    log.warn({ refund: refundId, error: error.message }, 'refund refused')
    await inTransaction((tx) => failRefund(tx, refundId, error.message.slice(0, 500)), 'money')
    // It may have been refused because the money went back already, at Stripe's side: look.
    await mirror(payment.paymentIntentId, refundId)
    return 'failed'
  }
  await mirror(payment.paymentIntentId, refundId)
  return 'sent'
}

const busyStepMs = 100
const mostBusySteps = 50

/**
 * Writes down what Stripe now says of the payment. The event of this very refund is often being worked on at the same moment: its
 * end is waited for, so that whoever asked finds access ended. false: still busy after that; the worker writes the same.
 */
async function mirror(paymentIntentId: string, refundId: string): Promise<boolean> {
  for (let step = 0; step < mostBusySteps; step++) {
    const done = await syncPayment(paymentIntentId, { cause: `refund ${refundId}`, lane: 'person' })
    if (done === 'done') return true
    await new Promise((resolve) => setTimeout(resolve, busyStepMs))
  }
  return false
}

/** The owner waits at most this long for Stripe's answer to a refund. */
const ownerLimitMs = 8_000

/**
 * Sends a requested refund while the owner waits. later: Stripe did not answer in time or could not be reached; the refund
 * is noted and the sweep sends it as soon as Stripe answers. done: it had been sent before.
 */
export async function sendRefundNow(
  refundId: string,
  limitMs = ownerLimitMs,
): Promise<'sent' | 'failed' | 'done' | 'later'> {
  try {
    const result = await within(limitMs, sendRefund(refundId))
    return result === 'nothing_to_do' ? 'done' : result
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ refund: refundId, fault: error.fault, error: error.message }, 'refund is sent later')
    return 'later'
  }
}

async function paymentOf(paymentId: string): Promise<Payment> {
  return inTransaction((tx) => lockPayment(tx, paymentId), 'money')
}
