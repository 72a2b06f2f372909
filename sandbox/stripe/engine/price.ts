import type { Interval, Price, Recurring } from './objects/price.ts'
import type { Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { currencyOf } from './currencies.ts'
import { liveProduct, productFromData } from './product.ts'

export const TAX_BEHAVIORS = ['exclusive', 'inclusive', 'unspecified'] as const

/** The longest period of a recurring price: three years (docs.stripe.com/api/prices/create). */
const MAX_INTERVALS: Readonly<Record<Interval, number>> = {
  day: 1095,
  week: 156,
  month: 36,
  year: 3,
}

const NOT_SERVED = ['custom_unit_amount', 'tiers', 'tiers_mode', 'transform_quantity']

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
export async function claimedLookupKey(
  work: Work,
  params: Params,
  self?: string,
): Promise<string | null> {
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

export async function livePrice(reading: Reading, id: string, param: string): Promise<Price> {
  return reading.named('price', id, param)
}
