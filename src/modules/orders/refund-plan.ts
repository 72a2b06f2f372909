import { shareOut } from '#modules/platform/money.ts'
import { lineStates, type LineRefund } from './line-states.ts'
import type { OrderWithLines } from './types.ts'

/** What the owner wants to give back. */
export type RefundDraft =
  /** All that is left of the order. */
  | { readonly of: 'rest'; readonly keepsAccess: boolean }
  | {
      readonly of: 'lines'
      readonly lines: readonly {
        readonly lineId: string
        readonly amountMinor: number
        readonly quantity: number
      }[]
      readonly keepsAccess: boolean
    }

export interface PlannedLine {
  readonly lineId: string
  readonly title: string
  readonly amountMinor: number
  readonly quantity: number
  /** What is left of it afterwards. */
  readonly leftMinor: number
  readonly leftQuantity: number
  /** It opens now and will not afterwards, as far as this order goes. */
  readonly closes: boolean
}

export type RefundPlan =
  | {
      readonly ok: true
      readonly amountMinor: number
      /** Every line of the order, also those nothing is given back for. */
      readonly lines: readonly PlannedLine[]
      readonly parts: readonly LineRefund[]
    }
  | {
      readonly ok: false
      readonly reason:
        | 'nothing'
        | 'unknown_line'
        | 'more_than_line'
        | 'more_than_quantity'
        | 'more_than_left'
      readonly lineId?: string
      /** The most that could be given back instead, where there is a most. */
      readonly mostMinor?: number
    }

/**
 * What a refund would do, before it is done and as it is then done: the preview and the act are one rule. earlier: refunds of
 * the order's lines whose money counts as gone or is about to go.
 */
export function planRefund(
  order: OrderWithLines,
  earlier: readonly LineRefund[],
  draft: RefundDraft,
): RefundPlan {
  const before = lineStates(order, earlier)
  const leftOf = (line: OrderWithLines['lines'][number]) => {
    const own = earlier.filter((refund) => refund.orderLineId === line.id)
    return {
      minor: line.totalMinor - own.reduce((sum, refund) => sum + refund.amountMinor, 0),
      quantity: line.quantity - own.reduce((sum, refund) => sum + refund.quantity, 0),
    }
  }
  const leftMinor = order.totalMinor - order.refundedMinor

  const parts: LineRefund[] = []
  if (draft.of === 'rest') {
    const lefts = order.lines.map(leftOf)
    // Where money went back without naming a line, the lines hold more than is left; each then gets its share.
    const shares = shareOut(
      leftMinor,
      lefts.map((left) => left.minor),
    )
    for (const [at, line] of order.lines.entries()) {
      const amountMinor = Math.min(shares[at] ?? 0, lefts[at]?.minor ?? 0)
      if (amountMinor > 0)
        parts.push({
          orderLineId: line.id,
          amountMinor,
          quantity: Math.max(0, lefts[at]?.quantity ?? 0),
          keepsAccess: draft.keepsAccess,
        })
    }
  } else {
    for (const wanted of draft.lines) {
      const line = order.lines.find((one) => one.id === wanted.lineId)
      if (!line) return { ok: false, reason: 'unknown_line', lineId: wanted.lineId }
      if (wanted.amountMinor === 0 && wanted.quantity === 0) continue
      const left = leftOf(line)
      if (wanted.amountMinor > left.minor || wanted.amountMinor <= 0)
        return { ok: false, reason: 'more_than_line', lineId: line.id, mostMinor: left.minor }
      if (wanted.quantity > left.quantity)
        return { ok: false, reason: 'more_than_quantity', lineId: line.id }
      parts.push({
        orderLineId: line.id,
        amountMinor: wanted.amountMinor,
        quantity: wanted.quantity,
        keepsAccess: draft.keepsAccess,
      })
    }
  }
  const amountMinor = parts.reduce((sum, part) => sum + part.amountMinor, 0)
  if (amountMinor === 0) return { ok: false, reason: 'nothing' }
  if (amountMinor > leftMinor) return { ok: false, reason: 'more_than_left', mostMinor: leftMinor }

  const after = lineStates({ ...order, refundedMinor: order.refundedMinor + amountMinor }, [
    ...earlier,
    ...parts,
  ])
  return {
    ok: true,
    amountMinor,
    parts,
    lines: order.lines.map((line) => {
      const part = parts.find((one) => one.orderLineId === line.id)
      const state = after.get(line.id)
      return {
        lineId: line.id,
        title: line.title,
        amountMinor: part?.amountMinor ?? 0,
        quantity: part?.quantity ?? 0,
        leftMinor: line.totalMinor - (state?.refundedMinor ?? 0),
        leftQuantity: line.quantity - (state?.refundedQuantity ?? 0),
        closes: state?.standing === 'refunded' && before.get(line.id)?.standing !== 'refunded',
      }
    }),
  }
}
