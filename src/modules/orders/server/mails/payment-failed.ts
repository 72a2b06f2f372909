import type { Checkout, CheckoutLine } from '#modules/payments/types.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** A bank payment that was promised did not come. */
export function paymentFailedMail(
  checkout: Checkout,
  lines: readonly CheckoutLine[],
  to: string,
): OutgoingMail {
  const total = formatMoney({ minor: checkout.totalMinor, currency: checkout.currency })
  return {
    template: 'payment_failed',
    entityKey: checkout.id,
    to,
    subject: `Your payment of ${total} did not go through`,
    content: {
      preheader: 'Nothing was charged. You can try again with another way of paying.',
      heading: 'Your bank did not send the payment',
      blocks: [
        {
          kind: 'text',
          text: `Your bank told us that the payment of ${total} could not be made. Nothing was charged, and the order was not placed.`,
        },
        { kind: 'table', rows: lines.map((line) => ({ label: line.title, value: 'not bought' })) },
        { kind: 'button', label: 'Go back to the shop', url: runtime().settings.origin },
      ],
      footnote: 'You get this mail because you started a bank payment.',
    },
  }
}
