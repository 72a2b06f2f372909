import type { MoneyStanding } from '#modules/entitlements/types.ts'
import type { Order } from './types.ts'

export type OrderState = 'paid' | 'partly_refunded' | 'refunded' | 'disputed' | 'dispute_lost'

/** The one word an order is told by. A dispute is told first: it needs somebody. */
export function orderState(
  order: Pick<Order, 'totalMinor' | 'refundedMinor' | 'isDisputed' | 'isDisputeLost'>,
): OrderState {
  if (order.isDisputed) return 'disputed'
  if (order.isDisputeLost) return 'dispute_lost'
  if (order.refundedMinor === 0) return 'paid'
  return order.refundedMinor >= order.totalMinor ? 'refunded' : 'partly_refunded'
}

export const orderStateWords: Readonly<Record<OrderState, string>> = {
  paid: 'Paid',
  partly_refunded: 'Partly refunded',
  refunded: 'Refunded',
  disputed: 'Disputed',
  dispute_lost: 'Lost in dispute',
}

/**
 * Where an order's money stands: what its goods follow. Several things may be true at once (a refund that failed while a
 * dispute is open, a dispute won after another was lost); one that keeps the goods closed is enough.
 */
export function moneyStanding(
  order: Pick<Order, 'totalMinor' | 'refundedMinor' | 'isDisputed' | 'isDisputeLost'>,
): MoneyStanding {
  if (order.refundedMinor >= order.totalMinor && order.totalMinor > 0) return 'refunded'
  if (order.isDisputeLost) return 'dispute_lost'
  return order.isDisputed ? 'disputed' : 'kept'
}

/** What of an order's money is still the shop's, in minor units. An open dispute has decided nothing yet. */
export function keptMinor(
  order: Pick<Order, 'totalMinor' | 'refundedMinor' | 'isDisputeLost'>,
): number {
  return order.isDisputeLost ? 0 : order.totalMinor - order.refundedMinor
}
