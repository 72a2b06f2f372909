import type { CouponRefusal } from '#modules/coupons/types.ts'
import type { Offer } from '#modules/catalog/types.ts'
import type { CheckoutLine } from '#modules/payments/types.ts'

export interface CartEntry {
  readonly productId: string
  readonly quantity: number
  /** What the buyer wants to pay for one, where the price is open; whole minor units. */
  readonly chosenMinor: number | undefined
}

export interface Cart {
  readonly entries: readonly CartEntry[]
  /** A coupon's code as it was typed. */
  readonly code: string | undefined
}

/** An entry of the cart as it stands now. */
export interface QuoteLine {
  readonly offer: Offer
  readonly quantity: number
  readonly unitMinor: number
  /** Before the discount. */
  readonly fullMinor: number
  readonly discountMinor: number
  /** What a bundle holds; [] for anything else. */
  readonly parts: readonly string[]
}

export interface Quote {
  readonly currency: string
  readonly lines: readonly QuoteLine[]
  /** What the checkout is made of: bundles as their parts, each with its share of the discount. */
  readonly checkoutLines: readonly CheckoutLine[]
  /** Entries that cannot be bought (any more). */
  readonly goneIds: readonly string[]
  readonly fullMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly coupon:
    | { readonly ok: true; readonly id: string; readonly code: string; readonly asksEmail: boolean }
    | { readonly ok: false; readonly typed: string; readonly refusal: CouponRefusal }
    | undefined
}
