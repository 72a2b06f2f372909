import type { Order } from './types.ts'

export type OrderState = 'paid' | 'partly_refunded' | 'refunded' | 'disputed'

/** The one word an order is told by. A dispute is told first: it needs somebody. */
export function orderState(
  order: Pick<Order, 'totalMinor' | 'refundedMinor' | 'isDisputed'>,
): OrderState {
  if (order.isDisputed) return 'disputed'
  if (order.refundedMinor === 0) return 'paid'
  return order.refundedMinor >= order.totalMinor ? 'refunded' : 'partly_refunded'
}

export const orderStateWords: Readonly<Record<OrderState, string>> = {
  paid: 'Paid',
  partly_refunded: 'Partly refunded',
  refunded: 'Refunded',
  disputed: 'Disputed',
}
