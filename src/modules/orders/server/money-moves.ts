import { followMoney } from '#modules/entitlements/server/index.ts'
import type { Cause, MoneyStanding } from '#modules/entitlements/types.ts'
import { moneyOfCheckout } from '#modules/payments/server/index.ts'
import type { Tx } from '#modules/platform/server/index.ts'
import { lineStates, type LineState } from '../line-states.ts'
import type { OrderLine, OrderWithLines } from '../types.ts'
import { productExtras, productKind } from './kinds.ts'
import { lineRefundsOf, setRefunded } from './store.ts'

/** Refunds whose money counts as gone. */
const counting = new Set(['pending', 'requires_action', 'succeeded'])

/**
 * Brings the order's lines, and what they gave, to where its money stands now: order holds what is refunded and disputed.
 * Returns the state of each line.
 */
export async function applyRefunds(
  tx: Tx,
  order: OrderWithLines,
  cause: Cause,
): Promise<ReadonlyMap<string, LineState>> {
  const [parts, money] = [
    await lineRefundsOf(tx, order.id),
    await moneyOfCheckout(tx, order.checkoutId),
  ]
  const gone = new Set(
    money?.refunds.filter((refund) => counting.has(refund.state)).map((refund) => refund.id),
  )
  const states = lineStates(
    order,
    parts.filter((part) => gone.has(part.refundId)),
  )
  await setRefunded(
    tx,
    order.id,
    order.refundedMinor,
    order.lines.map((line) => ({
      id: line.id,
      minor: states.get(line.id)?.refundedMinor ?? 0,
      quantity: states.get(line.id)?.refundedQuantity ?? 0,
    })),
  )
  await goodsFollow(tx, order, states, cause)
  return states
}

async function goodsFollow(
  tx: Tx,
  order: OrderWithLines,
  states: ReadonlyMap<string, LineState>,
  cause: Cause,
): Promise<void> {
  const byStanding = Map.groupBy(
    order.lines,
    (line): MoneyStanding => states.get(line.id)?.standing ?? 'kept',
  )
  for (const [standing, lines] of byStanding) {
    const changed = await followMoney(
      tx,
      lines.map((line) => line.id),
      standing,
      cause,
    )
    if (changed === 0 || (standing !== 'refunded' && standing !== 'dispute_lost')) continue
    for (const line of lines) await productKind(line.kind).revoke(tx, paidLine(order, line))
  }
  for (const line of order.lines) {
    const left = line.quantity - (states.get(line.id)?.refundedQuantity ?? 0)
    if (left === line.quantity - line.refundedQuantity) continue
    await productKind(line.kind).resize?.(tx, paidLine(order, line), left)
    for (const extra of productExtras()) await extra.resize(tx, paidLine(order, line), left)
  }
}

/** A line as its kind sees it. */
export function paidLine(order: { readonly customerId: string }, line: OrderLine) {
  return {
    source: { kind: 'order_line' as const, id: line.id },
    productId: line.productId,
    customerId: order.customerId,
    quantity: line.quantity,
  }
}
