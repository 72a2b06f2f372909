import { formatMoney } from '#modules/platform/money.ts'
import type { OutgoingMail } from '#modules/platform/server/index.ts'
import type { OrderWithLines } from '../../types.ts'

/**
 * Money is on its way back. minor: what was returned this time. cause: what told of it; the same sum may be returned again
 * after a refund failed, and is then told again.
 */
export function refundMail(
  order: OrderWithLines,
  refund: { readonly minor: number; readonly isWhole: boolean; readonly cause: string },
): OutgoingMail {
  const { isWhole } = refund
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
        {
          kind: 'table',
          rows: order.lines.map((line) => ({
            label: line.title,
            value: isWhole ? 'no longer opens' : 'still yours',
          })),
        },
      ],
      footnote: `Order ${order.number}. You get this mail because money was returned to you.`,
    },
  }
}
