import type { OrderState } from '#modules/orders/order-state.ts'

/** How an order's state is marked: what needs somebody stands out. */
export const orderTones = {
  paid: 'good',
  partly_refunded: 'quiet',
  refunded: 'quiet',
  disputed: 'bad',
  dispute_lost: 'bad',
} as const satisfies Readonly<Record<OrderState, string>>
