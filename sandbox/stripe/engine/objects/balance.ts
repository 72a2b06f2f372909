export type BalanceTransaction = {
  id: string
  object: 'balance_transaction'
  amount: number
  available_on: number
  balance_type: 'payments'
  created: number
  currency: string
  description: string | null
  exchange_rate: null
  fee: number
  fee_details: readonly {
    amount: number
    application: null
    currency: string
    description: string
    type: 'stripe_fee'
  }[]
  net: number
  reporting_category: string
  source: string
  status: 'available' | 'pending'
  type:
    | 'charge'
    | 'payment'
    | 'refund'
    | 'payment_refund'
    | 'refund_failure'
    | 'adjustment'
    | 'payment_failure_refund'
}

/** What the account has of one currency, kept up with each movement so that it need not be summed. */
export type LedgerRecord = {
  id: string
  object: '_ledger'
  created: number
  available: number
  /** Not yet available, by the second it becomes so. */
  pending: readonly { from: number; amount: number }[]
}
