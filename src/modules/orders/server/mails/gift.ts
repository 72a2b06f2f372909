import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import type { LineState } from '../../line-states.ts'
import { receiptRows } from '../../receipt-rows.ts'
import type { GiftWords, OrderWithLines } from '../../types.ts'
import { giftPath } from '../gift-link.ts'
import { lineRows } from './refund.ts'

const linkTo = (order: OrderWithLines) => `${runtime().settings.origin}${giftPath(order)}`
const titles = (order: OrderWithLines) => order.lines.map((line) => line.title).join(', ')

/** The buyer's receipt for a gift: what it cost, and the link to hand over. */
export function giftReceiptMail(
  order: OrderWithLines,
  gift: GiftWords,
  notes: readonly string[],
): OutgoingMail {
  const to = gift.toName || gift.toEmail || 'whoever you give it to'
  return {
    template: 'receipt',
    entityKey: `${order.id}:first`,
    to: order.email,
    subject: `Your receipt for a gift: ${titles(order)}`.slice(0, 200),
    content: {
      preheader: `${formatMoney({ minor: order.totalMinor, currency: order.currency })}, order ${order.number}.`,
      heading: 'Thank you. The gift is ready.',
      blocks: [
        {
          kind: 'text',
          text:
            gift.toEmail === undefined
              ? `Hand this link to ${to}: whoever opens it first can take the gift, once.`
              : `We have sent it to ${gift.toEmail}. Should it not arrive there, hand over this link yourself; it can be taken once.`,
        },
        { kind: 'button', label: 'The link to the gift', url: linkTo(order) },
        { kind: 'table', rows: receiptRows(order) },
        ...notes.map((text) => ({ kind: 'text' as const, text })),
      ],
      footnote: `Order ${order.number}. You get this mail because you bought a gift.`,
    },
  }
}

/** To the one it is for; once more when the order was moved, because the link of before opens nothing then. */
export function giftMail(order: OrderWithLines, gift: GiftWords, to: string): OutgoingMail {
  return {
    template: 'gift',
    entityKey: order.linkVersion === 0 ? order.id : `${order.id}:${order.linkVersion}`,
    to,
    subject: `${gift.fromName} has a gift for you`,
    content: {
      preheader: titles(order),
      heading: gift.toName ? `${gift.toName}, this is for you` : 'This is for you',
      blocks: [
        { kind: 'text', text: `${gift.fromName} bought this for you: ${titles(order)}.` },
        ...(gift.message ? [{ kind: 'text' as const, text: `“${gift.message}”` }] : []),
        { kind: 'button', label: 'Take the gift', url: linkTo(order) },
      ],
      footnote:
        'You get this mail because somebody bought you a gift. You need not do anything if you do not want it.',
    },
  }
}

/** To the buyer: it has arrived. */
export function giftTakenMail(order: OrderWithLines, gift: GiftWords): OutgoingMail {
  return {
    template: 'gift_taken',
    entityKey: order.id,
    to: order.email,
    subject: `${gift.toName || 'Your gift'} ${gift.toName ? 'has taken your gift' : 'was taken'}`,
    content: {
      preheader: titles(order),
      heading: 'Your gift has arrived',
      blocks: [
        {
          kind: 'text',
          text: `${gift.toName || 'Whoever you gave it to'} has taken ${titles(order)} and can open it from now on.`,
        },
      ],
      footnote: `Order ${order.number}. You get this mail because you bought a gift.`,
    },
  }
}

/** To the one who has it: the one who gave it was given the money back. */
export function giftClosedMail(
  order: OrderWithLines,
  states: ReadonlyMap<string, LineState>,
  to: string,
  cause: string,
): OutgoingMail {
  return {
    template: 'gift_closed',
    entityKey: `${order.id}:${order.refundedMinor}:${cause}`,
    to,
    subject: 'A gift you were given has changed',
    content: {
      preheader: 'Its purchase was given back.',
      heading: 'A gift you were given has changed',
      blocks: [
        {
          kind: 'text',
          text: 'What was bought for you was given back, as a whole or in part. This is what is so now:',
        },
        { kind: 'table', rows: lineRows(order, states) },
      ],
      footnote: 'You get this mail because you took a gift in this shop.',
    },
  }
}
