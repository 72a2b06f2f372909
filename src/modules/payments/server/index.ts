import type { Db, Tx } from '#modules/platform/server/index.ts'
import { currentBackend } from './backend.ts'
import { eventPage, inboxCounts, type EventRow, type InboxCounts } from './store.health.ts'
import { readCursor, replayEvent, type Cursor } from './store.inbox.ts'
import { disputesOf, findPaymentOfCheckout, refundsOf } from './store.payment.ts'
import { wakeWorker } from './worker.ts'

export { currentBackend, forgetBackend } from './backend.ts'
export {
  checkoutWithLines,
  orderPath,
  orderToken,
  startCheckout,
  type Purchase,
  type StartResult,
} from './checkouts.ts'
export { receiveWebhook, webhookLimitBytes, type WebhookResult } from './inbox.ts'
export { providePayables } from './payables.ts'
export { pollEvents, sweepPayments } from './reconcile.ts'
export { requestFullRefund, sendRefund, type RefundRequest } from './refunds.ts'
export { recentlySynced } from './store.checkout.ts'
export { prunePayloads } from './store.inbox.ts'
export type { EventRow, InboxCounts } from './store.health.ts'
export { syncCheckout, syncPayment } from './sync.ts'
export { startWorker, stopWorker, wakeWorker } from './worker.ts'

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
}

/** The money side of one purchase, for the owner's order page; undefined while nothing was paid. */
export async function moneyOfCheckout(
  db: Db,
  checkoutId: string,
): Promise<MoneyOfCheckout | undefined> {
  const payment = await findPaymentOfCheckout(db, checkoutId)
  if (!payment) return undefined
  const [refunds, disputes] = await Promise.all([
    refundsOf(db, payment.id),
    disputesOf(db, payment.id),
  ])
  return { ...payment, refunds, disputes }
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

/** A page of the inbox, newest first, at most 100 rows. */
export async function events(
  db: Db,
  filter: {
    readonly state?: string
    readonly before?: { readonly at: Date; readonly id: string }
    readonly most: number
  },
): Promise<readonly EventRow[]> {
  return eventPage(db, {
    state: filter.state,
    before: filter.before,
    most: Math.min(100, filter.most),
  })
}

/** Puts a parked or finished event back to work. Returns false when there is none to put back. */
export async function replay(tx: Tx, eventId: string): Promise<boolean> {
  const put = await replayEvent(tx, eventId)
  if (put) wakeWorker()
  return put
}
