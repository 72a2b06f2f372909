import type { Metadata } from '../params.ts'
import type { Price } from './price.ts'

/** One line of a checkout, as `GET .../line_items` shows it. */
export type LineItem = {
  id: string
  object: 'item'
  adjustable_quantity: null
  amount_discount: number
  amount_subtotal: number
  amount_tax: 0
  amount_total: number
  currency: string
  description: string
  metadata: Metadata
  price: Price
  quantity: number
}
