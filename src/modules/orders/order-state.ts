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

/** What of an order's money is still the shop's, in minor units. An open dispute has decided nothing yet. */
export function keptMinor(
  order: Pick<Order, 'totalMinor' | 'refundedMinor' | 'isDisputeLost'>,
): number {
  return order.isDisputeLost ? 0 : order.totalMinor - order.refundedMinor
}
