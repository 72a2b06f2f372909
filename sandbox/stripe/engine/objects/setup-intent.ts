import type { ErrorBody } from '../../api-error.ts'
import type { Metadata } from '../params.ts'
import type { NextAction } from './payment-intent.ts'

export type SetupIntentStatus =
  | 'canceled'
  | 'requires_action'
  | 'requires_confirmation'
  | 'requires_payment_method'
  | 'succeeded'

export type SetupIntent = {
  id: string
  object: 'setup_intent'
  allowed_payment_method_types: readonly string[] | null
  application: null
  automatic_payment_methods: { allow_redirects: 'always' | 'never'; enabled: boolean } | null
  cancellation_reason: 'abandoned' | 'duplicate' | 'requested_by_customer' | null
  client_secret: string
  created: number
  customer: string | null
  customer_account: null
  description: string | null
  excluded_payment_method_types: readonly string[] | null
  flow_directions: null
  last_setup_error: Omit<ErrorBody, 'payment_intent' | 'param'> | null
  latest_attempt: null
  livemode: false
  mandate: null
  metadata: Metadata
  next_action: NextAction | null
  on_behalf_of: null
  payment_method: string | null
  payment_method_configuration_details: null
  payment_method_options: {
    card: { mandate_options: null; network: null; request_three_d_secure: string }
  }
  payment_method_types: readonly string[]
  single_use_mandate: null
  status: SetupIntentStatus
  usage: 'off_session' | 'on_session'
}

/** The sandbox's own record of a setup intent, under its id. */
export type SetupRecord = {
  id: string
  object: '_setup'
  created: number
  /** The checkout session that made it. */
  session: string | null
  /** The portal session in which a card is exchanged. */
  portal: string | null
  returnUrl: string | null
}
