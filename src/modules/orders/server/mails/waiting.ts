import { orderPath } from '#modules/payments/server/index.ts'
import type { Checkout, CheckoutLine } from '#modules/payments/types.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'

/** A bank payment that takes days was started. */
export function waitingMail(
  checkout: Checkout,
  lines: readonly CheckoutLine[],
  to: string,
): OutgoingMail {
  const total = formatMoney({ minor: checkout.totalMinor, currency: checkout.currency })
  return {
    template: 'payment_waiting',
    entityKey: checkout.id,
    to,
    subject: `We are waiting for your payment of ${total}`,
    content: {
      preheader: 'Nothing more to do: we write again when it has arrived.',
      heading: 'Your payment is on its way',
      blocks: [
        {
          kind: 'text',
          text: `Your bank is sending ${total}, which can take a few working days. As soon as it has arrived, you get a receipt and everything opens.`,
        },
        {
          kind: 'table',
          rows: lines.map((line) => ({ label: line.title, value: 'waiting for payment' })),
        },
        {
          kind: 'button',
          label: 'See how it stands',
          url: `${runtime().settings.origin}${orderPath(checkout.id)}`,
        },
      ],
      footnote: 'You get this mail because you started a bank payment.',
    },
  }
}
