import { disputeReasonWords } from '#modules/payments/dispute-words.ts'
import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { headedMail, text } from './headed-mail.ts'

/** A payment of a subscription, as its owner is told of it. */
export interface OfInvoice {
  /** The owner's address. */
  readonly to: string
  readonly dates: DateWords
  /** Whose subscription it is. */
  readonly who: string
  readonly title: string
  /** undefined: nobody here is known to hold it. */
  readonly customerId: string | undefined
  /** undefined: it does not renew. */
  readonly renewsAt: Date | undefined
  readonly invoice: {
    readonly id: string
    readonly paidMinor: number
    readonly refundedMinor: number
    readonly currency: string
  }
}

const headed = headedMail('You get this mail because it is your shop.')

function mail(
  about: OfInvoice,
  key: { readonly template: string; readonly entityKey: string },
  words: { readonly subject: string; readonly preheader: string; readonly text: string },
): OutgoingMail {
  const { origin } = runtime().settings
  const way =
    about.customerId === undefined
      ? { label: 'Look at your subscriptions', url: `${origin}/admin/subscriptions` }
      : { label: 'Look at it', url: `${origin}/admin/customers/${about.customerId}#membership` }
  const blocks = [text(words.text), { kind: 'button', ...way } as const]
  return headed(about, key, { ...words, blocks })
}

/** What became of a dispute. */
export function ownerDisputeMail(
  about: OfInvoice,
  dispute: {
    readonly id: string
    readonly standing: 'inquiry' | 'open' | 'won' | 'lost'
    readonly reason: string
    readonly amountMinor: number
    readonly currency: string
    readonly evidenceDueAt: Date | undefined
  },
): OutgoingMail {
  const { title, who, dates } = about
  const amount = formatMoney(
    { minor: dispute.amountMinor, currency: dispute.currency },
    dates.locale,
  )
  const due = dispute.evidenceDueAt
    ? ` Answer at Stripe by ${formatDay(dispute.evidenceDueAt, dates)}; left unanswered, it is lost.`
    : ''
  const told = {
    inquiry: {
      subject: `The bank asks about a payment for ${title}`,
      text: `It is about ${amount} that ${who} paid. No money has moved and everything still opens.${due}`,
    },
    open: {
      subject: `A payment for ${title} is disputed: ${amount}`,
      text: `The bank of ${who} has taken the money back for now, and what the plan opens is locked for them until it is decided.${due}`,
    },
    won: {
      subject: `You won the dispute about ${title}`,
      text: `The ${amount} of ${who} are yours again, and the plan opens again for them as far as it is paid.`,
    },
    lost: {
      subject: `The dispute about ${title} is lost`,
      text: `The bank has given ${amount} back to ${who}. Their subscription is cancelled at Stripe, so that they are not charged again, and what it opened is closed.`,
    },
  }[dispute.standing]
  return mail(
    about,
    { template: 'owner_membership_dispute', entityKey: `${dispute.id}:${dispute.standing}` },
    {
      ...told,
      preheader: disputeReasonWords(dispute.reason),
      text: `${disputeReasonWords(dispute.reason)}. ${told.text}`,
    },
  )
}

/** A refund came back: the member still has no money, and somebody has to find another way. */
export function ownerRefundFailedMail(about: OfInvoice, cause: string): OutgoingMail {
  const { invoice, title, who } = about
  return mail(
    about,
    {
      template: 'owner_membership_refund_failed',
      entityKey: `${invoice.id}:${invoice.refundedMinor}:${cause}`,
    },
    {
      subject: `A refund for ${title} failed`,
      preheader: 'The bank sent the money back to you.',
      text: `The bank of ${who} did not take the refund, so the money is with you again. What it had closed opens again; a subscription that has ended stays ended. Find another way to return it: ask them for another account, or refund once more.`,
    },
  )
}

/** The whole money of a period went back at Stripe's side, and nobody said what becomes of the subscription. */
export function ownerClosedMail(about: OfInvoice, cause: string): OutgoingMail {
  const { title, who, renewsAt, dates, invoice } = about
  const then =
    renewsAt === undefined
      ? ''
      : ` It still renews on ${formatDay(renewsAt, dates)}, and opens again when that is paid.`
  return mail(
    about,
    { template: 'owner_membership_closed', entityKey: `${invoice.id}:${cause}` },
    {
      subject: `${title} is closed for ${who}`,
      preheader: 'All of a payment went back at Stripe.',
      text: `All they paid for the present period was refunded at Stripe, so what it opened is closed for them.${then} You can end the subscription, or open it for them all the same.`,
    },
  )
}

/** A card's bank warns: a refund now may keep a dispute away. */
export function ownerFraudMail(about: OfInvoice, stripeWarningId: string): OutgoingMail {
  const { title, who, invoice, dates } = about
  const amount = formatMoney({ minor: invoice.paidMinor, currency: invoice.currency }, dates.locale)
  return mail(
    about,
    { template: 'owner_membership_fraud_warning', entityKey: stripeWarningId },
    {
      subject: `A warning of fraud for ${title}`,
      preheader: 'Nothing has happened by itself; you decide.',
      text: `The bank believes that the holder of the card did not pay the ${amount} that ${who} seems to have paid. Such payments are often disputed within days, which costs a fee whatever comes of it; a refund now usually keeps that away. Nothing has been done by itself.`,
    },
  )
}
