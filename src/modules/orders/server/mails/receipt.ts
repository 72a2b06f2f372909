import { orderPath } from '#modules/payments/server/index.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { boughtTitles } from '../../bought-titles.ts'
import { receiptRows } from '../../receipt-rows.ts'
import type { OrderWithLines } from '../../types.ts'

export interface ReceiptParts {
  /** What the things carry besides, such as licence keys. */
  readonly extras: readonly { readonly label: string; readonly value: string }[]
  /** Sentences that have to be repeated, such as what was agreed to. */
  readonly notes: readonly string[]
}

/**
 * The receipt: what was bought, what it cost, one button that opens it. copy: 'first', or what makes a further copy its own
 * mail.
 */
export function receiptMail(
  order: OrderWithLines,
  copy: string,
  { extras, notes }: ReceiptParts = { extras: [], notes: [] },
): OutgoingMail {
  const total = formatMoney({ minor: order.totalMinor, currency: order.currency })
  const titles = boughtTitles(order.lines)
  const isFree = order.totalMinor === 0
  return {
    template: 'receipt',
    entityKey: `${order.id}:${copy}`,
    to: order.email,
    subject: `Your receipt for ${titles[0] ?? 'your order'}${titles.length > 1 ? ` and ${titles.length - 1} more` : ''}`,
    content: {
      preheader: `${isFree ? 'Free' : total}, order ${order.number}. It is ready for you.`,
      heading: 'Thank you. It is yours.',
      blocks: [
        {
          kind: 'text',
          text: isFree
            ? 'There was nothing to pay, and it is ready to open.'
            : `Your payment of ${total} has arrived, and what you bought is ready to open.`,
        },
        {
          kind: 'button',
          label: isFree ? 'Open it' : 'Open what you bought',
          url: `${runtime().settings.origin}${orderPath(order.checkoutId, order.linkVersion)}`,
        },
        ...(extras.length > 0 ? [{ kind: 'table' as const, rows: extras }] : []),
        { kind: 'table', rows: receiptRows(order) },
        ...notes.map((text) => ({ kind: 'text' as const, text })),
        {
          kind: 'text',
          text: 'Keep this mail: the button opens your order on any device. Sign in with this address and a code to see all you ever bought here.',
        },
      ],
      footnote: `Order ${order.number}${order.mode === 'rehearsal' && !isFree ? ', paid with play money in rehearsal mode' : ''}. You get this mail because you ${isFree ? 'ordered' : 'bought'} something.`,
    },
  }
}
