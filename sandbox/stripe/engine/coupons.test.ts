import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const now = async (): Promise<number> => (await shop.control.clock()).now

describe('a coupon', () => {
  it('takes off a share, once, for a name, with an id that is made for it', async () => {
    const coupon = await shop.stripe.coupons.create({
      percent_off: 12.5,
      name: 'Spring',
      metadata: { campaign: '7' },
    })
    expect(coupon).toMatchObject({
      object: 'coupon',
      amount_off: null,
      currency: null,
      duration: 'once',
      duration_in_months: null,
      livemode: false,
      max_redemptions: null,
      metadata: { campaign: '7' },
      name: 'Spring',
      percent_off: 12.5,
      redeem_by: null,
      times_redeemed: 0,
      valid: true,
    })
    expect(coupon.id).toMatch(/^\w{8}$/)
    expect(coupon).not.toHaveProperty('applies_to')
    expect(await shop.stripe.coupons.retrieve(coupon.id)).toEqual(
      expect.objectContaining({ id: coupon.id, percent_off: 12.5 }),
    )
    expect(await shop.eventTypes(coupon.id)).toEqual(['coupon.created'])
  })

  it('takes off an amount, in other currencies other amounts, from some products', async () => {
    const product = await shop.stripe.products.create({ name: 'Atlas' })
    const coupon = await shop.stripe.coupons.create({
      id: 'FIVE-OFF',
      amount_off: 500,
      currency: 'EUR',
      currency_options: { usd: { amount_off: 550 } },
      applies_to: { products: [product.id] },
      duration: 'repeating',
      duration_in_months: 3,
      max_redemptions: 10,
      redeem_by: (await now()) + 86_400,
      expand: ['applies_to', 'currency_options'],
    })
    expect(coupon).toMatchObject({
      id: 'FIVE-OFF',
      amount_off: 500,
      currency: 'eur',
      duration: 'repeating',
      duration_in_months: 3,
      applies_to: { products: [product.id] },
      currency_options: { eur: { amount_off: 500 }, usd: { amount_off: 550 } },
    })
    const changed = await shop.stripe.coupons.update('FIVE-OFF', {
      name: 'Five off',
      currency_options: { gbp: { amount_off: 450 } },
      expand: ['currency_options'],
    })
    expect(changed).toMatchObject({
      name: 'Five off',
      currency_options: { eur: { amount_off: 500 }, gbp: { amount_off: 450 } },
    })
    const [event] = (await shop.stripe.events.list({ type: 'coupon.updated' })).data
    expect(event?.data.previous_attributes).toEqual({ name: null })
    expect(
      (await refusal(shop.stripe.coupons.create({ id: 'FIVE-OFF', percent_off: 5 }))).code,
    ).toBe('resource_already_exists')
  })

  it('is gone when it was deleted, and its id is free again', async () => {
    const coupon = await shop.stripe.coupons.create({ id: 'GONE', percent_off: 5 })
    expect(await shop.stripe.coupons.del(coupon.id)).toMatchObject({ id: 'GONE', deleted: true })
    expect(await refusal(shop.stripe.coupons.retrieve('GONE'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    })
    expect((await refusal(shop.stripe.coupons.del('GONE'))).statusCode).toBe(404)
    const listed = await shop.stripe.coupons.list({ limit: 100 })
    expect(listed.data.map((one) => one.id)).not.toContain('GONE')
    expect(await shop.eventTypes('GONE')).toEqual(['coupon.created', 'coupon.deleted'])
    await shop.stripe.coupons.create({ id: 'GONE', percent_off: 50 })
    expect(await shop.stripe.coupons.retrieve('GONE')).toMatchObject({ percent_off: 50 })
  })

  it.each([
    ['of nothing', {}, 'percent_off'],
    ['of a share and an amount', { percent_off: 5, amount_off: 5, currency: 'eur' }, 'amount_off'],
    ['of more than everything', { percent_off: 100.5 }, 'percent_off'],
    ['of no share', { percent_off: 0 }, 'percent_off'],
    ['of an amount without a currency', { amount_off: 5 }, 'currency'],
    ['of an amount in no currency', { amount_off: 5, currency: 'xxx' }, 'currency'],
    ['of less than nothing', { amount_off: -5, currency: 'eur' }, 'amount_off'],
    ['of months without an end', { percent_off: 5, duration: 'repeating' }, 'duration_in_months'],
    ['of months for once', { percent_off: 5, duration_in_months: 2 }, 'duration_in_months'],
    ['for nobody', { percent_off: 5, max_redemptions: 0 }, 'max_redemptions'],
    ['of the past', { percent_off: 5, redeem_by: 1_000 }, 'redeem_by'],
    ['of a far future', { percent_off: 5, redeem_by: 99_999_999_999 }, 'redeem_by'],
    ['with a long name', { percent_off: 5, name: 'n'.repeat(41) }, 'name'],
    [
      'for products there are not',
      { percent_off: 5, applies_to: { products: ['prod_none'] } },
      'applies_to[products][0]',
    ],
    [
      'of a share by currency',
      { percent_off: 5, currency_options: { eur: { amount_off: 1 } } },
      'currency_options',
    ],
  ])('%s is refused', async (_name, params, param) => {
    const error = await refusal(shop.stripe.coupons.create(params))
    expect(error).toMatchObject({ statusCode: 400, param })
  })
})

const line = (
  unit_amount: number,
  more: object = {},
): Stripe.Checkout.SessionCreateParams.LineItem => ({
  price_data: { currency: 'eur', unit_amount, product_data: { name: 'Print' } },
  quantity: 1,
  ...more,
})

describe('a checkout with a coupon', () => {
  it('tells subtotal, discount and total, over the lines and by expansion', async () => {
    const coupon = await shop.stripe.coupons.create({ amount_off: 1_000, currency: 'eur' })
    const session = await shop.checkout({
      line_items: [line(1_000), line(500, { quantity: 2 }), line(1_000)],
      discounts: [{ coupon: coupon.id }],
      expand: ['line_items.data.discounts', 'total_details.breakdown'],
    })
    expect(session).toMatchObject({
      amount_subtotal: 3_000,
      amount_total: 2_000,
      discounts: [{ coupon: coupon.id, promotion_code: null }],
      payment_status: 'unpaid',
      total_details: {
        amount_discount: 1_000,
        breakdown: {
          discounts: [
            {
              amount: 1_000,
              discount: {
                object: 'discount',
                checkout_session: session.id,
                source: { type: 'coupon', coupon: coupon.id },
              },
            },
          ],
        },
      },
    })
    const lines = session.line_items?.data ?? []
    expect(lines.map((one) => one.amount_discount)).toEqual([334, 333, 333])
    expect(lines.map((one) => one.amount_total)).toEqual([666, 667, 667])
    expect(lines.map((one) => one.discounts?.[0]?.amount)).toEqual([334, 333, 333])
    const plain = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['discounts.coupon'],
    })
    expect(plain.total_details).not.toHaveProperty('breakdown')
    expect(plain.discounts).toMatchObject([{ coupon: { id: coupon.id, times_redeemed: 0 } }])
    const listed = await shop.stripe.checkout.sessions.listLineItems(session.id, {
      expand: ['data.discounts'],
    })
    expect(listed.data[0]?.discounts).toMatchObject([{ amount: 334 }])

    const paid = await shop.control.pay({ session: session.id })
    expect(paid.payment_status).toBe('paid')
    const intent = await shop.stripe.paymentIntents.retrieve(paid.payment_intent ?? '')
    expect(intent.amount_received).toBe(2_000)
    expect((await shop.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1)
    expect(await shop.eventTypes(coupon.id)).not.toContain('coupon.updated')
  })

  it('that takes off everything needs no card', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 100 })
    const session = await shop.checkout({ discounts: [{ coupon: coupon.id }] })
    expect(session).toMatchObject({ amount_total: 0, payment_status: 'no_payment_required' })
    const done = await shop.control.pay({ session: session.id })
    expect(done).toMatchObject({
      outcome: 'complete',
      payment_status: 'no_payment_required',
      payment_intent: null,
    })
    expect((await shop.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1)
    expect(await shop.eventTypes(session.id)).toEqual(['checkout.session.completed'])
  })

  it('makes only its products cheaper', async () => {
    const [atlas, map] = [
      await shop.stripe.products.create({ name: 'Atlas' }),
      await shop.stripe.products.create({ name: 'Map' }),
    ]
    const coupon = await shop.stripe.coupons.create({
      percent_off: 50,
      applies_to: { products: [atlas.id] },
    })
    const of = (product: string): Stripe.Checkout.SessionCreateParams.LineItem => ({
      price_data: { currency: 'eur', unit_amount: 1_000, product },
      quantity: 1,
    })
    const session = await shop.checkout({
      line_items: [of(map.id), of(atlas.id)],
      discounts: [{ coupon: coupon.id }],
      expand: ['line_items'],
    })
    expect(session.line_items?.data.map((one) => one.amount_total)).toEqual([1_000, 500])
    expect(
      await refusal(
        shop.checkout({ line_items: [of(map.id)], discounts: [{ coupon: coupon.id }] }),
      ),
    ).toMatchObject({ statusCode: 400, param: 'discounts[0][coupon]' })
  })

  it('counts at completion: the last redemption is the last session that can be completed', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 10, max_redemptions: 1 })
    const discounts = [{ coupon: coupon.id }]
    const [first, second, third] = [
      await shop.checkout({ discounts }),
      await shop.checkout({ discounts }),
      await shop.checkout({ discounts }),
    ]
    const asked = await shop.control.pay({ session: third.id, card: '4000002760003184' })
    expect(asked.outcome).toBe('authenticate')
    expect((await shop.control.pay({ session: first.id })).outcome).toBe('complete')
    expect(await shop.stripe.coupons.retrieve(coupon.id)).toMatchObject({
      times_redeemed: 1,
      valid: false,
    })
    expect(await shop.control.pay({ session: second.id })).toMatchObject({
      outcome: 'declined',
      status: 'open',
      payment_intent: null,
      code: 'coupon_expired',
      message: `Coupon ${coupon.id} is used up and cannot be applied.`,
    })
    // The bank's question was open when the coupon was used up: answering it charges nothing.
    const question = new URL(asked.url ?? '')
    const client_secret = question.searchParams.get('client_secret') ?? ''
    const answered = await fetch(question, {
      method: 'POST',
      body: new URLSearchParams({ client_secret, answer: 'complete' }),
      redirect: 'manual',
    })
    expect(answered.headers.get('location')).toContain(`/c/pay/${third.id}?declined=1`)
    const after = await shop.stripe.checkout.sessions.retrieve(third.id)
    expect(after).toMatchObject({ status: 'open', payment_status: 'unpaid' })
    expect(
      (await shop.stripe.charges.list({ payment_intent: asked.payment_intent ?? '' })).data,
    ).toEqual([])
    expect(await refusal(shop.checkout({ discounts }))).toMatchObject({
      statusCode: 400,
      code: 'coupon_expired',
      param: 'discounts[0][coupon]',
    })
    expect((await shop.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1)
  })

  it('ends with its coupon', async () => {
    const stripe = shop.client()
    const coupon = await stripe.coupons.create({
      percent_off: 10,
      redeem_by: (await now()) + 3_600,
    })
    const session = await shop.checkout({ discounts: [{ coupon: coupon.id }] })
    const deleted = await stripe.coupons.create({ percent_off: 10 })
    const other = await shop.checkout({ discounts: [{ coupon: deleted.id }] })
    await stripe.coupons.del(deleted.id)
    expect((await shop.control.pay({ session: other.id })).outcome).toBe('declined')
    await shop.control.advance('2h')
    expect((await stripe.coupons.retrieve(coupon.id)).valid).toBe(false)
    expect((await stripe.coupons.list()).data.find((one) => one.id === coupon.id)?.valid).toBe(
      false,
    )
    expect(await shop.control.pay({ session: session.id })).toMatchObject({
      outcome: 'declined',
      message: `Coupon expired: ${coupon.id}`,
    })
    // Stripe keeps what the session was made with.
    expect(
      await stripe.checkout.sessions.retrieve(other.id, { expand: ['discounts.coupon'] }),
    ).toMatchObject({ discounts: [{ coupon: { id: deleted.id, valid: false } }] })
  })

  it.each([
    ['that is not there', { discounts: [{ coupon: 'NONE' }] }, 'discounts[0][coupon]'],
    ['by a code', { discounts: [{ promotion_code: 'p' }] }, 'discounts[0][promotion_code]'],
    ['twice', { discounts: [{ coupon: 'DOLLARS' }, { coupon: 'DOLLARS' }] }, 'discounts'],
    ['in another currency', { discounts: [{ coupon: 'DOLLARS' }] }, 'discounts[0][coupon]'],
    [
      'and a field for codes',
      { discounts: [{ coupon: 'DOLLARS' }], allow_promotion_codes: true },
      'allow_promotion_codes',
    ],
    ['that leaves too little to be charged', { discounts: [{ coupon: 'ALMOST' }] }, 'line_items'],
  ])('%s is refused', async (_name, params, param) => {
    const stripe = shop.stripe
    if ((await stripe.coupons.list({ limit: 100 })).data.every((one) => one.id !== 'DOLLARS')) {
      await stripe.coupons.create({ id: 'DOLLARS', amount_off: 500, currency: 'usd' })
      await stripe.coupons.create({ id: 'ALMOST', amount_off: 2_380, currency: 'eur' })
    }
    const error = await refusal(shop.checkout(params))
    expect(error).toMatchObject({ statusCode: 400, param })
  })

  it('is recovered with it', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 25 })
    const session = await shop.checkout({
      discounts: [{ coupon: coupon.id }],
      after_expiration: { recovery: { enabled: true } },
    })
    const expired = await shop.stripe.checkout.sessions.expire(session.id)
    const way = await fetch(expired.after_expiration?.recovery?.url ?? '', { redirect: 'manual' })
    const recovered = way.headers.get('location')?.split('/').at(-1) ?? ''
    expect(await shop.stripe.checkout.sessions.retrieve(recovered)).toMatchObject({
      amount_total: 1_800,
      discounts: [{ coupon: coupon.id }],
    })
    await shop.control.pay({ session: recovered })
    expect((await shop.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1)
  })
})
