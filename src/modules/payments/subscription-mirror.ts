import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { InvoiceView, PaymentMode, PaymentView, SubscriptionView } from './types.ts'

/** What was just fetched of a subscription. */
export interface ToldSubscription {
  readonly backendId: number
  readonly mode: PaymentMode
  readonly subscription: SubscriptionView
  /** Its latest invoice, and those that the events were about; each as it stands now. */
  readonly invoices: readonly InvoiceView[]
  /** What made us look: an event id, 'return page', 'comparison with Stripe' ... For the record only. */
  readonly cause: string
}

/**
 * Where subscriptions are written down: the port between payments and memberships. Each call happens in the one transaction that
 * also ends the events, with what was fetched after the object was leased: who comes first, how often and in which order makes no
 * difference to what is written. Nothing here may reach outside. Returns what was done, in words.
 */
export interface SubscriptionMirror {
  onSubscription(tx: Tx, told: ToldSubscription): Promise<string>
  /** Stripe does not know it (any more). */
  onGone(
    tx: Tx,
    gone: {
      readonly backendId: number
      readonly stripeSubscriptionId: string
      readonly cause: string
    },
  ): Promise<string>
  /** A session ended without a subscription. */
  onSessionExpired(
    tx: Tx,
    ended: { readonly backendId: number; readonly stripeSessionId: string },
  ): Promise<string>
  /** A price, or the product of prices, was changed at Stripe. Returns whether it is of ours. */
  onOfferChanged(
    tx: Tx,
    changed: { readonly backendId: number; readonly offerId: string },
  ): Promise<boolean>
  /** Ids at Stripe of a customer's live subscriptions, at most 20; owing: those alone of which a payment is owed. */
  ofCustomer(
    db: Db,
    backendId: number,
    stripeCustomerId: string,
    which: 'live' | 'owing',
  ): Promise<readonly string[]>
  /** Whether a payment is of an invoice that is written down here. */
  knowsPayment(db: Db, backendId: number, paymentIntentId: string): Promise<boolean>
  /** What went back of such a payment, what is argued about it, and what its card's bank warns of, as it stands now. */
  onPayment(
    tx: Tx,
    told: { readonly backendId: number; readonly payment: PaymentView; readonly cause: string },
  ): Promise<string>
  /** Of refunds and disputes, the ids of those that are written down here in the very state they are told in. */
  knownMoney(
    db: Db,
    backendId: number,
    told: readonly { readonly id: string; readonly state: string }[],
  ): Promise<ReadonlySet<string>>
  /** The digest under which each is written down here, by its id at Stripe: of these, and of every live one where none are named. */
  digests(
    db: Db,
    backendId: number,
    stripeSubscriptionIds: readonly string[] | 'live',
  ): Promise<ReadonlyMap<string, string>>
}
