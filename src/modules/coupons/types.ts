/** What comes off: a share (2500 = 25 %) of what the coupon covers, or an amount of it. */
export type Reduction =
  | { readonly basisPoints: number }
  | { readonly amountMinor: number; readonly currency: string }

export interface CouponTerms {
  readonly reduction: Reduction
  /** Products it covers; undefined = all. */
  readonly productIds: readonly string[] | undefined
  /** What the covered lines must cost together before it comes off, in minor units. */
  readonly minimumMinor: number
  readonly startsAt: Date | undefined
  readonly endsAt: Date | undefined
  readonly isActive: boolean
  readonly mostUses: number | undefined
  readonly mostUsesPerCustomer: number | undefined
}

export interface Coupon extends CouponTerms {
  readonly id: string
  /** Upper case. */
  readonly code: string
  readonly note: string
  /** Paid uses and uses held for somebody who is paying. */
  readonly uses: number
  readonly createdAt: Date
}

/** A line as a coupon sees it. */
export interface CoverableLine {
  /** The product, and the bundle it is bought in: a coupon for either covers the line. */
  readonly productId: string
  readonly bundleId: string | undefined
  /** unit price times quantity. */
  readonly fullMinor: number
}

/** Why a coupon does not come off. The words are in coupon-words.ts. */
export type CouponRefusal =
  | { readonly reason: 'unknown' | 'inactive' | 'wrong_product' | 'other_currency' | 'used_up' }
  /** So many of its uses are being paid with from the same network that the others must wait. */
  | { readonly reason: 'held_nearby' }
  | { readonly reason: 'not_started'; readonly startsAt: Date }
  | { readonly reason: 'ended'; readonly endsAt: Date }
  | { readonly reason: 'minimum'; readonly minimumMinor: number; readonly coveredMinor: number }
  | { readonly reason: 'once_per_customer'; readonly most: number }
  /** It may be used so often by one person, and nobody has said yet who they are. */
  | { readonly reason: 'needs_email' }
