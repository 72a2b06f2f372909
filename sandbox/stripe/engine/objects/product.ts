import type { Metadata } from '../params.ts'

export type Product = {
  id: string
  object: 'product'
  active: boolean
  created: number
  default_price: string | null
  description: string | null
  images: readonly string[]
  livemode: false
  marketing_features: readonly { name: string }[]
  metadata: Metadata
  name: string
  package_dimensions: PackageDimensions | null
  shippable: boolean | null
  statement_descriptor: string | null
  tax_code: string | null
  tax_details: null
  type: 'good' | 'service'
  unit_label: string | null
  updated: number
  url: string | null
}

export type PackageDimensions = { height: number; length: number; weight: number; width: number }
