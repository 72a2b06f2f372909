export type CheckoutState = 'open' | 'awaiting_payment' | 'paid' | 'expired' | 'failed'

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
