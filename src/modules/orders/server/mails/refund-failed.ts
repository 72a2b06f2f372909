import { formatMoney } from '#modules/platform/money.ts'
import type { OutgoingMail } from '#modules/platform/server/index.ts'
import type { LineState } from '../../line-states.ts'
import type { OrderWithLines } from '../../types.ts'
import { lineRows } from './refund.ts'

/** A refund that was on its way came back to the shop: the bank would not take it. */
export function refundFailedMail(
  order: OrderWithLines,
  states: ReadonlyMap<string, LineState>,
  cause: string,
): OutgoingMail {
  const returned = formatMoney({ minor: order.refundedMinor, currency: order.currency })
  return {
    template: 'refund_failed',
    entityKey: `${order.id}:${order.refundedMinor}:${cause}`,
    to: order.email,
    subject: `A refund for order ${order.number} could not be paid out`,
    content: {
      preheader: 'Your bank sent it back. We will find another way.',
      heading: 'Your bank did not take the refund',
      blocks: [
        {
          kind: 'text',
          text: `The money we returned for order ${order.number} was sent back to us by your bank. We have been told and will find another way; you need not do anything. Returned so far: ${returned}.`,
        },
        { kind: 'table', rows: lineRows(order, states) },
      ],
      footnote: `Order ${order.number}. You get this mail because a refund to you failed.`,
    },
  }
}
