import type { Address, Shipping } from '../addresses.ts'
import type { Metadata } from '../params.ts'

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'uncollectible' | 'void'

export type BillingReason =
  | 'manual'
  | 'subscription_create'
  | 'subscription_cycle'
  | 'subscription_update'
  | 'upcoming'

export type Period = { end: number; start: number }

export type DiscountAmount = { amount: number; discount: string }

type CreditedItems = { invoice: string; invoice_line_items: readonly string[] }

export type Pricing = {
  price_details?: { price: string; product: string }
  type: 'price_details'
  unit_amount_decimal: string | null
}

export type InvoiceLine = {
  id: string
  object: 'line_item'
  amount: number
  currency: string
  description: string | null
  discount_amounts: readonly DiscountAmount[]
  discountable: boolean
  discounts: readonly string[]
  invoice: string
  livemode: false
  metadata: Metadata
  parent: {
    invoice_item_details: {
      invoice_item: string
      proration: boolean
      proration_details: { credited_items: CreditedItems | null } | null
      subscription: string | null
    } | null
    subscription_item_details: {
      invoice_item: string | null
      proration: boolean
      proration_details: { credited_items: CreditedItems | null } | null
      subscription: string | null
      subscription_item: string
    } | null
    type: 'invoice_item_details' | 'subscription_item_details'
  }
  period: Period
  pretax_credit_amounts: readonly { amount: number; discount: string; type: 'discount' }[]
  pricing: Pricing | null
  quantity: number | null
  quantity_decimal: string | null
  subscription: string | null
  subtotal: number
  taxes: readonly []
}

export type Invoice = {
  id: string
  object: 'invoice'
  account_country: string | null
  account_name: string | null
  account_tax_ids: null
  amount_due: number
  amount_overpaid: number
  amount_paid: number
  amount_remaining: number
  amount_shipping: 0
  application: null
  attempt_count: number
  attempted: boolean
  auto_advance: boolean
  automatic_tax: {
    disabled_reason: null
    enabled: false
    liability: null
    provider: null
    status: null
  }
  automatically_finalizes_at: number | null
  billing_reason: BillingReason
  collection_method: 'charge_automatically' | 'send_invoice'
  created: number
  currency: string
  custom_fields: null
  customer: string
  customer_account: null
  customer_address: Address | null
  customer_email: string | null
  customer_name: string | null
  customer_phone: string | null
  customer_shipping: Shipping | null
  customer_tax_exempt: 'none' | 'exempt' | 'reverse'
  customer_tax_ids: readonly []
  default_payment_method: string | null
  default_source: null
  default_tax_rates: readonly []
  description: string | null
  discounts: readonly string[]
  due_date: number | null
  effective_at: number | null
  ending_balance: number | null
  footer: string | null
  from_invoice: null
  hosted_invoice_url: string | null
  invoice_pdf: string | null
  issuer: { type: 'self' }
  last_finalization_error: null
  latest_revision: null
  lines: { object: 'list'; data: readonly InvoiceLine[]; has_more: boolean; url: string }
  livemode: false
  metadata: Metadata
  next_payment_attempt: number | null
  number: string | null
  on_behalf_of: null
  parent: {
    quote_details: null
    subscription_details: {
      metadata: Metadata
      subscription: string
      subscription_proration_date?: number
    }
    type: 'subscription_details'
  } | null
  payment_settings: {
    default_mandate: null
    payment_method_options: null
    payment_method_types: null
  }
  period_end: number
  period_start: number
  post_payment_credit_notes_amount: 0
  pre_payment_credit_notes_amount: 0
  receipt_number: null
  rendering: null
  shipping_cost: null
  shipping_details: null
  starting_balance: number
  statement_descriptor: string | null
  status: InvoiceStatus
  status_transitions: {
    finalized_at: number | null
    marked_uncollectible_at: number | null
    paid_at: number | null
    voided_at: number | null
  }
  subtotal: number
  subtotal_excluding_tax: number
  test_clock: string | null
  total: number
  total_discount_amounts: readonly DiscountAmount[]
  total_excluding_tax: number
  total_pretax_credit_amounts: readonly { amount: number; discount: string; type: 'discount' }[]
  total_taxes: readonly []
  webhooks_delivered_at: number | null
}

/** The sandbox's own record of an invoice, under its id. */
export type InvoiceRecord = {
  id: string
  object: '_invoice'
  created: number
  /** The intent that takes its money, once there is one. */
  intent: string | null
  /** Last part of the address of its page. */
  door: string
  /** What is done with it when it is final, while collection is paused. */
  instead: 'mark_uncollectible' | 'void' | null
}

/** The invoice behind the address of an invoice's page. */
export type InvoiceDoor = { id: string; object: '_invoice_door'; created: number; invoice: string }

export type InvoicePayment = {
  id: string
  object: 'invoice_payment'
  amount_paid: number | null
  amount_requested: number
  created: number
  currency: string
  invoice: string
  is_default: boolean
  livemode: false
  payment: { payment_intent: string; type: 'payment_intent' }
  status: 'open' | 'paid' | 'canceled'
  status_transitions: { canceled_at: number | null; paid_at: number | null }
}

export type InvoiceItem = {
  id: string
  object: 'invoiceitem'
  amount: number
  currency: string
  customer: string
  customer_account: null
  date: number
  description: string | null
  discountable: boolean
  discounts: readonly string[]
  invoice: string | null
  livemode: false
  metadata: Metadata
  net_amount: number
  parent: {
    subscription_details: { subscription: string; subscription_item?: string }
    type: 'subscription_details'
  } | null
  period: Period
  pricing: Pricing | null
  proration: boolean
  proration_details?: {
    credited_items: {
      invoice_item?: string
      invoice_line_item_details?: CreditedItems
      type: 'invoice_item' | 'invoice_line_items'
    } | null
    discount_amounts: readonly DiscountAmount[]
  }
  quantity: number
  quantity_decimal: string
  tax_rates: readonly []
  test_clock: string | null
}
