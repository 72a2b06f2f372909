import { orderPath } from '#modules/payments/server/index.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { receiptRows } from '../../receipt-rows.ts'
import type { OrderWithLines } from '../../types.ts'

/** To the former buyer. */
export function orderMovedMail(order: OrderWithLines, once: string): OutgoingMail {
  return {
    template: 'order_moved',
    entityKey: `${order.id}:${once}`,
    to: order.email,
    subject: `Order ${order.number} was moved to another address`,
    content: {
      preheader: 'It no longer opens with this address.',
      heading: `Order ${order.number} was moved`,
      blocks: [
        {
          kind: 'text',
          text: 'This order was moved to another address, as its buyer asked. With this address it no longer opens. If that is not right, answer this mail.',
        },
        {
          kind: 'table',
          rows: order.lines.map((line) => ({ label: line.title, value: 'moved' })),
        },
      ],
      footnote: `Order ${order.number}. You get this mail because the order was yours.`,
    },
  }
}

/** To the new one: everything a receipt tells. */
export function orderGainedMail(
  order: OrderWithLines,
  once: string,
  { isGift }: { readonly isGift: boolean },
): OutgoingMail {
  return {
    template: 'order_gained',
    entityKey: `${order.id}:${once}`,
    to: order.email,
    subject: `Order ${order.number} is yours now`,
    content: {
      preheader: order.lines.map((line) => line.title).join(', '),
      heading: `Order ${order.number} is yours now`,
      blocks: [
        {
          kind: 'text',
          text: isGift
            ? 'This order was moved to your address. It is a gift that nobody has taken yet: its page has the link to hand over.'
            : 'This order was moved to your address. All of it opens for you from now on.',
        },
        {
          kind: 'button',
          label: 'Open what was bought',
          url: `${runtime().settings.origin}${orderPath(order.checkoutId, order.linkVersion)}`,
        },
        { kind: 'table', rows: receiptRows(order) },
      ],
      footnote: `Order ${order.number}. You get this mail because the order was moved to you.`,
    },
  }
}
