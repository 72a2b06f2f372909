import type { Operation } from './operation.ts'
import type { Metadata, Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { currencyOf } from './currencies.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { liveProduct, productFromData } from './products.ts'
import { searchOperation } from './search.ts'

export type Interval = 'day' | 'week' | 'month' | 'year'

export type Recurring = {
  interval: Interval
  interval_count: number
  meter: null
  trial_period_days: number | null
  usage_type: 'licensed'
}

export type Price = {
  id: string
  object: 'price'
  active: boolean
  billing_scheme: 'per_unit'
  created: number
  currency: string
  custom_unit_amount: null
  livemode: false
  lookup_key: string | null
  metadata: Metadata
  nickname: string | null
  product: string
  recurring: Recurring | null
  tax_behavior: TaxBehavior
  tiers_mode: null
  transform_quantity: null
  type: 'one_time' | 'recurring'
  unit_amount: number | null
  unit_amount_decimal: string
}

type TaxBehavior = 'exclusive' | 'inclusive' | 'unspecified'

const TAX_BEHAVIORS = ['exclusive', 'inclusive', 'unspecified'] as const

/** The longest period of a recurring price: three years (docs.stripe.com/api/prices/create). */
const MAX_INTERVALS: Readonly<Record<Interval, number>> = {
  day: 1095,
  week: 156,
  month: 36,
  year: 3,
}

const NOT_SERVED = ['custom_unit_amount', 'tiers', 'tiers_mode', 'transform_quantity']

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

/** Makes a price of a product from the parameters of `POST /v1/prices` or an inline price. */
export async function createPrice(work: Work, params: Params, product: string): Promise<Price> {
  const price = await priceFrom(work, params, product)
  work.put('price', price)
  work.emit('price.created', price)
  return price
}

/** An inline `price_data` of a checkout line: kept, but neither active nor announced. */
export async function inlinePrice(work: Work, params: Params): Promise<Price> {
  const product = params.text('product')
  const data = params.group('product_data')
  if ((product === undefined) === (data === undefined))
    throw invalidRequest(
      'Specify exactly one of price_data[product] and price_data[product_data].',
      {
        param: params.path('product'),
      },
    )
  const owner =
    product === undefined
      ? productFromData(work, data ?? params, false).id
      : (await liveProduct(work, product, params.path('product'))).id
  return work.put('price', { ...(await priceFrom(work, params, owner)), active: false })
}

async function priceFrom(work: Work, params: Params, product: string): Promise<Price> {
  const refused = NOT_SERVED.find((name) => params.has(name))
  if (refused !== undefined || params.text('billing_scheme') === 'tiered')
    throw notInSandbox(
      `\`${refused ?? 'billing_scheme'}\` of a price`,
      params.path(refused ?? 'billing_scheme'),
    )
  const amount = amountOf(params)
  const recurring = recurringOf(params.group('recurring'))
  return {
    id: work.id('price'),
    object: 'price',
    active: params.flag('active') ?? true,
    billing_scheme: 'per_unit',
    created: work.now,
    currency: currencyOf(params.needText('currency'), params.path('currency')),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: await claimedLookupKey(work, params),
    metadata: params.metadata(),
    nickname: params.text('nickname') ?? null,
    product,
    recurring,
    tax_behavior: params.choice('tax_behavior', TAX_BEHAVIORS) ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: recurring === null ? 'one_time' : 'recurring',
    ...amount,
  }
}

function amountOf(params: Params): Pick<Price, 'unit_amount' | 'unit_amount_decimal'> {
  const whole = params.integer('unit_amount')
  const decimal = params.raw('unit_amount_decimal')
  if ((whole === undefined) === (decimal === undefined))
    throw invalidRequest(
      whole === undefined
        ? 'You must specify either unit_amount or unit_amount_decimal.'
        : 'You may only specify one of these parameters: unit_amount, unit_amount_decimal.',
      {
        code: whole === undefined ? 'parameter_missing' : undefined,
        param: params.path('unit_amount'),
      },
    )
  if (whole !== undefined) {
    if (whole < 0)
      throw invalidRequest('Invalid non-negative integer', {
        code: 'parameter_invalid_integer',
        param: params.path('unit_amount'),
      })
    return { unit_amount: whole, unit_amount_decimal: `${whole}` }
  }
  const text = `${typeof decimal === 'number' ? decimal : params.text('unit_amount_decimal')}`
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(text))
    throw invalidRequest('unit_amount_decimal has at most 12 decimal places and is not negative.', {
      param: params.path('unit_amount_decimal'),
    })
  const isWhole = /^\d+(\.0+)?$/.test(text)
  return { unit_amount: isWhole ? Number(text) : null, unit_amount_decimal: text }
}

function recurringOf(given: Params | undefined): Recurring | null {
  if (given === undefined) return null
  if (given.text('usage_type') === 'metered' || given.has('meter'))
    throw notInSandbox('Metered billing', given.path('usage_type'))
  const interval = given.choice('interval', ['day', 'week', 'month', 'year'] as const)
  if (interval === undefined) {
    given.needText('interval')
    throw new Error('A missing interval was accepted')
  }
  const count = given.integer('interval_count') ?? 1
  if (count < 1 || count > MAX_INTERVALS[interval])
    throw invalidRequest(
      `The maximum interval is three years (${MAX_INTERVALS[interval]} ${interval}s), the least is 1.`,
      { param: given.path('interval_count') },
    )
  return {
    interval,
    interval_count: count,
    meter: null,
    trial_period_days: given.integer('trial_period_days') ?? null,
    usage_type: 'licensed',
  }
}

/** A lookup key belongs to one active price; `transfer_lookup_key` takes it from its owner. */
async function claimedLookupKey(work: Work, params: Params, self?: string): Promise<string | null> {
  const key = params.text('lookup_key')
  if (key === undefined) return null
  const owners = await work.list('price', {
    limit: 2,
    conditions: [{ path: ['lookup_key'], is: key }],
  })
  for (const owner of owners.data) {
    if (owner.id === self) continue
    if (params.flag('transfer_lookup_key') !== true)
      throw invalidRequest(`A price (\`${owner.id}\`) already uses that lookup key.`, {
        code: 'resource_already_exists',
        param: params.path('lookup_key'),
      })
    work.update('price', 'price.updated', owner, { ...owner, lookup_key: null })
  }
  return key
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

export async function livePrice(reading: Reading, id: string, param: string): Promise<Price> {
  return reading.named('price', id, param)
}
