import type { Address, Shipping } from '../addresses.ts'
import type { Metadata } from '../params.ts'

export type Customer = {
  id: string
  object: 'customer'
  address: Address | null
  balance: number
  created: number
  currency: string | null
  customer_account: null
  default_source: null
  delinquent: boolean
  description: string | null
  discount: null
  email: string | null
  invoice_prefix: string
  invoice_settings: {
    custom_fields: null
    default_payment_method: string | null
    footer: string | null
    rendering_options: null
  }
  livemode: false
  metadata: Metadata
  name: string | null
  next_invoice_sequence: number
  phone: string | null
  preferred_locales: readonly string[]
  shipping: Shipping | null
  tax_exempt: 'none' | 'exempt' | 'reverse'
  test_clock: string | null
}
