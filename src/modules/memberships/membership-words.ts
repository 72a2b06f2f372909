import { formatDay, formatMoment, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import type { Access } from './access.ts'
import { priceWith, type RunningDiscount } from './discount-run.ts'
import { priceToComeWords, type PriceToCome } from './price-move.ts'
import type { Interval, SubscriptionStatus } from './types.ts'

/** A subscription as its holder asks about it. */
export interface HeldMembership {
  readonly status: SubscriptionStatus
  readonly access: Access
  /** What the next renewal asks for. */
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
  readonly periodEndsAt: Date | undefined
  readonly trialEndsAt: Date | undefined
  readonly cancelsAt: Date | undefined
  readonly endedAt: Date | undefined
  /** It is about to be cancelled at Stripe, with nothing more charged. */
  readonly isToEnd?: boolean
  /** No money is asked for, until the owner lets it go on. */
  readonly isPaused?: boolean
  /** What comes off its payments. */
  readonly discount?: RunningDiscount | undefined
  /** Another price they were told of. */
  readonly toCome?: PriceToCome | undefined
  /** The plan it changes to when the paid period ends. */
  readonly next?:
    | {
        readonly title: string
        readonly amountMinor: number
        readonly currency: string
        readonly interval: Interval
      }
    | undefined
}

export interface MembershipWords {
  readonly word: string
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet'
  /** What happens next, and when. */
  readonly next: string
}

/** How a subscription is told to its holder: in a word, and what happens next and when, to the minute where access ends. */
export function membershipWords(held: HeldMembership, dates: DateWords): MembershipWords {
  const { access } = held
  const dueAt = held.status === 'trialing' ? held.trialEndsAt : held.periodEndsAt
  const priceOf = (of: Pick<HeldMembership, 'amountMinor' | 'currency' | 'interval'>) =>
    priceWith(of, held.discount, dueAt, dates)
  const price = priceOf(held)
  const toCome = held.toCome ? ` ${priceToComeWords(held.toCome, held, dates)}` : ''
  const day = (at: Date | undefined) => (at ? formatDay(at, dates) : 'a day that is not known yet')
  const moment = (at: Date | undefined) =>
    at ? formatMoment(at, dates) : 'a moment that is not known yet'
  // By the shop's rules a pause may shut nothing.
  if (held.isPaused && access.isOpen)
    return {
      word: 'Paused',
      tone: 'quiet',
      next: 'Nothing is charged until it goes on. Everything stays open meanwhile.',
    }
  switch (access.why) {
    case 'trial':
      return {
        word: 'Trial',
        tone: 'good',
        next: `Free until ${day(held.trialEndsAt ?? held.periodEndsAt)}. Then ${price}, from the card below. Cancel before, and nothing is charged.${toCome}`,
      }
    case 'paid':
      return {
        word: 'Active',
        tone: 'good',
        next: held.next
          ? `Changes to ${held.next.title} on ${day(held.periodEndsAt)}: ${priceOf(held.next)} from then on. Until then nothing changes, and you can take it back.`
          : held.toCome && held.toCome.firstAt.getTime() === held.periodEndsAt?.getTime()
            ? `Renews on ${day(held.periodEndsAt)}.${toCome} If you do not want that, cancel before.`
            : `Renews on ${day(held.periodEndsAt)}: ${price}.${toCome}`,
      }
    case 'cancelled_later':
      return {
        word: 'Cancelled',
        tone: 'warn',
        next: `Everything stays open until ${moment(held.cancelsAt)}. Nothing more is charged. Until then you can take it back.`,
      }
    case 'grace':
      return {
        word: 'Payment failed',
        tone: 'bad',
        next: `The last payment${held.discount ? '' : ` of ${formatMoney({ minor: held.amountMinor, currency: held.currency }, dates.locale)}`} did not go through. Everything stays open until ${moment(access.until)}; change the card, and it is tried again.`,
      }
    case 'grace_over':
    case 'not_paid':
      return {
        word: 'Not paid',
        tone: 'bad',
        next: 'The payment did not go through, and what was open is closed. Once it is paid, the same opens again.',
      }
    case 'paused':
      return { word: 'Paused', tone: 'quiet', next: 'Nothing is charged until it goes on.' }
    case 'not_started':
      return {
        word: 'Not begun',
        tone: 'quiet',
        next: 'The first payment did not go through. Nothing was begun; you can subscribe again.',
      }
    case 'ended':
      return {
        word: 'Ended',
        tone: 'quiet',
        next: `It ended on ${moment(held.endedAt ?? held.cancelsAt)}. Nothing more is charged.`,
      }
    case 'disputed':
      return {
        word: 'Under review',
        tone: 'warn',
        next: 'A payment for it is being disputed with your bank, so what it opened is closed. It opens again when the dispute is settled in the shop’s favour or taken back.',
      }
    case 'dispute_lost':
      return {
        word: 'Ended',
        tone: 'quiet',
        next: 'Your bank returned a payment for it, so it has ended. Nothing more is charged.',
      }
    case 'refunded':
      return willRenew(held)
        ? {
            word: 'Refunded',
            tone: 'warn',
            next: `The payment for this period went back to you, so what it opened is closed. It opens again when it renews on ${day(held.periodEndsAt)}: ${price}. Cancel before, and nothing is charged.`,
          }
        : {
            word: 'Refunded',
            tone: 'quiet',
            next: 'The payment went back to you, and it has ended. Nothing more is charged.',
          }
    case 'unknown':
      return {
        word: 'Being looked at',
        tone: 'warn',
        next: 'Its state is being looked up. Come back in a few minutes.',
      }
  }
}

/** What the owner reads beside the word for a member's subscription: what happens next, or what ended it. */
export function nextForOwner(held: HeldMembership, dates: DateWords): string {
  const { access } = held
  const dueAt = held.status === 'trialing' ? held.trialEndsAt : held.periodEndsAt
  const priceOf = (of: Pick<HeldMembership, 'amountMinor' | 'currency' | 'interval'>) =>
    priceWith(of, held.discount, dueAt, dates)
  const at = (date: Date | undefined) => (date ? formatMoment(date, dates) : 'an unknown moment')
  if (held.isPaused && (access.isOpen || access.why === 'paused'))
    return access.isOpen
      ? 'Nothing is charged. Everything stays open for them meanwhile.'
      : 'Nothing is charged, and what it opened is closed for them.'
  switch (access.why) {
    case 'trial':
      return `Free until ${at(held.trialEndsAt ?? held.periodEndsAt)}, then ${priceOf(held)}.`
    case 'paid':
      return held.next
        ? `Changes to ${held.next.title} at ${at(held.periodEndsAt)}: ${priceOf(held.next)}.`
        : `Renews at ${at(held.periodEndsAt)}${held.discount ? `: ${priceOf(held)}` : ''}.${held.toCome ? ` ${priceToComeWords(held.toCome, held, dates)}` : ''}`
    case 'cancelled_later':
      return `Cancelled; open for them until ${at(held.cancelsAt)}.`
    case 'grace':
      return `A payment failed; open for them until ${at(access.until)}.`
    case 'grace_over':
    case 'not_paid':
      return 'A payment failed and never came; closed until it does.'
    case 'ended':
      return `It ended at ${at(held.endedAt ?? held.cancelsAt)}.`
    case 'disputed':
      return 'A payment is disputed. Closed for them until it is decided.'
    case 'dispute_lost':
      return 'A dispute was lost, which ended it. Nothing more is charged.'
    case 'refunded':
      return willRenew(held)
        ? `The payment for this period went back at Stripe, so it is closed for them. It renews at ${at(held.periodEndsAt)} and opens again then. End it, or open it for them now.`
        : 'Its payment went back, which ended it. Nothing more is charged.'
    case 'paused':
    case 'not_started':
    case 'unknown':
      return ''
  }
}

/** Whether another payment will be asked for. */
const willRenew = ({ status, isToEnd, cancelsAt }: HeldMembership) =>
  isToEnd !== true && cancelsAt === undefined && (status === 'active' || status === 'past_due')

/**
 * What stands on every page of a member who owes a payment. until: how long all stays open; undefined: it is closed. refused: another
 * card was put on file, and refused as well.
 */
export function owedWords(
  owed: {
    readonly title: string
    readonly until: Date | undefined
    readonly refused?: { readonly last4: string | undefined } | undefined
  },
  dates: DateWords,
): string {
  const card = owed.refused?.last4 === undefined ? '' : ` ending in ${owed.refused.last4}`
  const also = owed.refused ? ` The new card${card} was refused, too.` : ''
  return owed.until
    ? `Your payment for ${owed.title} did not go through.${also} Everything stays open until ${formatMoment(owed.until, dates)}.`
    : `Your payment for ${owed.title} did not go through, and what it opened is closed.${also} Once it is paid, the same opens again.`
}

/** "Visa ending in 4242, until 12/2040". */
export function cardWords(card: {
  readonly brand: string
  readonly last4: string
  readonly expires: string | undefined
}): string {
  const brand = brands[card.brand] ?? 'Card'
  return `${brand} ending in ${card.last4}${card.expires ? `, until ${card.expires}` : ''}`
}

const brands: Readonly<Record<string, string>> = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
}

/** How an invoice stands, for whom it is. */
export const invoiceWords = {
  draft: { word: 'Being made', tone: 'quiet' },
  open: { word: 'Open', tone: 'warn' },
  paid: { word: 'Paid', tone: 'good' },
  uncollectible: { word: 'Not paid', tone: 'quiet' },
  void: { word: 'Void', tone: 'quiet' },
  unknown: { word: 'Being looked at', tone: 'quiet' },
} as const
