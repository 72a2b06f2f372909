import type { Metadata } from '../params.ts'

export type Coupon = {
  id: string
  object: 'coupon'
  amount_off: number | null
  created: number
  currency: string | null
  duration: 'forever' | 'once' | 'repeating'
  duration_in_months: number | null
  livemode: false
  max_redemptions: number | null
  metadata: Metadata
  name: string | null
  percent_off: number | null
  redeem_by: number | null
  times_redeemed: number
  valid: boolean
}

/** The sandbox's own record of a coupon, under its id: what the object shows only when expanded. */
export type CouponRecord = {
  id: string
  object: '_coupon'
  created: number
  /** Only these products get cheaper; all do when null. */
  products: readonly string[] | null
  /** Minor units by currency, the coupon's own included. */
  amountsOff: Readonly<Record<string, number>>
  isDeleted: boolean
}
