import type { Metadata } from '../params.ts'
import type { Feedback } from './subscription.ts'

export type ProrationBehavior = 'always_invoice' | 'create_prorations' | 'none'

export type CustomerPart = 'address' | 'email' | 'name' | 'phone' | 'shipping' | 'tax_id'

export type PortalFeatures = {
  customer_update: { allowed_updates: readonly CustomerPart[]; enabled: boolean }
  invoice_history: { enabled: boolean }
  payment_method_update: { enabled: boolean; payment_method_configuration: null }
  subscription_cancel: {
    cancellation_reason: {
      enabled: boolean
      feedback_options: null
      options: readonly Feedback[]
    }
    enabled: boolean
    mode: 'at_period_end' | 'immediately'
    proration_behavior: ProrationBehavior
  }
  subscription_pause: {
    duration: { interval_options: readonly []; type: 'indefinite' }
    enabled: false
  }
  subscription_update: {
    billing_cycle_anchor: 'now' | 'unchanged' | null
    default_allowed_updates: readonly ('price' | 'promotion_code' | 'quantity')[]
    enabled: boolean
    products?: readonly {
      adjustable_quantity: { enabled: boolean; maximum: number | null; minimum: number }
      prices: readonly string[]
      product: string
    }[]
    proration_behavior: ProrationBehavior
    schedule_at_period_end: { conditions: readonly [] }
    trial_update_behavior: 'continue_trial' | 'end_trial'
  }
}

export type PortalConfiguration = {
  id: string
  object: 'billing_portal.configuration'
  active: boolean
  application: null
  business_profile: {
    headline: string | null
    privacy_policy_url: string | null
    terms_of_service_url: string | null
  }
  created: number
  default_return_url: string | null
  features: PortalFeatures
  is_default: boolean
  livemode: false
  login_page: { enabled: false; url: null }
  metadata: Metadata
  name: string | null
  updated: number
}

export type PortalFlow = {
  after_completion: {
    hosted_confirmation: { custom_message: string | null } | null
    redirect: { return_url: string } | null
    type: 'hosted_confirmation' | 'portal_homepage' | 'redirect'
  }
  customer_update: null
  subscription_cancel: { retention: null; subscription: string } | null
  subscription_pause: null
  subscription_update: { subscription: string } | null
  subscription_update_confirm: {
    discounts: null
    items: readonly { id: string; price: string | null; quantity?: number }[]
    subscription: string
  } | null
  type:
    | 'payment_method_update'
    | 'subscription_cancel'
    | 'subscription_update'
    | 'subscription_update_confirm'
}

export type PortalSession = {
  id: string
  object: 'billing_portal.session'
  configuration: string
  created: number
  customer: string
  customer_account: null
  flow: PortalFlow | null
  livemode: false
  locale: string | null
  on_behalf_of: null
  return_url: string | null
  url: string
}

/** The portal session behind the last part of its address. */
export type PortalDoor = {
  id: string
  object: '_portal_door'
  created: number
  session: string
  /** Unix seconds: when it closes to whoever has not yet come, or for good. */
  closesAt: number
  wasUsed: boolean
  /** The flow it was made for was gone through. */
  isDone: boolean
}
