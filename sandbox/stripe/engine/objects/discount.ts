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

/** The `discount` object: a coupon on a checkout, a subscription or an invoice. */
export type Discount = {
  id: string
  object: 'discount'
  checkout_session: string | null
  customer: string | null
  customer_account: null
  end: number | null
  invoice: string | null
  invoice_item: null
  promotion_code: string | null
  source: { coupon: string; type: 'coupon' }
  start: number
  subscription: string | null
  subscription_item: null
}
