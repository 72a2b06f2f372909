import type { Product } from './objects/product.ts'
import type { Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { noSuchObject } from '../api-error.ts'

/** The product that an inline `product_data` describes. It stays out of the catalogue's way. */
export function productFromData(work: Work, data: Params, active: boolean): Product {
  const product: Product = {
    ...blankProduct(data.text('id') ?? work.id('prod'), work.now, data.needText('name')),
    active,
    description: data.text('description') ?? null,
    images: data.texts('images') ?? [],
    metadata: data.metadata(),
    statement_descriptor: data.text('statement_descriptor') ?? null,
    tax_code: data.text('tax_code') ?? null,
    unit_label: data.text('unit_label') ?? null,
  }
  work.put('product', product)
  work.emit('product.created', product)
  return product
}

export function blankProduct(id: string, now: number, name: string): Product {
  return {
    id,
    object: 'product',
    active: true,
    created: now,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: now,
    url: null,
  }
}

/** The product a parameter names, if it was not deleted. */
export async function liveProduct(reading: Reading, id: string, param: string): Promise<Product> {
  const product = await reading.named('product', id, param)
  if ('deleted' in product) throw noSuchObject('product', id, param)
  return product
}
