import { formatDay, formatMoment, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type MailBlock, type OutgoingMail } from '#modules/platform/server/index.ts'
import { priceWith, type RunningDiscount } from '../../discount-run.ts'
import { perInterval } from '../../interval.ts'
import type { Interval, Plan } from '../../types.ts'
import { headedMail, text } from './headed-mail.ts'

/** Whom a mail is to, and about which subscription. */
export interface ToHolder {
  readonly to: string
  readonly dates: DateWords
  readonly subscription: {
    readonly id: string
    readonly title: string
    readonly amountMinor: number
    readonly currency: string
    readonly interval: Interval
    /** What comes off its payments. */
    readonly discount?: RunningDiscount | undefined
  }
}

const page = () => `${runtime().settings.origin}/dashboard/membership`
const mail = headedMail('You get this mail because you subscribed in this shop.')
const button = (label: string): MailBlock => ({ kind: 'button', label, url: page() })
/** What the payment due at a moment asks for, and those after it. */
const price = ({ dates, subscription }: ToHolder, dueAt: Date | undefined) =>
  priceWith(subscription, subscription.discount, dueAt, dates)

/** Three days before the first payment; for a shorter trial when it begins. */
export function trialEndingMail(holder: ToHolder, trialEndsAt: Date): OutgoingMail {
  const { subscription, dates } = holder
  const day = formatDay(trialEndsAt, dates)
  return mail(
    holder,
    { template: 'trial_ending', entityKey: `${subscription.id}:${trialEndsAt.toISOString()}` },
    {
      subject: `Your trial ends on ${day}`,
      preheader: `Then ${price(holder, trialEndsAt)}.`,
      blocks: [
        text(
          `Your trial of ${subscription.title} is free until ${formatMoment(trialEndsAt, dates)}. Then your card is charged: ${price(holder, trialEndsAt)}.`,
        ),
        text('If you do not want to go on, cancel before that: nothing is charged then.'),
        button('Look at your membership'),
      ],
    },
  )
}

export interface PaidPeriod {
  readonly stripeInvoiceId: string
  readonly number: string | undefined
  readonly paidMinor: number
  readonly currency: string
  readonly periodStartsAt: Date | undefined
  readonly periodEndsAt: Date | undefined
}

/** Once for each invoice that was paid with money. */
export function membershipReceiptMail(holder: ToHolder, paid: PaidPeriod): OutgoingMail {
  const { subscription, dates } = holder
  const amount = formatMoney({ minor: paid.paidMinor, currency: paid.currency }, dates.locale)
  const { periodStartsAt: from, periodEndsAt: until } = paid
  return mail(
    holder,
    { template: 'membership_receipt', entityKey: paid.stripeInvoiceId },
    {
      subject: `Your receipt for ${subscription.title}`,
      preheader: `${amount}${until ? `, open until ${formatDay(until, dates)}` : ''}.`,
      blocks: [
        text(
          `Your payment of ${amount} has arrived.${until ? ` It is paid until ${formatDay(until, dates)}.` : ''}`,
        ),
        {
          kind: 'table',
          rows: [
            ...(paid.number === undefined ? [] : [{ label: 'Invoice', value: paid.number }]),
            ...(from && until
              ? [
                  {
                    label: 'Period',
                    value: `${formatDay(from, dates)} to ${formatDay(until, dates)}`,
                  },
                ]
              : []),
            { label: subscription.title, value: amount, strong: true },
          ],
        },
        button('Your membership and invoices'),
      ],
    },
  )
}

/** event: of the record, so that cancelling again later is told again. */
export function cancelledMail(holder: ToHolder, event: string, cancelsAt: Date): OutgoingMail {
  const { subscription, dates } = holder
  const until = formatMoment(cancelsAt, dates)
  return mail(
    holder,
    { template: 'membership_cancelled', entityKey: `${subscription.id}:${event}` },
    {
      subject: `${subscription.title} is cancelled`,
      preheader: `Open until ${until}.`,
      blocks: [
        text(`You will not be charged again. Everything stays open until ${until}.`),
        text('Until then you can take it back with one press, and go on as if nothing had been.'),
        button('Look at your membership'),
      ],
    },
  )
}

export function resumedMail(
  holder: ToHolder,
  event: string,
  renewsAt: Date | undefined,
): OutgoingMail {
  const { subscription, dates } = holder
  return mail(
    holder,
    { template: 'membership_resumed', entityKey: `${subscription.id}:${event}` },
    {
      subject: `${subscription.title} goes on`,
      preheader: 'It is not cancelled any more.',
      blocks: [
        text(
          `Your cancellation was taken back.${renewsAt ? ` It renews on ${formatDay(renewsAt, dates)}: ${price(holder, renewsAt)}.` : ''}`,
        ),
        button('Look at your membership'),
      ],
    },
  )
}

/** The plan is another one now: at once, or because a planned change has come. */
export function planChangedMail(
  holder: ToHolder,
  event: string,
  renewsAt: Date | undefined,
): OutgoingMail {
  const { subscription, dates } = holder
  return mail(
    holder,
    { template: 'membership_plan_changed', entityKey: `${subscription.id}:${event}` },
    {
      subject: `Your plan is now ${subscription.title}`,
      preheader: `${price(holder, renewsAt)}.`,
      blocks: [
        text(
          `Your plan has changed: it is ${subscription.title} from now on, ${price(holder, renewsAt)}.${renewsAt ? ` The next payment is due on ${formatDay(renewsAt, dates)}.` : ''}`,
        ),
        button('Look at your membership'),
      ],
    },
  )
}

/** A change to come was planned. */
export function changePlannedMail(
  holder: ToHolder,
  event: string,
  next: Pick<Plan, 'title' | 'amountMinor' | 'currency' | 'interval'>,
  at: Date | undefined,
): OutgoingMail {
  const { subscription, dates } = holder
  const day = at ? formatDay(at, dates) : 'the end of what is paid'
  return mail(
    holder,
    { template: 'membership_change_planned', entityKey: `${subscription.id}:${event}` },
    {
      subject: `Your plan changes to ${next.title} on ${day}`,
      preheader: `Until then you keep ${subscription.title}.`,
      blocks: [
        text(
          `You keep ${subscription.title} until ${day}; nothing is charged for the change. From then on it is ${next.title}, ${formatMoney({ minor: next.amountMinor, currency: next.currency }, dates.locale)} ${perInterval(next.interval)}.`,
        ),
        text('Until then you can take it back with one press.'),
        button('Look at your membership'),
      ],
    },
  )
}

export function changeTakenBackMail(
  holder: ToHolder,
  event: string,
  renewsAt: Date | undefined,
): OutgoingMail {
  const { subscription, dates } = holder
  return mail(
    holder,
    { template: 'membership_change_taken_back', entityKey: `${subscription.id}:${event}` },
    {
      subject: `You keep ${subscription.title}`,
      preheader: 'Your plan does not change.',
      blocks: [
        text(
          `The change you had planned was taken back.${renewsAt ? ` It renews on ${formatDay(renewsAt, dates)}: ${price(holder, renewsAt)}.` : ''}`,
        ),
        button('Look at your membership'),
      ],
    },
  )
}

/** The owner paused it. keepsAccess: by the shop's rules. */
export function pausedMail(holder: ToHolder, event: string, keepsAccess: boolean): OutgoingMail {
  const { subscription } = holder
  return mail(
    holder,
    { template: 'membership_paused', entityKey: `${subscription.id}:${event}` },
    {
      subject: `${subscription.title} is paused`,
      preheader: 'Nothing is charged.',
      blocks: [
        text(
          `Your subscription was paused by the shop. Nothing is charged until it goes on.${keepsAccess ? ' Everything stays open meanwhile.' : ' What it opened is closed until then.'}`,
        ),
        button('Look at your membership'),
      ],
    },
  )
}

export function unpausedMail(
  holder: ToHolder,
  event: string,
  renewsAt: Date | undefined,
): OutgoingMail {
  const { subscription, dates } = holder
  return mail(
    holder,
    { template: 'membership_unpaused', entityKey: `${subscription.id}:${event}` },
    {
      subject: `${subscription.title} goes on`,
      preheader: 'The pause is over.',
      blocks: [
        text(
          `The pause is over, and everything of your plan is open.${renewsAt ? ` The next payment is due on ${formatDay(renewsAt, dates)}: ${price(holder, renewsAt)}.` : ''}`,
        ),
        button('Look at your membership'),
      ],
    },
  )
}

/** A payment failed. key: of the invoice and the try. graceEndsAt: until when all stays open all the same. */
export function paymentFailedMail(
  holder: ToHolder,
  key: string,
  graceEndsAt: Date | undefined,
  dueMinor: number,
): OutgoingMail {
  const { subscription, dates } = holder
  const amount = formatMoney({ minor: dueMinor, currency: subscription.currency }, dates.locale)
  return mail(
    holder,
    { template: 'membership_payment_failed', entityKey: key },
    {
      subject: `Your payment for ${subscription.title} did not go through`,
      preheader: 'Please look at your card.',
      blocks: [
        text(
          `Your card was not charged: ${amount} for ${subscription.title} is still owed.${
            graceEndsAt
              ? ` Everything stays open until ${formatMoment(graceEndsAt, dates)}.`
              : ' What it opened is closed until it is paid.'
          }`,
        ),
        text(
          'Put another card on file, and it is tried at once. The present card is also tried again by itself.',
        ),
        button('Change the card'),
      ],
    },
  )
}

/** Another card was put on file, tried for what is owed, and refused. key: of the invoice and the card. */
export function cardRefusedMail(
  holder: ToHolder,
  key: string,
  openUntil: Date | undefined,
  due: { readonly minor: number; readonly last4: string | undefined },
): OutgoingMail {
  const { subscription, dates } = holder
  const amount = formatMoney({ minor: due.minor, currency: subscription.currency }, dates.locale)
  const card = due.last4 === undefined ? 'your new card' : `your new card ending in ${due.last4}`
  return mail(
    holder,
    { template: 'membership_card_refused', entityKey: key },
    {
      subject: `Your new card for ${subscription.title} was refused`,
      preheader: `${amount} is still owed.`,
      blocks: [
        text(
          `We tried ${card}, and its bank refused it: ${amount} for ${subscription.title} is still owed.${
            openUntil
              ? ` Everything stays open until ${formatMoment(openUntil, dates)}.`
              : ' What it opened is closed until it is paid.'
          }`,
        ),
        text('Ask your bank, or put another card on file: it is tried at once.'),
        button('Change the card'),
      ],
    },
  )
}

/** The last reminder before the grace ends. key: of the debt. */
export function graceEndingMail(holder: ToHolder, key: string, endsAt: Date): OutgoingMail {
  const { subscription, dates } = holder
  const until = formatMoment(endsAt, dates)
  return mail(
    holder,
    { template: 'membership_grace_ending', entityKey: key },
    {
      subject: `${subscription.title} closes on ${formatDay(endsAt, dates)}`,
      preheader: 'Your payment is still owed.',
      blocks: [
        text(
          `Your payment is still owed. Everything stays open until ${until}; then it closes. This is the last reminder.`,
        ),
        text('Put another card on file, and it is tried at once. Then nothing closes.'),
        button('Change the card'),
      ],
    },
  )
}

/** What was open is closed, because the payment never came. key: of the debt. */
export function graceOverMail(holder: ToHolder, key: string): OutgoingMail {
  const { subscription } = holder
  return mail(
    holder,
    { template: 'membership_grace_over', entityKey: key },
    {
      subject: `${subscription.title} is closed for now`,
      preheader: 'Your payment did not come.',
      blocks: [
        text(
          'Your payment did not come, so what your plan opened is closed. Nothing is lost: once it is paid, the same opens again.',
        ),
        text('If you do not want to go on, cancel it; then nothing more is asked for.'),
        button('Change the card'),
      ],
    },
  )
}

export function endedMail(holder: ToHolder, event: string): OutgoingMail {
  const { subscription } = holder
  return mail(
    holder,
    { template: 'membership_ended', entityKey: `${subscription.id}:${event}` },
    {
      subject: `${subscription.title} has ended`,
      preheader: 'Nothing more is charged.',
      blocks: [
        text(
          'Your subscription has ended, and nothing more is charged. What you bought in this shop stays yours, and your invoices stay in your account.',
        ),
        {
          kind: 'button',
          label: 'Subscribe again',
          url: `${runtime().settings.origin}/plans`,
        },
      ],
    },
  )
}
