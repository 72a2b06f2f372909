import type { OwnerActor } from '#modules/accounts/types.ts'
import { GatewayError } from '#modules/payments/gateway.ts'
import { currentBackend, within } from '#modules/payments/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import {
  audit,
  db,
  inTransaction,
  log,
  now,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { presentPeriod, type AfterRefund } from '../subscription-money.ts'
import { heldSubscription, type EndingResult } from './ending.ts'
import { lookAtPayment, lookNow, personLimitMs } from './look-now.ts'
import { eventOf, openOrShut } from './mirror.ts'
import { refundCounts, settleMoney } from './settle-money.ts'
import { insertEvents, lockMirrored } from './store.mirror.ts'
import {
  failRefund,
  findInvoice,
  findRefund,
  insertRefund,
  keepAfterRefunds,
  moneyOf,
  refundsOfInvoice,
  subscriptionsToEnd,
  unansweredRefunds,
  type InvoiceMoney,
} from './store.money.ts'

const mostASweep = 20
/** Stripe keeps idempotency keys for a day at least; well within it they are relied on. */
const keysLastMs = 20 * 60 * 60_000

export interface RefundableInvoice extends InvoiceMoney {
  readonly leftMinor: number
  /** Another refund of it has not been answered by Stripe yet. */
  readonly isUnderWay: boolean
  /** It pays for the last period that was paid. */
  readonly isOfPresentPeriod: boolean
}

/** What can be given back of an invoice, as it is known here; undefined for an id that is none. */
export async function refundableInvoice(
  db: Db,
  invoiceId: string,
): Promise<RefundableInvoice | undefined> {
  const invoice = isId(invoiceId) ? await findInvoice(db, invoiceId) : undefined
  if (!invoice) return undefined
  const [refunds, { invoices }] = await Promise.all([
    refundsOfInvoice(db, invoiceId),
    moneyOf(db, invoice.subscriptionId),
  ])
  return {
    ...invoice,
    leftMinor: invoice.status === 'paid' ? invoice.paidMinor - invoice.refundedMinor : 0,
    isUnderWay: refunds.some(({ state }) => state === 'requested'),
    isOfPresentPeriod: presentPeriod(invoices).some(({ id }) => id === invoiceId),
  }
}

export interface RefundWish {
  /** Made with the form: pressed twice it is given back once. */
  readonly refundId: string
  readonly invoiceId: string
  readonly amountMinor: number | 'rest'
  /** What was left when the form was shown. */
  readonly seenLeftMinor: number | undefined
  readonly after: AfterRefund
  readonly reason: string
}

export type RefundProblem =
  | 'unknown'
  | 'not_paid'
  | 'other_backend'
  | 'under_way'
  | 'nothing_left'
  | 'too_much'
  | 'changed'
  | 'unreachable'

/** sent: Stripe took it; later: it is noted and sent as soon as Stripe answers; failed: Stripe refused it. */
export type RefundResult =
  | { readonly ok: true; readonly outcome: 'sent' | 'later' | 'failed' }
  | { readonly ok: false; readonly reason: RefundProblem }

/**
 * Gives back a payment of a subscription, or a part of it, by the owner's hand, and ends the subscription or leaves it as it is. Stripe is
 * looked at first: unreachable, or something else left than was shown, and nothing is done. Then the wish is written down, and sent with its
 * id as the key: asked again after a lost answer, or twice at once, money goes back once. Access follows when Stripe has taken
 * it. On record.
 */
export async function refundInvoice(owner: OwnerActor, wish: RefundWish): Promise<RefundResult> {
  const invoice = isId(wish.invoiceId) ? await findInvoice(db('money'), wish.invoiceId) : undefined
  if (!invoice || !isId(wish.refundId)) return { ok: false, reason: 'unknown' }
  if (invoice.backendId !== (await currentBackend()).id)
    return { ok: false, reason: 'other_backend' }
  const { paymentIntentId } = invoice
  if (paymentIntentId === undefined || invoice.status !== 'paid')
    return { ok: false, reason: 'not_paid' }
  if (!(await findRefund(db('money'), wish.refundId))) {
    try {
      await within(personLimitMs, lookAtPayment(paymentIntentId, 'refund asked for by the owner'))
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      log.warn({ invoice: invoice.id, fault: error.fault }, 'Stripe could not be asked')
      return { ok: false, reason: 'unreachable' }
    }
    const problem = await inTransaction((tx) => noteWish(tx, owner, invoice, wish), 'money')
    if (problem !== undefined) return { ok: false, reason: problem }
  }
  // Committed: from here on it is sent whatever happens to this request.
  return { ok: true, outcome: await sendNow(wish.refundId) }
}

/** Writes the wish down under the lock of its subscription; undefined: done, also when it had been done before. */
async function noteWish(
  tx: Tx,
  owner: OwnerActor,
  { id, backendId, stripeSubscriptionId }: InvoiceMoney,
  wish: RefundWish,
): Promise<RefundProblem | undefined> {
  await lockMirrored(tx, backendId, stripeSubscriptionId)
  const known = await findRefund(tx, wish.refundId)
  if (known) return known.invoiceId === id ? undefined : 'unknown'
  const invoice = await refundableInvoice(tx, id)
  if (!invoice) return 'unknown'
  if (invoice.isUnderWay) return 'under_way'
  if (invoice.leftMinor <= 0) return 'nothing_left'
  if (wish.seenLeftMinor !== undefined && wish.seenLeftMinor !== invoice.leftMinor) return 'changed'
  const amountMinor = wish.amountMinor === 'rest' ? invoice.leftMinor : wish.amountMinor
  if (amountMinor < 1 || amountMinor > invoice.leftMinor) return 'too_much'
  await insertRefund(tx, {
    id: wish.refundId,
    invoice,
    amountMinor,
    reason: wish.reason,
    doesThen: wish.after,
    requestedBy: owner.memberId,
  })
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'subscription.refund_requested',
    subject: { kind: 'subscription', id: invoice.subscriptionId },
    detail: {
      invoice: invoice.number ?? invoice.id,
      amountMinor,
      currency: invoice.currency,
      reason: wish.reason,
      after: wish.after,
    },
  })
  return undefined
}

async function sendNow(refundId: string): Promise<'sent' | 'later' | 'failed'> {
  try {
    const sent = await within(personLimitMs, sendInvoiceRefund(refundId))
    if (sent !== 'nothing_to_do') return sent
    const known = await findRefund(db('money'), refundId)
    return known?.state === 'failed' ? 'failed' : 'sent'
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ refund: refundId, fault: error.fault, error: error.message }, 'refund is sent later')
    return 'later'
  }
}

/**
 * Sends a refund that was asked for, writes what came of it, and ends the subscription where that was chosen. Safe to call any number of
 * times. Throws GatewayError when Stripe could not be asked; the sweep goes on.
 */
export async function sendInvoiceRefund(
  refundId: string,
): Promise<'sent' | 'failed' | 'nothing_to_do'> {
  const refund = await findRefund(db('money'), refundId)
  const invoice = refund && (await findInvoice(db('money'), refund.invoiceId))
  if (!invoice || refund?.state !== 'requested') return 'nothing_to_do'
  const backend = await currentBackend()
  const { paymentIntentId } = invoice
  if (paymentIntentId === undefined || invoice.backendId !== backend.id) return 'nothing_to_do'
  const cause = `refund ${refundId}`
  if ((await now(db('money'))).getTime() - refund.createdAt.getTime() > keysLastMs) {
    // The key may be forgotten, and asking again would return the money twice: first look whether it was done.
    if (!(await lookAtPayment(paymentIntentId, cause)))
      throw new GatewayError('unreachable', 'Its payment is being worked on.')
    if ((await findRefund(db('money'), refundId))?.state !== 'requested') return 'sent'
  }
  try {
    await backend.gateway.createRefund(
      { refundId, paymentIntentId, amountMinor: refund.amountMinor },
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
    await lookAtPayment(paymentIntentId, cause)
    return 'failed'
  }
  await lookAtPayment(paymentIntentId, cause)
  if (refund.doesThen === 'end' && invoice.isLive)
    await tolerated(invoice.subscriptionId, () => cancelAtStripe(invoice.stripeSubscriptionId))
  return 'sent'
}

/** Cancels what is closed for good, so that nothing more is charged for it. */
async function cancelAtStripe(stripeSubscriptionId: string): Promise<void> {
  const { gateway } = await currentBackend()
  try {
    await gateway.cancelNow(stripeSubscriptionId, 'background')
  } catch (error) {
    // Gone there: the look below has that written down.
    if (!(error instanceof GatewayError) || error.fault !== 'not_found') throw error
  }
  await lookNow(stripeSubscriptionId, 'its money went back')
}

/**
 * Sends refunds that Stripe has not answered, and cancels what a refund or a lost dispute has ended. Several processes may sweep at
 * once. Returns how many were looked at.
 */
export async function sweepMembershipMoney(): Promise<number> {
  const backend = await currentBackend()
  const refunds = await unansweredRefunds(db('money'), backend.id, mostASweep)
  const toEnd = await subscriptionsToEnd(db('money'), backend.id, mostASweep)
  for (const id of refunds) await tolerated(id, () => sendInvoiceRefund(id))
  for (const one of toEnd) await tolerated(one.id, () => cancelAtStripe(one.stripeSubscriptionId))
  return refunds.length + toEnd.length
}

async function tolerated(id: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ id, fault: error.fault, error: error.message }, 'Stripe could not be asked')
  }
}

/** Opens again, by the owner's hand, what was closed because its payment went back at Stripe's side. On record. */
export async function keepAccess(owner: OwnerActor, subscriptionId: string): Promise<EndingResult> {
  const backend = await currentBackend()
  const held = await heldSubscription(subscriptionId)
  if (!held) return { ok: false, reason: 'not_found' }
  return inTransaction(async (tx) => {
    const one = await lockMirrored(tx, backend.id, held.stripeSubscriptionId)
    if (one?.money !== 'refunded' || one.isToEnd || one.status === 'canceled')
      return { ok: false, reason: 'not_possible' } as const
    const { invoices, refunds } = await moneyOf(tx, one.id)
    const period = new Set(presentPeriod(invoices).map(({ id }) => id))
    const ids = refunds
      .filter(({ invoiceId, state }) => period.has(invoiceId) && refundCounts(state))
      .map(({ id }) => id)
    if ((await keepAfterRefunds(tx, ids)) === 0)
      return { ok: false, reason: 'not_possible' } as const
    const present = { ...one, ...(await settleMoney(tx, one.id)) }
    const cause = 'opened again by the owner'
    await insertEvents(tx, [eventOf(present, 'access_kept', cause)])
    await openOrShut(tx, present, cause)
    await audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'subscription.access_kept',
      subject: { kind: 'subscription', id: one.id },
      detail: { refunds: ids.length },
    })
    return { ok: true } as const
  }, 'money')
}
