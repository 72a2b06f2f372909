import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { PromotionCode } from './objects/promotion-code.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { couponNamed, liveCoupon } from './coupons.ts'
import { currencyOf } from './currencies.ts'
import { liveCustomer } from './customer.ts'
import { equals, listPage } from './lists.ts'
import { pathParam } from './operation.ts'
import { activeCode, codeAsOf } from './promotion-code.ts'

const CODE = /^[A-Za-z0-9-]{1,500}$/

export const promotionCodeOperations: readonly Operation[] = [
  { route: 'POST /v1/promotion_codes', write: (work, params) => createCode(work, params) },
  {
    route: 'GET /v1/promotion_codes/{code}',
    async read(reading, _params, path) {
      const code = await reading.atPath('promotion_code', pathParam(path, 'code'), 'promotion_code')
      return current(reading, code)
    },
  },
  {
    route: 'POST /v1/promotion_codes/{code}',
    async write(work, params, path) {
      const before = await work.atPath('promotion_code', pathParam(path, 'code'), 'promotion_code')
      if (params.has('restrictions'))
        throw notInSandbox('`currency_options` of a promotion code', 'restrictions')
      const active = params.flag('active') ?? before.active
      if (active && !before.active) await refuseTwin(work, before.code)
      return work.update('promotion_code', 'promotion_code.updated', before, {
        ...before,
        active,
        metadata: params.metadata(before.metadata),
      })
    },
  },
  {
    route: 'GET /v1/promotion_codes',
    async read(reading, params) {
      const page = await listPage(reading, 'promotion_code', '/v1/promotion_codes', params, [
        equals('active'),
        equals('code'),
        equals('coupon', 'promotion', 'coupon'),
        equals('customer'),
      ])
      if (!('data' in page) || !Array.isArray(page.data)) return page
      const data: PromotionCode[] = []
      for (const code of page.data) data.push(await current(reading, code))
      return { ...page, data }
    },
  },
]

async function current(reading: Reading, code: PromotionCode): Promise<PromotionCode> {
  const found = await liveCoupon(reading, code.promotion.coupon)
  return codeAsOf(code, reading.now, found?.coupon)
}

async function createCode(work: Work, params: Params): Promise<PromotionCode> {
  const promotion = params.group('promotion')
  const { coupon } = await couponNamed(
    work,
    promotion?.needText('coupon') ?? '',
    'promotion[coupon]',
  )
  if (!coupon.valid)
    throw invalidRequest(`Coupon ${coupon.id} is no longer valid.`, { param: 'promotion[coupon]' })
  const given = params.text('code')
  if (given !== undefined && !CODE.test(given))
    throw invalidRequest('A code has letters without accents, digits and dashes only.', {
      param: 'code',
    })
  const code = given ?? work.id('coupon').slice('coupon_'.length).toUpperCase()
  await refuseTwin(work, code)
  const customer = params.text('customer')
  if (customer !== undefined) await liveCustomer(work, customer, 'customer')
  const expiresAt = params.integer('expires_at')
  if (expiresAt !== undefined && expiresAt <= work.now)
    throw invalidRequest('`expires_at` must be in the future.', { param: 'expires_at' })
  const most = params.integer('max_redemptions')
  if (most !== undefined && most < 1)
    throw invalidRequest('Invalid positive integer', {
      code: 'parameter_invalid_integer',
      param: 'max_redemptions',
    })
  const made = work.put('promotion_code', {
    id: work.id('promo'),
    object: 'promotion_code',
    active: params.flag('active') ?? true,
    code,
    created: work.now,
    customer: customer ?? null,
    customer_account: null,
    expires_at: expiresAt ?? null,
    livemode: false,
    max_redemptions: most ?? null,
    metadata: params.metadata(),
    promotion: { coupon: coupon.id, type: 'coupon' },
    restrictions: restrictionsOf(params.group('restrictions')),
    times_redeemed: 0,
  })
  work.emit('promotion_code.created', made)
  return made
}

function restrictionsOf(given: Params | undefined): PromotionCode['restrictions'] {
  if (given?.has('currency_options') === true)
    throw notInSandbox('`currency_options` of a promotion code', given.path('currency_options'))
  const least = given?.integer('minimum_amount')
  const currency = given?.text('minimum_amount_currency')
  if ((least === undefined) !== (currency === undefined))
    throw invalidRequest('`minimum_amount` and `minimum_amount_currency` go together.', {
      param: 'restrictions[minimum_amount]',
    })
  return {
    first_time_transaction: given?.flag('first_time_transaction') ?? false,
    minimum_amount: least ?? null,
    minimum_amount_currency:
      currency === undefined ? null : currencyOf(currency, 'restrictions[minimum_amount_currency]'),
  }
}

/** One active code of a spelling at a time, whatever the case. */
async function refuseTwin(work: Work, code: string): Promise<void> {
  const twin = await activeCode(work, code)
  if (twin === undefined || !codeAsOf(twin, work.now).active) return
  throw invalidRequest('An active promotion code with this code already exists.', {
    code: 'resource_already_exists',
    param: 'code',
  })
}
