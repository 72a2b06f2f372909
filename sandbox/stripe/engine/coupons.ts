import type { Coupon, CouponRecord } from './objects/coupon.ts'
import type { Deleted } from './objects/deleted.ts'
import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, noSuchObject, noSuchPathObject } from '../api-error.ts'
import { currencyOf } from './currencies.ts'
import { listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import { orKeep } from './params.ts'
import { liveProduct } from './product.ts'

/** docs.stripe.com/api/coupons/create */
const LONGEST_NAME = 40

const LATEST_REDEEM_BY_SECONDS = 5 * 366 * 86_400

const LONGEST_ID = 200

export const couponOperations: readonly Operation[] = [
  { route: 'POST /v1/coupons', write: (work, params) => createCoupon(work, params) },
  {
    route: 'GET /v1/coupons/{coupon}',
    read: (reading, _params, path) => couponAtPath(reading, pathParam(path, 'coupon')),
  },
  {
    route: 'POST /v1/coupons/{coupon}',
    write: (work, params, path) => updateCoupon(work, params, pathParam(path, 'coupon')),
  },
  {
    route: 'DELETE /v1/coupons/{coupon}',
    write: (work, _params, path) => deleteCoupon(work, pathParam(path, 'coupon')),
  },
  listOperation('/v1/coupons', 'coupon', [], couponAsOf),
]

/** A coupon as it stands at an instant (unix seconds): the day it ends, it ends by itself. */
export function couponAsOf(coupon: Coupon, now: number): Coupon {
  return { ...coupon, valid: coupon.valid && (coupon.redeem_by === null || coupon.redeem_by > now) }
}

/** The coupon a parameter names, and its record; ApiError 400 when there is none (any more). */
export async function couponNamed(
  reading: Reading,
  id: string,
  param: string,
): Promise<{ coupon: Coupon; record: CouponRecord }> {
  const found = await liveCoupon(reading, id)
  if (found === undefined) throw noSuchObject('coupon', id, param)
  return found
}

/** A coupon that was not deleted, as it stands now. */
export async function liveCoupon(
  reading: Reading,
  id: string,
): Promise<{ coupon: Coupon; record: CouponRecord } | undefined> {
  const coupon = await reading.get('coupon', id)
  const record = await reading.get('_coupon', id)
  if (coupon === undefined || record === undefined || record.isDeleted) return undefined
  return { coupon: couponAsOf(coupon, reading.now), record }
}

/**
 * Counts a redemption. Stripe has no event for it: `coupon.updated` tells of what the seller changes.
 */
export function countRedemption(work: Work, coupon: Coupon): void {
  const times = coupon.times_redeemed + 1
  work.put('coupon', {
    ...coupon,
    times_redeemed: times,
    valid: coupon.valid && (coupon.max_redemptions === null || times < coupon.max_redemptions),
  })
}

async function couponAtPath(reading: Reading, id: string): Promise<Coupon> {
  const found = await liveCoupon(reading, id)
  if (found === undefined) throw noSuchPathObject('coupon', id, 'coupon')
  return found.coupon
}

async function createCoupon(work: Work, params: Params): Promise<Coupon> {
  const chosen = params.text('id', LONGEST_ID)
  if (chosen !== undefined && (await liveCoupon(work, chosen)) !== undefined)
    throw invalidRequest('Coupon already exists.', {
      code: 'resource_already_exists',
      param: 'id',
    })
  const off = whatIsOff(params)
  const coupon: Coupon = {
    id: chosen ?? generatedId(work),
    object: 'coupon',
    amount_off: off.amount,
    created: work.now,
    currency: off.currency,
    ...durationOf(params),
    livemode: false,
    max_redemptions: positive(params, 'max_redemptions') ?? null,
    metadata: params.metadata(),
    name: params.text('name', LONGEST_NAME) ?? null,
    percent_off: off.percent,
    redeem_by: redeemBy(work, params),
    times_redeemed: 0,
    valid: true,
  }
  work.put('_coupon', {
    id: coupon.id,
    object: '_coupon',
    created: work.now,
    products: await productsOf(work, params),
    amountsOff: off.byCurrency,
    isDeleted: false,
  })
  work.put('coupon', coupon)
  work.emit('coupon.created', coupon)
  return coupon
}

/** Eight characters and no prefix: customers may have to type it. */
function generatedId(work: Work): string {
  return work.id('coupon').slice('coupon_'.length)
}

function whatIsOff(params: Params): {
  percent: number | null
  amount: number | null
  currency: string | null
  byCurrency: CouponRecord['amountsOff']
} {
  const percent = params.raw('percent_off')
  const amount = positive(params, 'amount_off')
  if (percent !== undefined && amount !== undefined)
    throw invalidRequest('You may only specify one of these parameters: amount_off, percent_off.', {
      param: 'amount_off',
    })
  if (typeof percent === 'number') {
    if (!(percent > 0 && percent <= 100))
      throw invalidRequest('`percent_off` must be greater than 0 and at most 100.', {
        param: 'percent_off',
      })
    if (params.has('currency_options'))
      throw invalidRequest('`currency_options` can only be used with `amount_off`.', {
        param: 'currency_options',
      })
    return { percent, amount: null, currency: null, byCurrency: {} }
  }
  if (amount === undefined)
    throw invalidRequest('You must specify one of percent_off or amount_off.', {
      code: 'parameter_missing',
      param: 'percent_off',
    })
  const currency = currencyOf(params.needText('currency'), 'currency')
  const byCurrency = { ...amountsIn(params), [currency]: amount }
  return { percent: null, amount, currency, byCurrency }
}

/** `currency_options`: minor units off by currency. */
function amountsIn(params: Params): Readonly<Record<string, number>> {
  const options = params.group('currency_options')
  const amounts: Record<string, number> = {}
  for (const name of options?.names ?? []) {
    const option = options?.group(name)
    if (option === undefined || options === undefined) continue
    amounts[currencyOf(name, options.path(name))] = positive(option, 'amount_off') ?? 0
  }
  return amounts
}

function durationOf(params: Params): Pick<Coupon, 'duration' | 'duration_in_months'> {
  const duration = params.choice('duration', ['forever', 'once', 'repeating'] as const) ?? 'once'
  const months = positive(params, 'duration_in_months')
  if (duration === 'repeating' && months === undefined)
    throw invalidRequest('Missing required param: duration_in_months.', {
      code: 'parameter_missing',
      param: 'duration_in_months',
    })
  if (duration !== 'repeating' && months !== undefined)
    throw invalidRequest('`duration_in_months` can only be used with `duration=repeating`.', {
      param: 'duration_in_months',
    })
  return { duration, duration_in_months: months ?? null }
}

function redeemBy(work: Work, params: Params): number | null {
  const until = params.integer('redeem_by')
  if (until === undefined) return null
  if (until <= work.now || until > work.now + LATEST_REDEEM_BY_SECONDS)
    throw invalidRequest('`redeem_by` must be in the future, at most five years from now.', {
      param: 'redeem_by',
    })
  return until
}

async function productsOf(work: Work, params: Params): Promise<readonly string[] | null> {
  const only = params.group('applies_to')
  const ids = only?.texts('products')
  if (only === undefined || ids === undefined) return null
  for (const [at, id] of ids.entries())
    await liveProduct(work, id, `${only.path('products')}[${at}]`)
  return ids
}

function positive(params: Params, name: string): number | undefined {
  const value = params.integer(name)
  if (value !== undefined && value < 1)
    throw invalidRequest('Invalid positive integer', {
      code: 'parameter_invalid_integer',
      param: params.path(name),
    })
  return value
}

async function updateCoupon(work: Work, params: Params, id: string): Promise<Coupon> {
  const before = await couponAtPath(work, id)
  const amounts = amountsIn(params)
  if (Object.keys(amounts).length > 0) {
    if (before.amount_off === null)
      throw invalidRequest('`currency_options` can only be used with `amount_off`.', {
        param: 'currency_options',
      })
    const record = await work.named('_coupon', id, 'coupon')
    work.put('_coupon', {
      ...record,
      amountsOff: { ...record.amountsOff, ...amounts, ...ownAmount(before) },
    })
  }
  return work.update('coupon', 'coupon.updated', before, {
    ...before,
    metadata: params.metadata(before.metadata),
    name: orKeep(params.settable('name', LONGEST_NAME), before.name),
  })
}

/** What a coupon takes off in its own currency never changes. */
function ownAmount(coupon: Coupon): Readonly<Record<string, number>> {
  return coupon.currency === null || coupon.amount_off === null
    ? {}
    : { [coupon.currency]: coupon.amount_off }
}

/** Who already has it keeps it readable: sessions still name it, lists do not. */
async function deleteCoupon(work: Work, id: string): Promise<Deleted<'coupon'>> {
  const coupon = await couponAtPath(work, id)
  const record = await work.named('_coupon', id, 'coupon')
  work.put('_coupon', { ...record, isDeleted: true })
  work.put('coupon', { ...coupon, valid: false }, { listed: false })
  work.emit('coupon.deleted', coupon)
  return { id, object: 'coupon', deleted: true }
}
