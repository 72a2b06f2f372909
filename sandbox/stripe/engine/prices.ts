import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { Price } from './objects/price.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { TAX_BEHAVIORS, claimedLookupKey, createPrice } from './price.ts'
import { liveProduct, productFromData } from './product.ts'
import { searchOperation } from './search.ts'

export const priceOperations: readonly Operation[] = [
  {
    route: 'POST /v1/prices',
    async write(work, params) {
      return createPrice(work, params, await productOf(work, params))
    },
  },
  {
    route: 'GET /v1/prices/{price}',
    read: (reading, _params, path) => reading.atPath('price', pathParam(path, 'price'), 'price'),
  },
  {
    route: 'POST /v1/prices/{price}',
    write: (work, params, path) => updatePrice(work, params, pathParam(path, 'price')),
  },
  listOperation('/v1/prices', 'price', [
    equals('active'),
    (params) => {
      const currency = params.text('currency')
      return currency === undefined ? undefined : { path: ['currency'], is: currency.toLowerCase() }
    },
    equals('product'),
    equals('type'),
    (params) => {
      const keys = params.texts('lookup_keys')
      return keys === undefined ? undefined : { path: ['lookup_key'], in: keys }
    },
    (params) => {
      const interval = params.group('recurring')?.text('interval')
      return interval === undefined ? undefined : { path: ['recurring', 'interval'], is: interval }
    },
  ]),
  searchOperation('/v1/prices', 'price', {
    active: 'boolean',
    currency: 'exact',
    lookup_key: 'exact',
    product: 'exact',
    type: 'exact',
  }),
]

async function productOf(work: Work, params: Params): Promise<string> {
  const id = params.text('product')
  const data = params.group('product_data')
  if (id !== undefined && data !== undefined)
    throw invalidRequest('You may only specify one of these parameters: product, product_data.', {
      param: 'product',
    })
  if (id !== undefined) return (await liveProduct(work, id, 'product')).id
  if (data !== undefined) return productFromData(work, data, data.flag('active') ?? true).id
  throw invalidRequest('You must specify one of product or product_data.', {
    code: 'parameter_missing',
    param: 'product',
  })
}

async function updatePrice(work: Work, params: Params, id: string): Promise<Price> {
  const before = await work.atPath('price', id, 'price')
  if (params.has('currency_options'))
    throw notInSandbox('`currency_options` of a price', 'currency_options')
  const active = params.flag('active') ?? before.active
  if (before.active && !active) {
    const product = await work.get('product', before.product)
    if (product !== undefined && !('deleted' in product) && product.default_price === before.id)
      throw invalidRequest(
        'This price cannot be archived because it is the default price of its product.',
        { param: 'active' },
      )
  }
  const behavior = params.choice('tax_behavior', TAX_BEHAVIORS)
  if (
    behavior !== undefined &&
    before.tax_behavior !== 'unspecified' &&
    behavior !== before.tax_behavior
  )
    throw invalidRequest('You cannot change the tax behavior of a price once it is specified.', {
      param: 'tax_behavior',
    })
  return work.update('price', 'price.updated', before, {
    ...before,
    active,
    lookup_key: params.isCleared('lookup_key')
      ? null
      : ((await claimedLookupKey(work, params, before.id)) ?? before.lookup_key),
    metadata: params.metadata(before.metadata),
    nickname: orKeep(params.settable('nickname'), before.nickname),
    tax_behavior: behavior ?? before.tax_behavior,
  })
}
