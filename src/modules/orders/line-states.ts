import type { MoneyStanding } from '#modules/entitlements/types.ts'
import type { Order, OrderLine } from './types.ts'

/** A part of a refund that the owner gave to one line, oldest first wherever there are several. */
export interface LineRefund {
  readonly orderLineId: string
  readonly amountMinor: number
  /** How many of the line go back with it; 0 = only money. */
  readonly quantity: number
  readonly keepsAccess: boolean
}

export interface LineState {
  readonly refundedMinor: number
  readonly refundedQuantity: number
  /** What the line's goods follow. */
  readonly standing: MoneyStanding
}

type MoneyOfOrder = Pick<Order, 'totalMinor' | 'refundedMinor' | 'isDisputed' | 'isDisputeLost'> & {
  readonly lines: readonly Pick<OrderLine, 'id' | 'totalMinor' | 'quantity'>[]
}

/**
 * Where each line of an order stands. refunds: those whose money counts as gone. It depends on nothing else, so it makes no
 * difference in which order refunds came, failed or were decided.
 *
 * A line closes when all that was paid for it, or all of its quantity, went back. The last refund that was given to it decides
 * whether access is kept. When the whole order's money went back every line closes that was not kept; what was returned at
 * Stripe's side without naming lines does not close any until then. An open dispute locks what is not closed; a lost one ends it.
 */
export function lineStates(
  order: MoneyOfOrder,
  refunds: readonly LineRefund[],
): ReadonlyMap<string, LineState> {
  const isWhole = order.totalMinor > 0 && order.refundedMinor >= order.totalMinor
  const states = new Map<string, LineState>()
  for (const line of order.lines) {
    const own = refunds.filter((refund) => refund.orderLineId === line.id)
    const givenMinor = own.reduce((sum, refund) => sum + refund.amountMinor, 0)
    const givenQuantity = own.reduce((sum, refund) => sum + refund.quantity, 0)
    const isFull =
      isWhole ||
      (line.totalMinor > 0 && givenMinor >= line.totalMinor) ||
      givenQuantity >= line.quantity
    const isKept = own.at(-1)?.keepsAccess ?? false
    states.set(line.id, {
      refundedMinor: isWhole ? line.totalMinor : Math.min(givenMinor, line.totalMinor),
      refundedQuantity: isFull ? line.quantity : Math.min(givenQuantity, line.quantity),
      standing:
        isFull && !isKept
          ? 'refunded'
          : order.isDisputeLost
            ? 'dispute_lost'
            : order.isDisputed
              ? 'disputed'
              : 'kept',
    })
  }
  // What cost nothing goes as the things went that it came with.
  const paid = order.lines.filter((line) => line.totalMinor > 0)
  if (isWhole && paid.every((line) => states.get(line.id)?.standing !== 'refunded')) {
    for (const line of order.lines) {
      const state = states.get(line.id)
      if (line.totalMinor === 0 && state)
        states.set(line.id, {
          ...state,
          standing: states.get(paid[0]?.id ?? '')?.standing ?? 'kept',
        })
    }
  }
  return states
}

/** What went back without naming a line: at Stripe's side, or more than its lines could hold. Minor units. */
export function unassignedMinor(
  order: Pick<Order, 'refundedMinor' | 'totalMinor'>,
  refunds: readonly LineRefund[],
): number {
  const assigned = refunds.reduce((sum, refund) => sum + refund.amountMinor, 0)
  return Math.max(0, order.refundedMinor - assigned)
}
