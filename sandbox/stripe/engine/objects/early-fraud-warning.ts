export type EarlyFraudWarning = {
  id: string
  object: 'radar.early_fraud_warning'
  /** There is still something to be done: not disputed, not wholly refunded. */
  actionable: boolean
  charge: string
  created: number
  fraud_type: FraudType
  livemode: false
  payment_intent?: string
}

/** docs.stripe.com/api/radar/early_fraud_warnings/object#early_fraud_warning_object-fraud_type */
export const FRAUD_TYPES = [
  'card_never_received',
  'fraudulent_card_application',
  'made_with_counterfeit_card',
  'made_with_lost_card',
  'made_with_stolen_card',
  'misc',
  'unauthorized_use_of_card',
] as const

export type FraudType = (typeof FRAUD_TYPES)[number]

/** Which warning a charge has: the sandbox's own record, under the charge's id. */
export type WarningRecord = { id: string; object: '_warning'; created: number; warning: string }
