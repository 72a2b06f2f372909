import type { PaymentMode } from '#modules/payments/types.ts'

export interface OrderLine {
  readonly id: string
  readonly productId: string
  readonly kind: string
  readonly title: string
  readonly quantity: number
  readonly unitMinor: number
  /** What a coupon took off the whole line. */
  readonly discountMinor: number
  /** unitMinor times quantity, less the discount: what was paid for it. */
  readonly totalMinor: number
  readonly tax:
    | { readonly basisPoints: number; readonly label: string; readonly minor: number }
    | undefined
  /** Bought as a part of a bundle; lines of one bundle have the same `at`. */
  readonly bundle:
    | { readonly productId: string; readonly title: string; readonly at: number }
    | undefined
  /** What went back of it, as far as refunds named it. */
  readonly refundedMinor: number
  readonly refundedQuantity: number
}

export interface Order {
  readonly id: string
  readonly number: number
  readonly checkoutId: string
  readonly customerId: string
  readonly email: string
  readonly buyerName: string | undefined
  readonly country: string | undefined
  readonly currency: string
  /** What was paid, after the discount. */
  readonly totalMinor: number
  readonly discountMinor: number
  readonly couponCode: string | undefined
  readonly taxMinor: number
  readonly refundedMinor: number
  /** A dispute is open right now. */
  readonly isDisputed: boolean
  /** A dispute was lost: the bank took the money back. */
  readonly isDisputeLost: boolean
  readonly mode: PaymentMode
  readonly placedAt: Date
  /** How often it was moved to another address: links from before open nothing. */
  readonly linkVersion: number
}

/** What the buyer of a gift wrote with it. */
export interface GiftWords {
  readonly fromName: string
  readonly toName: string
  /** undefined: the buyer hands the link over. */
  readonly toEmail: string | undefined
  readonly message: string
}

export interface OrderWithLines extends Order {
  readonly lines: readonly OrderLine[]
}
