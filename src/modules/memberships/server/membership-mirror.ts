import type { SubscriptionMirror } from '#modules/payments/subscription-mirror.ts'
import { mirroredSubscriptions } from './mirror.ts'
import { mirrorPayment } from './money-moves.ts'
import { findInvoiceOfIntent, knownMoney } from './store.money.ts'

/** Where payments has subscriptions written down, and what became of their money. */
export const membershipMirror: SubscriptionMirror = {
  ...mirroredSubscriptions,
  onPayment: mirrorPayment,
  knownMoney,

  async knowsPayment(db, backendId, paymentIntentId) {
    return (await findInvoiceOfIntent(db, backendId, paymentIntentId)) !== undefined
  },
}
