import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'

/** One line of a subscription's record. */
export interface HistoryLine {
  readonly what: string
  readonly status: string
  /** The plan it was to from then on. */
  readonly planTitle: string | undefined
  readonly cause: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** What happened, as the owner reads it. */
export function historyWords({ what, status, planTitle, detail }: HistoryLine, dates: DateWords) {
  const at = typeof detail.at === 'string' ? formatDay(new Date(detail.at), dates) : undefined
  const until = typeof detail.until === 'string' ? formatDay(new Date(detail.until), dates) : ''
  switch (what) {
    case 'begun':
      return `Begun${planTitle ? ` with ${planTitle}` : ''}`
    case 'status':
      return statusWord(status)
    case 'renewed':
      return `Renewed until ${until}`
    case 'cancel_set':
      return `Cancelled for ${at ?? 'the end of what is paid'}`
    case 'cancel_unset':
      return 'Cancellation taken back'
    case 'plan':
      return `Changed to ${planTitle ?? 'another plan'}`
    case 'change_set':
      return `A change of plan was planned for ${at ?? 'the end of what is paid'}`
    case 'change_unset':
      return 'The planned change was taken back'
    case 'discount_set':
      return `${nameOf(detail)} comes off`
    case 'discount_over':
      return `${nameOf(detail)} does not come off any more`
    case 'price_told':
      return `Told of another price from ${at ?? 'a renewal'} on`
    case 'price_kept':
      return 'Keeps the price: the other one was called off'
    case 'grace_ending':
      return 'Reminded that the grace ends in a day'
    case 'grace_over':
      return 'The grace is over: closed until it is paid'
    case 'paused':
      return 'Paused: nothing is charged'
    case 'resumed':
      return 'Goes on after the pause'
    case 'surplus':
      return 'One too many: cancelled and given back'
    case 'assigned':
      return 'Its holder was named'
    case 'refunded':
      return `${moneyOf(detail, dates)} went back`
    case 'refund_failed':
      return `The bank did not take a refund of ${moneyOf(detail, dates)}`
    case 'dispute':
      return `${disputeWords[String(detail.standing)] ?? 'A dispute moved'}: ${moneyOf(detail, dates)}`
    case 'access_kept':
      return 'Opened again, though its payment went back'
    case 'gone':
      return 'Stripe does not know it any more'
    default:
      return 'Brought up to date'
  }
}

const nameOf = ({ name }: HistoryLine['detail']) =>
  typeof name === 'string' && name !== '' ? name : 'A discount'

function moneyOf({ amountMinor, currency }: HistoryLine['detail'], { locale }: DateWords): string {
  return typeof amountMinor === 'number' && typeof currency === 'string'
    ? formatMoney({ minor: amountMinor, currency }, locale)
    : 'Money'
}

const disputeWords: Readonly<Record<string, string>> = {
  inquiry: 'The bank asks about a payment',
  open: 'A payment is disputed',
  won: 'The dispute was won',
  lost: 'The dispute was lost',
}

const statusWords: Readonly<Record<string, string>> = {
  trialing: 'In trial',
  active: 'Paid and open',
  past_due: 'A payment failed',
  unpaid: 'Not paid',
  canceled: 'Ended',
  paused: 'Paused',
  incomplete: 'The first payment is awaited',
  incomplete_expired: 'The first payment never came',
}

/** A subscription's state in words; the provider's own word where it is newer than this program. */
export const statusWord = (status: string): string => statusWords[status] ?? `Now ${status}`

/** What caused it: who, or what of Stripe's. An event's id stays as it is, to be found under Payments. */
export function causeWords(cause: string): string {
  return cause.startsWith('evt_') ? `Stripe told of it (${cause})` : cause
}
