import type { OwnerActor } from '#modules/accounts/types.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { currentBackend } from './backend.ts'
import { eventPage, inboxCounts, type EventRow, type InboxCounts } from './store.health.ts'
import { readCursor, replayEvent, type Cursor } from './store.inbox.ts'
import {
  disputesOf,
  findPaymentOfCheckout,
  lockPayment,
  refundsOf,
  warningsOf,
} from './store.payment.ts'

export { accountOfKey, currentBackend, forgetBackend } from './backend.ts'
export { callFigures } from './call-figures.ts'
export { checkKey, registerWebhook, type KeyCheck } from './providers/stripe/key-check.ts'
export {
  checkoutWithLines,
  completeFree,
  justGiven,
  leaveOpenCheckouts,
  openCheckout,
  orderPath,
  orderToken,
  sendToPay,
  sessionAlreadyOpen,
  startCheckout,
  type OpenedCheckout,
  type Purchase,
  type StartResult,
} from './checkouts.ts'
export {
  disputeById,
  requestAnswer,
  sendAnswerNow,
  type Answer,
  type AnswerRequest,
  type DisputeRow,
} from './disputes.ts'
export { sweepDrift } from './drift.ts'
export { enclosureRoom } from './sale-note.ts'
export { receiveWebhook, type WebhookResult } from './inbox.ts'
export { providePayables } from './payables.ts'
export { pollEvents, sweepPayments } from './reconcile.ts'
export { requestRefund, sendRefund, sendRefundNow, type RefundRequest } from './refunds.ts'
export { giveBackAllLeases, prunePayloads } from './store.inbox.ts'
export { countPaying } from './store.paying.ts'
export { lookAtCheckout } from './return-page.ts'
export { oddPayments, wasPaidOddly, type EventRow, type InboxCounts } from './store.health.ts'
export { syncCheckout, syncPayment } from './sync.ts'
export { provideSubscriptionMirror } from './subscription-mirrors.ts'
export {
  askForComparison,
  differencesPage,
  healDifferences,
  healSubscriptions,
  mirrorStanding,
  sweepComparisons,
  sweepSubscriptions,
  type Comparison,
  type MirrorStanding,
} from './compare-subscriptions.ts'
export { syncSubscription } from './sync-subscription.ts'
export { type ComparisonRow, type DifferenceRow, type ToldBrief } from './store.comparison.ts'
export { within } from './within.ts'
export { wakeWorker } from './wake.ts'
export { startWorker, stopWorker } from './worker.ts'

export interface MoneyOfCheckout {
  readonly paymentIntentId: string | undefined
  readonly amountMinor: number
  readonly refundedMinor: number
  readonly currency: string
  readonly method: string | undefined
  readonly methodDetail: string | undefined
  readonly paidAt: Date
  readonly refunds: Awaited<ReturnType<typeof refundsOf>>
  readonly disputes: Awaited<ReturnType<typeof disputesOf>>
  readonly warnings: Awaited<ReturnType<typeof warningsOf>>
}

/** The money side of one purchase, for the owner's order page; undefined while nothing was paid. */
export async function moneyOfCheckout(
  db: Db,
  checkoutId: string,
): Promise<MoneyOfCheckout | undefined> {
  const payment = await findPaymentOfCheckout(db, checkoutId)
  if (!payment) return undefined
  const [refunds, disputes, warnings] = await Promise.all([
    refundsOf(db, payment.id),
    disputesOf(db, payment.id),
    warningsOf(db, payment.id),
  ])
  return { ...payment, refunds, disputes, warnings }
}

/**
 * Holds a purchase's money still until the transaction ends. Whoever then also locks its order does so in the order in which
 * refunds and disputes are written down: first the money.
 */
export async function lockMoney(tx: Tx, checkoutId: string): Promise<void> {
  const payment = await findPaymentOfCheckout(tx, checkoutId)
  if (payment) await lockPayment(tx, payment.id)
}

export interface PaymentsHealth {
  readonly mode: 'rehearsal' | 'test' | 'live'
  /** No webhook secret is set: events come by polling alone. */
  readonly isPollingOnly: boolean
  readonly cursor: Cursor
  readonly counts: InboxCounts
}

/** What the owner's payments page says about the connection to Stripe. All counts are of indexed, open rows. */
export async function paymentsHealth(db: Db): Promise<PaymentsHealth> {
  const backend = await currentBackend()
  const [cursor, counts] = await Promise.all([readCursor(db, backend.id), inboxCounts(db)])
  return { mode: backend.mode, isPollingOnly: backend.webhookSecrets.length === 0, cursor, counts }
}

export type EventState = 'pending' | 'done' | 'ignored' | 'quarantined' | 'parked'

/** The inbox, newest first, 50 a page. states: only events in one of them; [] = all. */
export async function eventsPage(
  db: Db,
  states: readonly EventState[],
  turn: Turn,
): Promise<ListPage<EventRow>> {
  return readPage(turn, 50, (reach) => eventPage(db, states, reach))
}

/**
 * Puts a parked or finished event back to work, by the owner's hand; audited. Returns false when there is none to put
 * back. The caller wakes the worker (wakeWorker) once this is committed.
 */
export async function replay(tx: Tx, owner: OwnerActor, eventId: string): Promise<boolean> {
  if (!(await replayEvent(tx, eventId))) return false
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'stripe_event.replayed',
    subject: { kind: 'stripe_event', id: eventId },
  })
  return true
}
export { waitingPurchases, type WaitingPurchase } from './store.waiting.ts'
