import { formatMoney } from '#modules/platform/money.ts'
import type { OutgoingMail } from '#modules/platform/server/index.ts'
import type { LineState } from '../../line-states.ts'
import type { OrderWithLines } from '../../types.ts'

/**
 * Money is on its way back: what of the order no longer opens and what is still the buyer's. minor: what was returned this
 * time. cause: what told of it; the same sum may be returned again after a refund failed, and is then told again.
 */
export function refundMail(
  order: OrderWithLines,
  states: ReadonlyMap<string, LineState>,
  refund: { readonly minor: number; readonly cause: string },
): OutgoingMail {
  const amount = formatMoney({ minor: refund.minor, currency: order.currency })
  return {
    template: 'refund',
    entityKey: `${order.id}:${order.refundedMinor}:${refund.cause}`,
    to: order.email,
    subject: `${amount} is on its way back to you`,
    content: {
      preheader: `Refund for order ${order.number}.`,
      heading: `${amount} is on its way back`,
      blocks: [
        {
          kind: 'text',
          text: `We have returned ${amount} for order ${order.number} to the card or account you paid with. Banks usually show it within five to ten days.`,
        },
        { kind: 'table', rows: lineRows(order, states) },
      ],
      footnote: `Order ${order.number}. You get this mail because money was returned to you.`,
    },
  }
}

/** Each line and what is so of it now. */
export function lineRows(
  order: OrderWithLines,
  states: ReadonlyMap<string, LineState>,
): { label: string; value: string }[] {
  return order.lines.map((line) => {
    const state = states.get(line.id)
    const left = line.quantity - (state?.refundedQuantity ?? 0)
    const name = line.quantity > 1 ? `${line.quantity} × ${line.title}` : line.title
    if (state?.standing === 'refunded') return { label: name, value: 'no longer opens' }
    if (state?.standing === 'dispute_lost') return { label: name, value: 'no longer opens' }
    if (state?.standing === 'disputed') return { label: name, value: 'under review' }
    return {
      label: name,
      value:
        line.quantity > 1 && left > 0 && left < line.quantity
          ? `${left} still yours`
          : 'still yours',
    }
  })
}
