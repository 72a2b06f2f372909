export type CheckoutState = 'open' | 'awaiting_payment' | 'paid' | 'expired' | 'failed'

export type IntervalUnit = 'day' | 'week' | 'month' | 'year'

/** How often something is paid again: every `count` units. */
export interface Interval {
  readonly unit: IntervalUnit
  readonly count: number
}

/** The provider's words for where a subscription stands; `unknown` is any that is newer than this program. */
export type SubscriptionStatus =
  | 'incomplete'
  | 'incomplete_expired'
  | 'trialing'
  | 'active'
  | 'past_due'
  | 'unpaid'
  | 'paused'
  | 'canceled'
  | 'unknown'

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'uncollectible' | 'void' | 'unknown'

export interface SubscriptionItemView {
  readonly stripeItemId: string
  readonly stripePriceId: string
  /** The plan we made the price for, as noted beside it. */
  readonly planId: string | undefined
  readonly quantity: number
  /** Of one, each period. */
  readonly amountMinor: number
  readonly interval: Interval
  readonly periodStartsAt: Date | undefined
  readonly periodEndsAt: Date | undefined
}

export interface CardOnFile {
  /** As Stripe calls it: visa, mastercard ... */
  readonly brand: string
  readonly last4: string
  /** "04/2030". */
  readonly expires: string
}

/** What comes off payments, as the provider reckons it: a share (2500 = 25 %) or an amount. */
export interface DiscountTerms {
  readonly reduction:
    | { readonly basisPoints: number }
    | { readonly amountMinor: number; readonly currency: string }
  readonly duration: 'once' | 'repeating' | 'forever'
}

/** What comes off a subscription's payments. */
export interface DiscountView extends DiscountTerms {
  /** The key we made its coupon with; undefined: it was made at the provider's side. */
  readonly couponKey: string | undefined
  readonly name: string
  /** Of one that comes off for some months. */
  readonly endsAt: Date | undefined
}

/** What a provider tells of a subscription, translated. */
export interface SubscriptionView {
  readonly stripeSubscriptionId: string
  readonly stripeCustomerId: string
  /** What we wrote beside it. */
  readonly note: Readonly<Record<string, string>>
  readonly status: SubscriptionStatus
  readonly currency: string
  readonly startedAt: Date
  readonly items: readonly SubscriptionItemView[]
  readonly trialEndsAt: Date | undefined
  /** undefined: nothing comes off, or not any more. */
  readonly discount: DiscountView | undefined
  /** A planned end, however it was asked for, and how: it is taken back in the same way. */
  readonly cancelsAt: Date | undefined
  readonly cancelsBy: 'period_end' | 'date' | undefined
  readonly endedAt: Date | undefined
  /** No money is asked for, until it is resumed. */
  readonly isPaused: boolean
  readonly resumesAt: Date | undefined
  /** Names the card without telling its number; undefined: not a card, or not told. */
  /** What its holder knows the card by that is charged; undefined: none is on file, or it was not asked for. */
  readonly card: CardOnFile | undefined
  readonly cardFingerprint: string | undefined
  /** Of what is charged, card or not; undefined: nothing is on file, or it was not asked for. */
  readonly methodId: string | undefined
  readonly latestInvoice: InvoiceView | undefined
}

/** What a provider tells of an invoice, translated. */
export interface InvoiceView {
  readonly stripeInvoiceId: string
  /** undefined: of no subscription. */
  readonly stripeSubscriptionId: string | undefined
  readonly number: string | undefined
  readonly status: InvoiceStatus
  /** What it was made for: subscription_create, subscription_cycle, subscription_update ... */
  readonly reason: string
  readonly dueMinor: number
  readonly paidMinor: number
  /** What coupons took off. */
  readonly discountMinor: number
  readonly currency: string
  readonly periodStartsAt: Date | undefined
  readonly periodEndsAt: Date | undefined
  readonly paymentIntentId: string | undefined
  readonly attempts: number
  /** What was refused last; undefined: nothing was, or it was not asked for. */
  readonly refusedMethodId: string | undefined
  readonly nextAttemptAt: Date | undefined
  readonly hostedUrl: string | undefined
  readonly pdfUrl: string | undefined
  readonly madeAt: Date
  readonly paidAt: Date | undefined
}

export type PaymentMode = 'rehearsal' | 'test' | 'live'

/** What one purchase may hold: so many lines can be noted beside its session at Stripe. */
export const mostCheckoutLines = 40

export interface CheckoutLine {
  readonly productId: string
  readonly priceId: string
  readonly kind: string
  readonly title: string
  readonly quantity: number
  readonly unitMinor: number
  /** What a coupon takes off the whole line. */
  readonly discountMinor: number
  /** A part of a bundle: its price is a share of the bundle's. Lines of one bundle have the same `at`. */
  readonly bundle:
    | { readonly productId: string; readonly title: string; readonly at: number }
    | undefined
}

export interface Checkout {
  readonly id: string
  readonly backendId: number
  readonly payable: string
  readonly state: CheckoutState
  readonly memberId: string | undefined
  readonly email: string | undefined
  readonly currency: string
  /** After the discount: what is asked for. */
  readonly totalMinor: number
  readonly discountMinor: number
  readonly couponCode: string | undefined
  readonly sessionId: string | undefined
  readonly sessionUrl: string | undefined
  readonly expiresAt: Date | undefined
  readonly createdAt: Date
  readonly failure: string | undefined
}

/** What was really paid, as the provider tells it. */
export interface PaidFacts {
  readonly amountMinor: number
  readonly currency: string
  readonly paymentIntentId: string | undefined
  readonly chargeId: string | undefined
  readonly method: string | undefined
  readonly methodDetail: string | undefined
  readonly email: string | undefined
  readonly buyerName: string | undefined
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string | undefined
}

/** What a provider tells of a checkout session, translated. */
export interface SessionView {
  readonly sessionId: string
  readonly url: string | undefined
  readonly expiresAt: Date | undefined
  /** Our checkout's id as we gave it to the provider; undefined on sessions that are not ours. */
  readonly checkoutId: string | undefined
  readonly standing: 'open' | 'processing' | 'paid' | 'failed' | 'expired'
  /** What we wrote beside it. */
  readonly note: Readonly<Record<string, string>>
  /** What the buyer typed there. */
  readonly email: string | undefined
  readonly paid: PaidFacts | undefined
  /** It is for a subscription; which one it has begun, once it is complete. */
  readonly isForSubscription: boolean
  readonly stripeSubscriptionId: string | undefined
}

export type RefundState =
  | 'requested'
  | 'pending'
  | 'requires_action'
  | 'succeeded'
  | 'failed'
  | 'canceled'

export interface RefundView {
  readonly stripeRefundId: string
  /** The refund row of ours that asked for it. */
  readonly refundId: string | undefined
  readonly amountMinor: number
  readonly currency: string
  readonly state: Exclude<RefundState, 'requested'>
  readonly failure: string | undefined
}

export interface DisputeView {
  readonly stripeDisputeId: string
  readonly amountMinor: number
  readonly currency: string
  readonly reason: string
  readonly state: string
  readonly evidenceDueAt: Date | undefined
}

/** The card's bank believes that its holder did not pay. */
export interface FraudWarningView {
  readonly stripeWarningId: string
  readonly fraudType: string
  /** Refunding may still keep a dispute away. */
  readonly isActionable: boolean
}

/** What a provider tells of a payment after the sale. */
export interface PaymentView {
  readonly paymentIntentId: string
  readonly chargeId: string | undefined
  readonly checkoutId: string | undefined
  /** What we wrote beside it. */
  readonly note: Readonly<Record<string, string>>
  readonly refunds: readonly RefundView[]
  readonly disputes: readonly DisputeView[]
  /** undefined: not asked for. */
  readonly warnings: readonly FraudWarningView[] | undefined
}

/** An event as the inbox keeps it. */
export interface IncomingEvent {
  readonly id: string
  readonly type: string
  readonly objectType: string | undefined
  readonly objectId: string | undefined
  readonly groupKey: string
  readonly createdAt: Date
  readonly apiVersion: string | undefined
  readonly livemode: boolean
  readonly payload: string
}
