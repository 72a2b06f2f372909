/** A coupon on a checkout, kept with the session's record. */
export type AppliedDiscount = {
  id: string
  coupon: string
  promotionCode: string | null
  /** What the buyer is told: the coupon's name of then, or what it takes off. */
  title: string
  /** Unix seconds. */
  start: number
}

/** The `discount` object, as breakdowns and lines show it. */
export type Discount = {
  id: string
  object: 'discount'
  checkout_session: string
  customer: string | null
  customer_account: null
  end: null
  invoice: null
  invoice_item: null
  promotion_code: string | null
  source: { coupon: string; type: 'coupon' }
  start: number
  subscription: null
  subscription_item: null
}
