import type { Metadata } from '../params.ts'

export type CustomerBalanceTransaction = {
  id: string
  object: 'customer_balance_transaction'
  amount: number
  checkout_session: null
  created: number
  credit_note: null
  currency: string
  customer: string
  customer_account: null
  description: string | null
  ending_balance: number
  invoice: string | null
  livemode: false
  metadata: Metadata
  type: 'adjustment' | 'applied_to_invoice' | 'invoice_too_small' | 'unapplied_from_invoice'
}
