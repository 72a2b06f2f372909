import type { Deleted } from './objects/deleted.ts'
import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { PackageDimensions, Product } from './objects/product.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, noSuchPathObject, notInSandbox } from '../api-error.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { createPrice, livePrice } from './price.ts'
import { blankProduct } from './product.ts'
import { searchOperation } from './search.ts'

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
