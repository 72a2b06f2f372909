import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf, openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

describe('a product', () => {
  it('is made with its default price, changed, and told of', async () => {
    const product = await shop.stripe.products.create({
      name: 'Workbook',
      description: 'Forty pages',
      default_price_data: { currency: 'EUR', unit_amount: 2400 },
    })
    expect(product.default_price).toMatch(/^price_/)
    const changed = await shop.stripe.products.update(product.id, { name: 'Workbook II' })
    expect(changed.name).toBe('Workbook II')
    expect(await shop.eventTypes(product.id)).toEqual([
      'product.created',
      'price.created',
      'product.updated',
    ])
  })

  it('may have an id of its maker, once', async () => {
    await shop.stripe.products.create({ id: 'workbook', name: 'Workbook' })
    expect(
      await refusal(shop.stripe.products.create({ id: 'workbook', name: 'Other' })),
    ).toMatchObject({ code: 'resource_already_exists' })
  })

  it('with prices cannot be deleted, without can', async () => {
    const product = await shop.stripe.products.create({ name: 'Poster' })
    await shop.stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 900 })
    expect(await refusal(shop.stripe.products.del(product.id))).toMatchObject({ statusCode: 400 })
    const bare = await shop.stripe.products.create({ name: 'Bare' })
    expect(await shop.stripe.products.del(bare.id)).toMatchObject({ deleted: true })
  })

  it('is listed by what it is, and found by search', async () => {
    const stripe = shop.client('sk_test_products')
    const on = await stripe.products.create({ name: 'Sold Here', active: true })
    const off = await stripe.products.create({ name: 'Not Here', active: false })
    const list = async (params: object): Promise<string[]> =>
      (await stripe.products.list(params)).data.map((one) => one.id)
    expect(await list({ active: true })).toEqual([on.id])
    expect(await list({ active: false })).toEqual([off.id])
    expect(await list({ ids: [on.id, off.id] })).toEqual([off.id, on.id])
    const found = await stripe.products.search({ query: "active:'true' AND name~'sold'" })
    expect(found.data.map((one) => one.id)).toEqual([on.id])
  })
})

describe('a price', () => {
  it('never changes its amount: there is no parameter for it', async () => {
    const price = await shop.stripe.prices.create({
      currency: 'eur',
      unit_amount: 900,
      product_data: { name: 'Poster' },
    })
    const answer = await fetch(`${shop.url}/v1/prices/${price.id}`, {
      method: 'POST',
      body: 'unit_amount=1',
      headers: { authorization: 'Bearer sk_test_sandbox' },
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: 'parameter_unknown' } })
  })

  it('that is the default of its product cannot be archived', async () => {
    const product = await shop.stripe.products.create({
      name: 'Default',
      default_price_data: { currency: 'eur', unit_amount: 100 },
    })
    const price = idOf(product.default_price)
    expect(await refusal(shop.stripe.prices.update(price, { active: false }))).toMatchObject({
      statusCode: 400,
      param: 'active',
    })
  })

  it('owns its lookup key until another takes it over', async () => {
    const make = (more: object = {}): Promise<{ id: string }> =>
      shop.stripe.prices.create({
        currency: 'eur',
        unit_amount: 100,
        product_data: { name: 'Keyed' },
        lookup_key: 'standard',
        ...more,
      })
    const first = await make()
    expect(await refusal(make())).toMatchObject({ code: 'resource_already_exists' })
    const second = await make({ transfer_lookup_key: true })
    const listed = await shop.stripe.prices.list({ lookup_keys: ['standard'] })
    expect(listed.data.map((one) => one.id)).toEqual([second.id])
    expect((await shop.stripe.prices.retrieve(first.id)).lookup_key).toBeNull()
  })

  it('may recur, at most every three years', async () => {
    const make = (
      interval: 'day' | 'week' | 'month' | 'year',
      interval_count: number,
    ): Promise<unknown> =>
      shop.stripe.prices.create({
        currency: 'eur',
        unit_amount: 100,
        product_data: { name: 'Plan' },
        recurring: { interval, interval_count },
      })
    expect(await make('month', 36)).toMatchObject({
      type: 'recurring',
      recurring: { interval: 'month', interval_count: 36, usage_type: 'licensed' },
    })
    expect(await refusal(make('year', 4))).toMatchObject({ param: 'recurring[interval_count]' })
    expect(await refusal(make('day', 0))).toMatchObject({ statusCode: 400 })
  })

  it.each([
    ['no amount', { currency: 'eur', product_data: { name: 'x' } }],
    [
      'two amounts',
      { currency: 'eur', unit_amount: 1, unit_amount_decimal: '1', product_data: { name: 'x' } },
    ],
    ['a negative amount', { currency: 'eur', unit_amount: -1, product_data: { name: 'x' } }],
    ['no product', { currency: 'eur', unit_amount: 1 }],
    ['a product that is not there', { currency: 'eur', unit_amount: 1, product: 'prod_none' }],
    ['a currency that is none', { currency: 'xxx', unit_amount: 1, product_data: { name: 'x' } }],
  ])('with %s is refused', async (_name, params) => {
    const answer = await refusal(
      // Deliberately not what the typings ask for.
      shop.stripe.prices.create(params as Parameters<typeof shop.stripe.prices.create>[0]),
    )
    expect(answer.statusCode).toBe(400)
  })
})
