import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShop, refusal, type Shop } from '../testing/shop.ts'
import { changedAttributes } from './events.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

describe('events', () => {
  it('name the request and its idempotency key, or nobody', async () => {
    const customer = await shop.stripe.customers.create({}, { idempotencyKey: 'key-1' })
    const [event] = (await shop.stripe.events.list({ limit: 1 })).data
    expect(event?.request).toEqual({
      id: customer.lastResponse.requestId,
      idempotency_key: 'key-1',
    })
    const session = await shop.checkout()
    await shop.control.advance('25h')
    const [expired] = (await shop.stripe.events.list({ type: 'checkout.session.expired' })).data
    expect(expired?.data.object).toMatchObject({ id: session.id })
    expect(expired?.request).toEqual({ id: null, idempotency_key: null })
  })

  it('are listed by type, by several types, by group', async () => {
    const stripe = shop.client('sk_test_event_types')
    const product = await stripe.products.create({ name: 'x' })
    await stripe.products.update(product.id, { name: 'y' })
    await stripe.customers.create({})
    const types = async (params: object): Promise<string[]> =>
      (await stripe.events.list(params)).data.map((one) => one.type)
    expect(await types({ type: 'product.created' })).toEqual(['product.created'])
    expect(await types({ type: 'product.*' })).toEqual(['product.updated', 'product.created'])
    expect(await types({ types: ['customer.created', 'product.updated'] })).toEqual([
      'customer.created',
      'product.updated',
    ])
    const both = await refusal(
      stripe.events.list({ type: 'product.created', types: ['customer.created'] }),
    )
    expect(both.statusCode).toBe(400)
  })

  it('can be followed forward from the last one seen', async () => {
    const stripe = shop.client('sk_test_event_cursor')
    await stripe.customers.create({})
    const [seen] = (await stripe.events.list({ limit: 1 })).data
    for (let n = 0; n < 7; n += 1) await stripe.products.create({ name: `${n}` })
    const names: unknown[] = []
    for await (const event of stripe.events.list({ limit: 3, ending_before: seen?.id }))
      if (event.type === 'product.created') names.push(event.data.object.name)
    expect(names).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  })

  it('are kept for thirty days', async () => {
    const stripe = shop.client('sk_test_event_keeping')
    await stripe.customers.create({})
    const [old] = (await stripe.events.list()).data
    await shop.control.advance('29d')
    expect((await stripe.events.list()).data).toHaveLength(1)
    await shop.control.advance('2d')
    expect((await stripe.events.list()).data).toEqual([])
    expect(await refusal(stripe.events.retrieve(old?.id ?? ''))).toMatchObject({ statusCode: 404 })
  })

  it('show the object as it was, not as it is', async () => {
    const product = await shop.stripe.products.create({ name: 'before' })
    await shop.stripe.products.update(product.id, { name: 'after' })
    const [event] = (await shop.stripe.events.list({ type: 'product.created' })).data
    expect(event?.data.object).toMatchObject({ name: 'before' })
  })

  it('come with the refusal of a declined card, though the request failed', async () => {
    const before = (await shop.stripe.events.list({ limit: 1 })).data[0]?.id
    await refusal(
      shop.stripe.paymentIntents.create({
        amount: 500,
        currency: 'eur',
        payment_method: 'pm_card_chargeDeclined',
        confirm: true,
        return_url: 'https://shop.test/',
      }),
    )
    const after = await shop.stripe.events.list({ ending_before: before })
    expect(after.data.map((one) => one.type)).toEqual([
      'payment_intent.payment_failed',
      'charge.failed',
      'payment_intent.created',
    ])
  })

  it('do not come of requests that were refused', async () => {
    const before = (await shop.stripe.events.list({ limit: 1 })).data[0]?.id
    await refusal(
      shop.stripe.prices.create({
        currency: 'eur',
        unit_amount: 1,
        product_data: { name: 'made and unmade' },
        recurring: { interval: 'year', interval_count: 9 },
      }),
    )
    expect((await shop.stripe.events.list({ ending_before: before })).data).toEqual([])
    expect((await shop.stripe.products.search({ query: "name:'made and unmade'" })).data).toEqual(
      [],
    )
  })
})

describe('what changed', () => {
  it.each([
    ['nothing', { a: 1 }, { a: 1 }, {}],
    ['a value', { a: 1, b: 2 }, { a: 3, b: 2 }, { a: 1 }],
    ['a value that was not there', {}, { a: 1 }, { a: null }],
    ['a value that is gone', { a: 1 }, {}, { a: 1 }],
    ['one of a hash', { m: { a: 1, b: 2 } }, { m: { a: 1, b: 3 } }, { m: { b: 2 } }],
    ['a hash that was null', { m: null }, { m: { a: 1 } }, { m: null }],
    ['a list, whole', { l: [1, 2] }, { l: [1] }, { l: [1, 2] }],
  ])('is %s', (_name, before, after, changed) => {
    expect(changedAttributes(before, after)).toEqual(changed)
  })
})
