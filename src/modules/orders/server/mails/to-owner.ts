import { formatDay } from '#modules/platform/dates.ts'
import { disputeReasonWords } from '#modules/payments/dispute-words.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import type { OrderWithLines } from '../../types.ts'

interface Told {
  readonly order: OrderWithLines
  /** The owner's address. */
  readonly to: string
}

const linkTo = (order: OrderWithLines) => `${runtime().settings.origin}/admin/orders/${order.id}`
const footnote = 'You get this mail because it is your shop.'

/** A refund came back: the buyer still has no money, and somebody has to find another way. */
export function ownerRefundFailedMail({ order, to }: Told, cause: string): OutgoingMail {
  return {
    template: 'owner_refund_failed',
    entityKey: `${order.id}:${order.refundedMinor}:${cause}`,
    to,
    subject: `A refund for order ${order.number} failed`,
    content: {
      preheader: 'The bank sent the money back to you.',
      heading: `The refund for order ${order.number} came back`,
      blocks: [
        {
          kind: 'text',
          text: `The bank of ${order.email} did not take the refund, so the money is with you again and what was bought opens again. Find another way to return it: ask them for another account, or refund once more.`,
        },
        { kind: 'button', label: 'Look at the order', url: linkTo(order) },
      ],
      footnote,
    },
  }
}

/** What became of a dispute. */
export function ownerDisputeMail(
  { order, to }: Told,
  dispute: {
    readonly disputeId: string
    readonly standing: 'inquiry' | 'open' | 'won' | 'lost'
    readonly reason: string
    readonly amountMinor: number
    readonly evidenceDueAt: Date | undefined
  },
): OutgoingMail {
  const amount = formatMoney({ minor: dispute.amountMinor, currency: order.currency })
  const due = dispute.evidenceDueAt
    ? ` Answer by ${formatDay(dispute.evidenceDueAt, { zone: 'UTC', locale: 'en' })}; left unanswered, it is lost.`
    : ''
  const told = {
    inquiry: {
      subject: `The bank asks about order ${order.number}`,
      text: `No money has moved and everything still opens.${due}`,
    },
    open: {
      subject: `Order ${order.number} is disputed: ${amount}`,
      text: `The bank has taken the money back for now, and what was bought is locked until it is decided.${due} The evidence is put together for you: what was bought, what was agreed to, and what was downloaded when.`,
    },
    won: {
      subject: `You won the dispute about order ${order.number}`,
      text: 'The money is yours again, and what was bought opens again for the buyer.',
    },
    lost: {
      subject: `The dispute about order ${order.number} is lost`,
      text: 'The bank has given the money to the buyer, and what was bought no longer opens.',
    },
  }[dispute.standing]
  return {
    template: 'owner_dispute',
    entityKey: `${dispute.disputeId}:${dispute.standing}`,
    to,
    subject: told.subject,
    content: {
      preheader: disputeReasonWords(dispute.reason),
      heading: told.subject,
      blocks: [
        { kind: 'text', text: `${disputeReasonWords(dispute.reason)}. ${told.text}` },
        { kind: 'button', label: 'Look at the order', url: linkTo(order) },
      ],
      footnote,
    },
  }
}

/** A card's bank warns: a refund now may keep a dispute away. */
export function ownerFraudMail({ order, to }: Told, warningId: string): OutgoingMail {
  const amount = formatMoney({ minor: order.totalMinor, currency: order.currency })
  return {
    template: 'owner_fraud_warning',
    entityKey: warningId,
    to,
    subject: `A warning of fraud for order ${order.number}`,
    content: {
      preheader: 'Nothing has happened by itself; you decide.',
      heading: `The card’s bank warns about order ${order.number}`,
      blocks: [
        {
          kind: 'text',
          text: `The bank believes that the holder of the card did not pay the ${amount}. Such payments are often disputed within days, which costs a fee whatever comes of it; a refund now usually keeps that away. Nothing has been done by itself.`,
        },
        { kind: 'button', label: 'Look at the order', url: linkTo(order) },
      ],
      footnote,
    },
  }
}
