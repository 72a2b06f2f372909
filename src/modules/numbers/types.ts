/** Play money: rehearsal and test mode. */
export type MoneyKind = 'real' | 'play'

/** Days of the owner's zone, both in it: "2026-11-21". */
export interface Period {
  readonly from: string
  readonly to: string
}

/** All amounts in minor units of the shop's currency. */
export interface Sums {
  readonly orders: number
  /** Before discounts. */
  readonly grossMinor: number
  readonly discountMinor: number
  /** Given back by refunds made in this time, of whatever sale. */
  readonly refundedMinor: number
  /** Taken back by banks in this time. */
  readonly lostMinor: number
  /** In what was sold. */
  readonly taxMinor: number
}

export interface DayFigures extends Sums {
  readonly day: string
}

export interface ProductFigures {
  readonly productId: string
  readonly title: string
  /** How many were sold by themselves; a bundle: how many bundles. */
  readonly alone: number
  readonly aloneMinor: number
  /** As parts of bundles, with their share of the price. */
  readonly inBundles: number
  readonly inBundlesMinor: number
  readonly isBundle: boolean
}

export interface CouponFigures {
  readonly code: string
  readonly orders: number
  readonly discountMinor: number
  /** Paid with it. */
  readonly paidMinor: number
}

export interface CountryFigures {
  /** ISO 3166; '' where nobody told. */
  readonly country: string
  readonly orders: number
  readonly paidMinor: number
}

export interface Figures {
  readonly days: readonly DayFigures[]
  readonly total: Sums
  /** Who bought for the first time. */
  readonly newCustomers: number
  /** Most paid first. Parts of bundles count with their share, and bundles as such besides. */
  readonly products: readonly ProductFigures[]
  readonly coupons: readonly CouponFigures[]
  readonly countries: readonly CountryFigures[]
}

/** A day of memberships: what stood at its end, what moved in it, and the money of it. Amounts in minor units. */
export interface MembershipDay extends MembershipMoves, MembershipStanding, MembershipMoney {
  readonly day: string
}

/** Money itself, not of a month: a payment counts on the day it came, a refund on the day it was made. */
export interface MembershipMoney {
  readonly paidMinor: number
  readonly refundedMinor: number
  /** Taken back by banks. */
  readonly lostMinor: number
}

export interface MembershipStanding {
  /** Monthly recurring revenue. */
  readonly monthlyMinor: number
  /** The same without those that are to end. */
  readonly committedMinor: number
  readonly paying: number
  readonly trials: number
  /** Whose renewal failed: in neither sum. */
  readonly owing: number
}

export interface MembershipMoves {
  /** Paid for the first time. */
  readonly begun: number
  readonly ended: number
  readonly trialsBegun: number
  readonly trialsLost: number
  // What moved the monthly revenue: together the difference between its end and its beginning.
  readonly begunMinor: number
  /** Paid again after owing or a pause. */
  readonly backMinor: number
  readonly upMinor: number
  readonly downMinor: number
  readonly owingMinor: number
  readonly pausedMinor: number
  readonly endedMinor: number
}

export interface PlanFigures {
  readonly planId: string
  readonly title: string
  readonly isEnabled: boolean
  /** Now. */
  readonly paying: number
  readonly trials: number
  readonly owing: number
  readonly ending: number
  readonly monthlyMinor: number
  readonly committedMinor: number
  readonly owingMinor: number
  /** In the period. */
  readonly begun: number
  readonly ended: number
}

export interface MembershipFigures {
  readonly currency: string
  /** Before the first day. */
  readonly opening: MembershipStanding
  /** At the end of the last day. */
  readonly closing: MembershipStanding
  readonly total: MembershipMoves & MembershipMoney
  readonly days: readonly MembershipDay[]
  /** Highest revenue first. */
  readonly plans: readonly PlanFigures[]
}
