/** What comes off: a share (2500 = 25 %) of what the coupon covers, or an amount of it. */
export type Reduction =
  | { readonly basisPoints: number }
  | { readonly amountMinor: number; readonly currency: string }

/** How long something comes off a plan's payments: the first one, those of the first months, or all of them. */
export type PlanDuration = 'once' | 'repeating' | 'forever'

/** What a coupon is for that is for plans. */
export interface ForPlans {
  /** undefined = all. */
  readonly planIds: readonly string[] | undefined
  readonly duration: PlanDuration
  /** Of `repeating`, from the day somebody subscribes on; else undefined. */
  readonly months: number | undefined
}

export interface CouponTerms {
  readonly reduction: Reduction
  /** It is for plans, and for no product; undefined = for products. */
  readonly forPlans?: ForPlans | undefined
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
  | {
      readonly reason:
        | 'unknown'
        | 'inactive'
        | 'wrong_product'
        | 'other_currency'
        | 'used_up'
        /** It is for plans, and this is a cart. */
        | 'for_plans'
        /** It is for products, and this is a plan. */
        | 'for_products'
        | 'wrong_plan'
        /** Less would be left than a card can be charged. */
        | 'too_little_left'
        /** The plan's trial lasts longer than the months it comes off for. */
        | 'outlasted'
    }
  /** So many of its uses are being paid with from the same network that the others must wait. */
  | { readonly reason: 'held_nearby' }
  | { readonly reason: 'not_started'; readonly startsAt: Date }
  | { readonly reason: 'ended'; readonly endsAt: Date }
  | { readonly reason: 'minimum'; readonly minimumMinor: number; readonly coveredMinor: number }
  | { readonly reason: 'once_per_customer'; readonly most: number }
  /** It may be used so often by one person, and nobody has said yet who they are. */
  | { readonly reason: 'needs_email' }
