import type { Metadata } from '../params.ts'
import type { Interval, Price } from './price.ts'

export type SubscriptionStatus =
  | 'active'
  | 'canceled'
  | 'incomplete'
  | 'incomplete_expired'
  | 'past_due'
  | 'paused'
  | 'trialing'
  | 'unpaid'

/** What came before prices, still shown beside each: the same in other words. */
export type Plan = {
  id: string
  object: 'plan'
  active: boolean
  amount: number | null
  amount_decimal: string
  billing_scheme: 'per_unit'
  created: number
  currency: string
  interval: Interval
  interval_count: number
  livemode: false
  metadata: Metadata
  meter: null
  nickname: string | null
  product: string
  tiers_mode: null
  transform_usage: null
  trial_period_days: number | null
  usage_type: 'licensed'
}

export type SubscriptionItem = {
  id: string
  object: 'subscription_item'
  billing_thresholds: null
  created: number
  current_period_end: number
  current_period_start: number
  current_trial: null
  discounts: readonly string[]
  metadata: Metadata
  plan: Plan
  price: Price
  quantity: number
  subscription: string
  tax_rates: readonly []
}

export const FEEDBACK = [
  'customer_service',
  'low_quality',
  'missing_features',
  'other',
  'switched_service',
  'too_complex',
  'too_expensive',
  'unused',
] as const

export type Feedback = (typeof FEEDBACK)[number]

export type MissingMethod = 'cancel' | 'create_invoice' | 'pause'

export type PauseCollection = {
  behavior: 'keep_as_draft' | 'mark_uncollectible' | 'void'
  resumes_at: number | null
}

export type Subscription = {
  id: string
  object: 'subscription'
  application: null
  application_fee_percent: null
  automatic_tax: { disabled_reason: null; enabled: false; liability: null }
  billing_cycle_anchor: number
  billing_cycle_anchor_config: null
  billing_mode: {
    flexible: { proration_discounts: 'included' } | null
    type: 'classic' | 'flexible'
    updated_at?: number
  }
  billing_schedules: readonly []
  billing_thresholds: null
  cancel_at: number | null
  cancel_at_period_end: boolean
  canceled_at: number | null
  cancellation_details: {
    comment: string | null
    feedback: Feedback | null
    feedback_option: null
    reason: 'cancellation_requested' | 'payment_disputed' | 'payment_failed' | null
  }
  collection_method: 'charge_automatically' | 'send_invoice'
  created: number
  currency: string
  customer: string
  customer_account: null
  days_until_due: number | null
  default_payment_method: string | null
  default_source: null
  default_tax_rates: readonly []
  description: string | null
  discounts: readonly string[]
  ended_at: number | null
  invoice_settings: {
    account_tax_ids: null
    custom_fields: null
    description: null
    footer: null
    issuer: { type: 'self' }
  }
  items: {
    object: 'list'
    data: readonly SubscriptionItem[]
    has_more: false
    url: string
  }
  latest_invoice: string | null
  livemode: false
  managed_payments: { enabled: false }
  metadata: Metadata
  next_pending_invoice_item_invoice: null
  on_behalf_of: null
  pause_collection: PauseCollection | null
  payment_settings: {
    payment_method_options: null
    payment_method_types: null
    save_default_payment_method: 'off' | 'on_subscription'
  }
  pending_invoice_item_interval: null
  pending_setup_intent: string | null
  pending_update: {
    billing_cycle_anchor: number | null
    cancel_at_period_end: null
    discount: null
    discounts: null
    expires_at: number
    metadata: null
    subscription_items: readonly SubscriptionItem[]
    trial_end: number | null
    trial_from_plan: null
  } | null
  schedule: null
  start_date: number
  status: SubscriptionStatus
  status_details?: {
    paused: {
      subscription: { type: 'pause_requested' | 'trial_end_without_payment_method' }
      transitioned_at: number
      type: 'subscription'
    }
  }
  test_clock: string | null
  transfer_data: null
  trial_end: number | null
  trial_settings: {
    end_behavior: {
      billing_cycle_anchor: 'now' | 'unchanged' | null
      missing_payment_method: MissingMethod
    }
  }
  trial_start: number | null
}

/** What an item was last billed for: credits are parts of it. */
export type Debit = {
  /** Minor units after discounts. */
  amount: number
  start: number
  end: number
  /** The invoice and its line; null while it waits as an invoice item. */
  invoice: string | null
  line: string
}

/** The sandbox's own record of a subscription, under its id. */
export type SubscriptionRecord = {
  id: string
  object: '_subscription'
  created: number
  /** By item. */
  debits: Readonly<Record<string, Debit>>
  /** What becomes of the subscription when the invoice is paid. */
  pending: {
    invoice: string
    after: Subscription
    debits: Readonly<Record<string, Debit>>
  } | null
}

/** Which subscription an item is of, under the item's id. */
export type ItemRecord = { id: string; object: '_item'; created: number; subscription: string }
