import type { Tx } from '#modules/platform/server/index.ts'
import type { Checkout, CheckoutLine, PaidFacts, PaymentMode } from './types.ts'

export interface PaidCheckout {
  readonly checkout: Checkout
  readonly lines: readonly CheckoutLine[]
  readonly facts: PaidFacts
  readonly mode: PaymentMode
  /** What made us look: an event id, 'return page', 'sweep' ... For the record only. */
  readonly cause: string
}

/**
 * What is told when money moves: the port between payments and what is sold. Each call happens in the
 * transaction that records the money, once per fact (guarded by payment_effect), so it must not reach outside.
 */
export interface Payable {
  onPaid(tx: Tx, paid: PaidCheckout): Promise<void>
  /**
   * A sale that the database had lost was made anew from its note at Stripe, and is about to be told as always: the place to
   * write down again what was enclosed in the note. Returns what is missing all the same, in words; undefined when nothing is.
   */
  onTakenUp(
    tx: Tx,
    checkout: Checkout,
    lines: readonly CheckoutLine[],
    enclosure: string | undefined,
  ): Promise<string | undefined>
  /** A delayed method: the buyer is done, the money is on its way. */
  onAwaiting(
    tx: Tx,
    checkout: Checkout,
    lines: readonly CheckoutLine[],
    facts: { readonly email: string | undefined },
  ): Promise<void>
  /**
   * No money will come for it: expired, or a delayed payment failed; or money came that does not fit, and was put aside for
   * the owner to look at.
   */
  onFailed(
    tx: Tx,
    checkout: Checkout,
    lines: readonly CheckoutLine[],
    failed: {
      readonly reason: 'expired' | 'payment_failed' | 'put_aside'
      readonly email: string | undefined
    },
  ): Promise<void>
  /** Money went back: refunds were made; or came back here: some failed later. Both may be told at once. */
  onRefunded(
    tx: Tx,
    change: {
      readonly checkoutId: string
      readonly refundedMinor: number
      readonly paidMinor: number
      /** What went out just now, and what came back because its refund failed. */
      readonly goneMinor: number
      readonly backMinor: number
      /** Every refund of the payment, oldest first, and whether its money counts as gone. */
      readonly refunds: readonly {
        readonly id: string
        readonly amountMinor: number
        readonly counts: boolean
      }[]
      readonly cause: string
    },
  ): Promise<void>
  /** A dispute was opened, decided or closed. */
  onDisputed(
    tx: Tx,
    change: {
      readonly checkoutId: string
      /** Of all disputes about the payment: whether one is open right now, and whether one was lost. */
      readonly isOpen: boolean
      readonly isLost: boolean
      /** What became of which disputes just now. */
      readonly changes: readonly {
        readonly disputeId: string
        readonly standing: 'inquiry' | 'open' | 'won' | 'lost'
        readonly reason: string
        readonly amountMinor: number
        readonly evidenceDueAt: Date | undefined
      }[]
      readonly cause: string
    },
  ): Promise<void>
  /** A card's bank warns of fraud; no money has moved. */
  onFraudWarning(
    tx: Tx,
    change: { readonly checkoutId: string; readonly warningId: string; readonly fraudType: string },
  ): Promise<void>
}
