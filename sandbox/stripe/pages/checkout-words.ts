import type { CheckoutRecord, CheckoutSession } from '../engine/objects/checkout-session.ts'
import type { Price } from '../engine/objects/price.ts'
import { priceInWords } from '../engine/billing/plan.ts'
import { DAY_SECONDS } from '../engine/billing/calendar.ts'
import { formatMoney } from '../engine/currencies.ts'
import { lineAmount } from '../engine/line-items.ts'
import { moneyOf } from '../engine/session-money.ts'

/** What a subscription's checkout says about later: when it is charged, how much, and how often. */
export type RenewalWords = {
  /** `7 days free`; undefined without a trial. */
  trial: string | undefined
  /** `Then €24.00 / month, starting 29 November 2026`, or `Renews at €24.00 / month`. */
  renewal: string
}

/** @param now unix seconds, sandbox clock */
export function renewalWords(
  session: CheckoutSession,
  record: CheckoutRecord | undefined,
  now: number,
): RenewalWords | undefined {
  if (session.mode !== 'subscription' || record?.subscription === undefined) return undefined
  const { trialDays, trialEnd } = record.subscription
  const lines = record.lineItems.filter((line) => line.price.recurring !== null)
  const [first] = lines
  if (first === undefined) return undefined
  const sum = lines.reduce((total, line) => total + lineAmount(line.price, line.quantity), 0)
  const cost = costInWords(sum, first.price)
  const end = trialEnd ?? (trialDays === null ? null : now + trialDays * DAY_SECONDS)
  if (end === null) return { trial: undefined, renewal: `Renews at ${cost} until canceled` }
  const days = Math.round((end - now) / DAY_SECONDS)
  return {
    trial: `${days} ${days === 1 ? 'day' : 'days'} free`,
    renewal: `Then ${cost}, starting ${longDay(end)}, until canceled`,
  }
}

function costInWords(amount: number, price: Price): string {
  return priceInWords({ ...price, unit_amount_decimal: `${amount}` })
}

/** `29 November 2026` */
export function longDay(instant: number): string {
  return new Date(instant * 1000).toLocaleDateString('en-GB', {
    dateStyle: 'long',
    timeZone: 'UTC',
  })
}

/** What the button of a payment page says. */
export function buttonLabel(session: CheckoutSession, words: RenewalWords | undefined): string {
  if (session.mode === 'setup') return 'Save card'
  if (words?.trial !== undefined) return 'Start trial'
  if (session.mode === 'subscription') return 'Subscribe'
  const { total, currency } = moneyOf(session)
  if (total === 0) return 'Complete order'
  const verb =
    session.submit_type === 'book' ? 'Book' : session.submit_type === 'donate' ? 'Donate' : 'Pay'
  return `${verb} ${formatMoney(total, currency)}`
}

/** What a payment page is called. */
export function pageTitle(session: CheckoutSession, words: RenewalWords | undefined): string {
  const { total, currency } = moneyOf(session)
  if (session.mode === 'setup') return 'Save a card'
  if (words?.trial !== undefined) return 'Start your trial'
  if (session.mode === 'subscription') return 'Subscribe'
  return `Pay ${formatMoney(total, currency)}`
}
