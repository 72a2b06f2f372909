import type { Deleted } from './kinds.ts'
import type { Operation } from './operation.ts'
import type { Metadata, Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, noSuchObject, noSuchPathObject, notInSandbox } from '../api-error.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { createPrice, livePrice } from './prices.ts'
import { searchOperation } from './search.ts'

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

type PackageDimensions = { height: number; length: number; weight: number; width: number }

export const productOperations: readonly Operation[] = [
  { route: 'POST /v1/products', write: (work, params) => createProduct(work, params) },
  {
    route: 'GET /v1/products/{product}',
    read: (reading, _params, path) => liveProductAtPath(reading, pathParam(path, 'product')),
  },
  {
    route: 'POST /v1/products/{product}',
    async write(work, params, path) {
      const id = pathParam(path, 'product')
      const before = await liveProductAtPath(work, id)
      const changed = await changedProduct(work, before, params)
      const isSame = JSON.stringify(changed) === JSON.stringify(before)
      return work.update('product', 'product.updated', before, {
        ...changed,
        updated: isSame ? before.updated : work.now,
      })
    },
  },
  {
    route: 'DELETE /v1/products/{product}',
    write: (work, _params, path) => deleteProduct(work, pathParam(path, 'product')),
  },
  listOperation('/v1/products', 'product', [
    equals('active'),
    equals('shippable'),
    equals('type'),
    equals('url'),
    (params) => {
      const ids = params.texts('ids')
      return ids === undefined ? undefined : { path: ['id'], in: ids }
    },
  ]),
  searchOperation('/v1/products', 'product', {
    active: 'boolean',
    description: 'text',
    name: 'text',
    shippable: 'boolean',
    url: 'text',
  }),
]

async function createProduct(work: Work, params: Params): Promise<Product> {
  const chosen = params.text('id')
  if (chosen !== undefined && (await work.get('product', chosen)) !== undefined)
    throw invalidRequest('Product already exists.', {
      code: 'resource_already_exists',
      param: 'id',
    })
  const product = await changedProduct(
    work,
    blankProduct(chosen ?? work.id('prod'), work.now, params.needText('name')),
    params,
  )
  const priced = params.group('default_price_data')
  work.put('product', product)
  work.emit('product.created', product)
  if (priced === undefined) return product
  const price = await createPrice(work, priced, product.id)
  return work.put('product', { ...product, default_price: price.id })
}

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

function blankProduct(id: string, now: number, name: string): Product {
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

async function changedProduct(work: Work, before: Product, params: Params): Promise<Product> {
  if (params.has('tax_details')) throw notInSandbox('`tax_details` of a product', 'tax_details')
  const images = params.texts('images')
  if (images !== undefined && images.length > 8)
    throw invalidRequest('A product has at most 8 images.', { param: 'images' })
  return {
    ...before,
    active: params.flag('active') ?? before.active,
    default_price: await defaultPrice(work, before, params),
    description: orKeep(params.settable('description'), before.description),
    images: images ?? before.images,
    marketing_features:
      params.groups('marketing_features')?.map((feature) => ({ name: feature.needText('name') })) ??
      (params.isCleared('marketing_features') ? [] : before.marketing_features),
    metadata: params.metadata(before.metadata),
    name: params.text('name') ?? before.name,
    package_dimensions: params.isCleared('package_dimensions')
      ? null
      : (dimensions(params.group('package_dimensions')) ?? before.package_dimensions),
    shippable: params.flag('shippable') ?? before.shippable,
    statement_descriptor: orKeep(
      params.settable('statement_descriptor'),
      before.statement_descriptor,
    ),
    tax_code: orKeep(params.settable('tax_code'), before.tax_code),
    type: params.choice('type', ['good', 'service'] as const) ?? before.type,
    unit_label: orKeep(params.settable('unit_label'), before.unit_label),
    url: orKeep(params.settable('url'), before.url),
  }
}

async function defaultPrice(work: Work, before: Product, params: Params): Promise<string | null> {
  const given = params.text('default_price')
  if (given === undefined) return before.default_price
  const price = await livePrice(work, given, 'default_price')
  if (price.product !== before.id)
    throw invalidRequest(
      `The price specified belongs to product ${price.product}, not to ${before.id}.`,
      { param: 'default_price' },
    )
  if (!price.active)
    throw invalidRequest('The default price of a product must be active.', {
      param: 'default_price',
    })
  return price.id
}

function dimensions(given: Params | undefined): PackageDimensions | undefined {
  if (given === undefined) return undefined
  const part = (name: string): number => Number(given.raw(name) ?? 0)
  return {
    height: part('height'),
    length: part('length'),
    weight: part('weight'),
    width: part('width'),
  }
}

async function deleteProduct(work: Work, id: string): Promise<Deleted<'product'>> {
  const product = await liveProductAtPath(work, id)
  const prices = await work.list('price', {
    limit: 1,
    conditions: [{ path: ['product'], is: id }],
  })
  if (prices.data.length > 0)
    throw invalidRequest(
      'This product cannot be deleted because it has one or more user-created prices.',
      { param: 'id' },
    )
  const gone: Deleted<'product'> = { id, object: 'product', deleted: true }
  work.put('product', gone, { listed: false })
  work.emit('product.deleted', product)
  return gone
}

/** The product of a path; a deleted one is gone, unlike a deleted customer. */
async function liveProductAtPath(reading: Reading, id: string): Promise<Product> {
  const product = await reading.atPath('product', id, 'id')
  if ('deleted' in product) throw noSuchPathObject('product', id, 'id')
  return product
}

/** The product a parameter names, if it was not deleted. */
export async function liveProduct(reading: Reading, id: string, param: string): Promise<Product> {
  const product = await reading.named('product', id, param)
  if ('deleted' in product) throw noSuchObject('product', id, param)
  return product
}
