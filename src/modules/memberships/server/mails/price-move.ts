import { formatDay, formatMoment, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import { perInterval } from '../../interval.ts'
import type { Plan } from '../../types.ts'
import { headedMail, text } from './headed-mail.ts'

interface ToSubscriber {
  readonly to: string
  readonly dates: DateWords
  /** Of the move and the subscription: told once. */
  readonly key: string
}

const mail = headedMail('You get this mail because you subscribed in this shop.')
const priceOf = (
  plan: Pick<Plan, 'amountMinor' | 'currency' | 'interval'>,
  { locale }: DateWords,
) =>
  `${formatMoney({ minor: plan.amountMinor, currency: plan.currency }, locale)} ${perInterval(plan.interval)}`
const button = () =>
  ({
    kind: 'button',
    label: 'Look at your membership',
    url: `${runtime().settings.origin}/dashboard/membership`,
  }) as const

/** The price changes with a later renewal: both prices, the first day, and how to go on or to leave. */
export function priceToComeMail(
  to: ToSubscriber,
  { from, to: next, firstAt }: { readonly from: Plan; readonly to: Plan; readonly firstAt: Date },
): OutgoingMail {
  const { dates } = to
  const day = formatDay(firstAt, dates)
  return mail(
    to,
    { template: 'membership_price_to_come', entityKey: to.key },
    {
      subject: `The price of ${from.title} changes on ${day}`,
      preheader: `${priceOf(next, dates)} instead of ${priceOf(from, dates)}.`,
      blocks: [
        text(`Until ${day} nothing changes, and every payment before that day stays as it is.`),
        {
          kind: 'table',
          rows: [
            { label: 'You pay now', value: priceOf(from, dates) },
            { label: `From ${day}`, value: priceOf(next, dates), strong: true },
            ...(from.title === next.title
              ? []
              : [{ label: 'Your plan is then called', value: next.title }]),
          ],
        },
        text('If you want to go on, there is nothing to do.'),
        text(
          `If not, cancel in your account before ${formatMoment(firstAt, dates)}: the other price is never charged, and everything stays open until the end of what you have paid.`,
        ),
        button(),
      ],
    },
  )
}

/** The price they were told of does not come. */
export function priceKeptMail(to: ToSubscriber, from: Plan): OutgoingMail {
  return mail(
    to,
    { template: 'membership_price_kept', entityKey: to.key },
    {
      subject: `The price of ${from.title} stays as it is`,
      preheader: `${priceOf(from, to.dates)}, as before.`,
      blocks: [
        text(
          `The change of price you were told of does not come. You go on paying ${priceOf(from, to.dates)}. There is nothing to do.`,
        ),
        button(),
      ],
    },
  )
}
