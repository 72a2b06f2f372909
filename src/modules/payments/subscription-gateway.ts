import type { Lane } from './gateway.ts'
import type {
  DiscountTerms,
  Interval,
  InvoiceView,
  SessionView,
  SubscriptionView,
} from './types.ts'

export interface NewSubscriptionSession {
  /** Our checkout's id: the idempotency key and client_reference_id, and noted beside the subscription. */
  readonly checkoutId: string
  readonly stripeCustomerId: string
  readonly stripePriceId: string
  /** 0 = paid at once. */
  readonly trialDays: number
  /** Key of the coupon that comes off, made before (makePlanCoupon). */
  readonly couponKey?: string | undefined
  /** Nothing will ever be charged: no card is asked for. */
  readonly isFree?: boolean
  /** Kept beside the subscription, and told again with it. */
  readonly note: Readonly<Record<string, string>>
  readonly successUrl: string
  readonly cancelUrl: string
  readonly expiresAt: Date
}

export interface PriceView {
  readonly stripePriceId: string
  readonly isActive: boolean
  readonly title: string
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
}

/** What a change would cost, as the provider reckons it. */
export interface ChangePreview {
  /** Asked for at once. */
  readonly dueMinor: number
  /** What comes off for what is left of the former period; positive. */
  readonly creditMinor: number
  readonly currency: string
  /** Until when the change would be paid: when the next payment is due. */
  readonly periodEndsAt: Date | undefined
}

/** One swap of a subscription's price, at a fixed moment, so that what was shown is what is charged. */
export interface PriceSwap {
  readonly stripeSubscriptionId: string
  readonly stripeItemId: string
  readonly stripePriceId: string
  readonly at: Date
  /** now: prorated and charged at once; unbilled: from the next invoice on, nothing for the rest of this period. */
  readonly billing: 'now' | 'unbilled'
  /** What came off ends with it. */
  readonly endsDiscount?: boolean
}

/** A coupon for payments of subscriptions: made once for each key, and never changed. */
export interface NewPlanCoupon extends DiscountTerms {
  readonly key: string
  /** As it stands on invoices. */
  readonly name: string
  /** Of one that comes off for some months. */
  readonly months: number | undefined
}

/**
 * The part of a payment provider that subscriptions need. All calls may throw GatewayError. key: the same for the same wish, so that
 * asking again after a lost answer does it once.
 */
export interface SubscriptionGateway {
  makeCustomer(
    customer: {
      readonly key: string
      readonly memberId: string
      readonly email: string
      readonly name: string | undefined
    },
    lane: Lane,
  ): Promise<{ readonly stripeCustomerId: string }>
  /** Deletes a customer with everything the provider holds of the person; whatever still runs there ends. One that is gone already is fine. */
  deleteCustomer(stripeCustomerId: string, lane: Lane): Promise<void>
  /** The one product that all plans are prices of. */
  makeProduct(
    product: { readonly key: string; readonly name: string },
    lane: Lane,
  ): Promise<{ readonly stripeProductId: string }>
  /** Finds the plan's price where it was made already, however long ago; else makes it. */
  makePrice(
    price: {
      readonly planId: string
      readonly stripeProductId: string
      readonly title: string
      readonly amountMinor: number
      readonly currency: string
      readonly interval: Interval
    },
    lane: Lane,
  ): Promise<PriceView>
  /** Active: it can be subscribed to, its product included. */
  readPrice(stripePriceId: string, lane: Lane): Promise<PriceView>
  /** Made active, its product is, too. */
  updatePrice(
    stripePriceId: string,
    change: { readonly isActive: boolean; readonly title: string },
    lane: Lane,
  ): Promise<PriceView>
  /** Makes it where it is not there yet, however long ago it was asked for first. */
  makePlanCoupon(coupon: NewPlanCoupon, lane: Lane): Promise<void>
  /** Whether it is there; somebody may have deleted it at the provider's side. */
  hasPlanCoupon(key: string, lane: Lane): Promise<boolean>
  /** Called again with the same checkout it gives the same session. */
  makeSubscriptionSession(session: NewSubscriptionSession, lane: Lane): Promise<SessionView>
  /** With its latest invoice: one call tells all that is new in most cases. */
  readSubscription(stripeSubscriptionId: string, lane: Lane): Promise<SubscriptionView>
  readInvoice(stripeInvoiceId: string, lane: Lane): Promise<InvoiceView>
  /** The invoice that a payment has paid; undefined: it has paid none. */
  findInvoiceOfPayment(paymentIntentId: string, lane: Lane): Promise<InvoiceView | undefined>
  /** Every subscription there is, ended ones too, 100 a call; without invoices and cards. */
  listSubscriptions(
    after: string | undefined,
    lane: Lane,
  ): Promise<{
    readonly subscriptions: readonly SubscriptionView[]
    readonly next: string | undefined
  }>
  previewSwap(swap: PriceSwap, lane: Lane): Promise<ChangePreview>
  /** A payment that fails leaves everything as it was: refused, code payment_failed or the card's own. */
  swapPrice(swap: PriceSwap, key: string, lane: Lane): Promise<SubscriptionView>
  cancelAtPeriodEnd(
    stripeSubscriptionId: string,
    why: { readonly comment: string | undefined },
    lane: Lane,
  ): Promise<SubscriptionView>
  /** Takes a planned end back, in the way it was asked for. */
  takeCancelBack(
    stripeSubscriptionId: string,
    cancelsBy: 'period_end' | 'date',
    lane: Lane,
  ): Promise<SubscriptionView>
  /** Ends it at once, without a last invoice. One that has ended already is told as it stands. */
  cancelNow(stripeSubscriptionId: string, lane: Lane): Promise<SubscriptionView>
  /** Asks for no money until it is resumed: what is due meanwhile is void. */
  pauseCollection(stripeSubscriptionId: string, lane: Lane): Promise<SubscriptionView>
  /** Goes on asking for money. startsToday: a period begins now, and is paid now; else with the next period. */
  resumeCollection(
    stripeSubscriptionId: string,
    startsToday: boolean,
    lane: Lane,
  ): Promise<SubscriptionView>
  /**
   * Tries an open invoice at once, with this card or the one on file. One that is not open any more is told as it stands; a payment that
   * fails is refused, with the card's own code. key: of this try.
   */
  payInvoice(
    stripeInvoiceId: string,
    key: string,
    lane: Lane,
    methodId?: string,
  ): Promise<InvoiceView>
  /** A page of the provider's where the holder changes their card, and nothing else. */
  openCardPage(
    page: { readonly stripeCustomerId: string; readonly returnUrl: string },
    lane: Lane,
  ): Promise<{ readonly url: string }>
}
