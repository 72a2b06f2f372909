import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { headedMail, text } from './headed-mail.ts'

const refunded = headedMail('You get this mail because money was returned to you.')
const failed = headedMail('You get this mail because a refund to you failed.')

/** What is so of a subscription after money of it went back: the second one of two was given back by itself; what it opened is closed ... */
export type AfterMoneyWent = 'surplus' | 'ended' | 'closed' | 'kept'

interface ToWhomMoneyWent {
  readonly to: string
  readonly dates: DateWords
  readonly title: string
  readonly invoice: {
    readonly number: string | undefined
    readonly currency: string
    readonly refundedMinor: number
    readonly madeAt: Date
  }
  /** One for each sum and what told of it: the same may be returned again after a refund failed. */
  readonly key: string
}

const paymentOf = ({ title, invoice, dates }: ToWhomMoneyWent) =>
  `your payment of ${formatDay(invoice.madeAt, dates)} for ${title}${invoice.number === undefined ? '' : ` (invoice ${invoice.number})`}`

const button = () =>
  ({
    kind: 'button',
    label: 'Your membership and invoices',
    url: `${runtime().settings.origin}/dashboard/membership`,
  }) as const

/** Money of a subscription is on its way back. minor: what was returned this time. */
export function refundedMail(
  about: ToWhomMoneyWent,
  minor: number,
  after: AfterMoneyWent,
): OutgoingMail {
  const { dates, title, invoice } = about
  const amount = formatMoney({ minor, currency: invoice.currency }, dates.locale)
  const then = {
    surplus: `It was one too many, so it was cancelled. What you had before goes on as it was.`,
    ended: `${title} has ended with it. Nothing more is charged.`,
    closed: `What ${title} opened is closed until the next payment. If you do not want it to go on, cancel it there: nothing is charged then.`,
    kept: `Nothing else changes: ${title} stays as it is.`,
  }[after]
  return refunded(
    about,
    { template: 'membership_refund', entityKey: about.key },
    {
      subject: `${amount} is on its way back to you`,
      preheader: `Refund for ${title}.`,
      blocks: [
        text(
          `We have returned ${amount} of ${paymentOf(about)} to the card or account you paid with. Banks usually show it within five to ten days.`,
        ),
        text(then),
        button(),
      ],
    },
  )
}

/** A refund that was on its way came back to the shop: the bank would not take it. */
export function refundFailedMail(about: ToWhomMoneyWent): OutgoingMail {
  const { dates, invoice } = about
  const returned = formatMoney(
    { minor: invoice.refundedMinor, currency: invoice.currency },
    dates.locale,
  )
  return failed(
    about,
    { template: 'membership_refund_failed', entityKey: about.key },
    {
      subject: `A refund for ${about.title} could not be paid out`,
      preheader: 'Your bank sent it back. We will find another way.',
      blocks: [
        text(
          `The money we returned of ${paymentOf(about)} was sent back to us by your bank. We have been told and will find another way; you need not do anything. Returned so far: ${returned}.`,
        ),
        button(),
      ],
    },
  )
}
