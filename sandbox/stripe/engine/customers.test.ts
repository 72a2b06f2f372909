import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

describe('a customer', () => {
  it('is made, read, changed and told of', async () => {
    const made = await shop.stripe.customers.create({
      email: 'ann@example.com',
      name: 'Ann',
      metadata: { user: '7', plan: 'free' },
      address: { city: 'Bern', country: 'CH' },
      shipping: { name: 'Ann', address: { line1: 'Gasse 1' } },
    })
    const changed = await shop.stripe.customers.update(made.id, {
      name: 'Anna',
      metadata: { plan: '', level: '2' },
      address: { city: 'Basel' },
    })
    expect(changed).toMatchObject({
      name: 'Anna',
      email: 'ann@example.com',
      metadata: { user: '7', level: '2' },
      address: { city: 'Basel', country: 'CH' },
    })
    expect(await shop.stripe.customers.retrieve(made.id)).toEqual(changed)
    const [event] = (await shop.stripe.events.list({ type: 'customer.updated' })).data
    expect(event?.data.previous_attributes).toEqual({
      name: 'Ann',
      metadata: { plan: 'free', level: null },
      address: { city: 'Bern' },
    })
    expect(event?.request?.id).toBe(changed.lastResponse.requestId)
  })

  it('that is not changed by a change is not told of', async () => {
    const made = await shop.stripe.customers.create({ name: 'Same' })
    await shop.stripe.customers.update(made.id, { name: 'Same' })
    expect(await shop.eventTypes(made.id)).toEqual(['customer.created'])
  })

  it('loses values that are cleared', async () => {
    const made = await shop.stripe.customers.create({
      name: 'Gone',
      address: { city: 'Bern' },
      metadata: { a: '1' },
    })
    const cleared = await shop.stripe.customers.update(made.id, { address: '', metadata: '' })
    expect(cleared).toMatchObject({ address: null, metadata: {}, name: 'Gone' })
  })

  it('when deleted is still found as deleted, is not listed, and cannot be used', async () => {
    const made = await shop.stripe.customers.create({ email: 'bye@example.com' })
    expect(await shop.stripe.customers.del(made.id)).toEqual({
      id: made.id,
      object: 'customer',
      deleted: true,
    })
    expect(await shop.stripe.customers.retrieve(made.id)).toMatchObject({ deleted: true })
    expect((await shop.stripe.customers.list({ email: 'bye@example.com' })).data).toEqual([])
    expect(await refusal(shop.checkout({ customer: made.id }))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
    })
    expect(await refusal(shop.stripe.customers.update(made.id, { name: 'x' }))).toMatchObject({
      code: 'resource_missing',
    })
  })

  it.each([
    [{ email: 'no address' }, 'email'],
    [{ metadata: { ['k'.repeat(41)]: 'v' } }, undefined],
    [{ metadata: { k: 'v'.repeat(501) } }, undefined],
    [
      { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'])) },
      undefined,
    ],
    [{ payment_method: 'pm_none' }, 'payment_method'],
  ])('is refused with %j', async (params, param) => {
    const error = await refusal(shop.stripe.customers.create(params))
    expect(error.statusCode).toBe(400)
    if (param !== undefined) expect(error.param).toBe(param)
  })
})

describe('saved cards', () => {
  it('are attached, listed, made the default, and detached', async () => {
    const customer = await shop.stripe.customers.create({ name: 'Saver' })
    const card = await shop.stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    await shop.stripe.customers.update(customer.id, {
      invoice_settings: { default_payment_method: card.id },
    })
    const listed = await shop.stripe.customers.listPaymentMethods(customer.id, { type: 'card' })
    expect(listed.data.map((one) => one.id)).toEqual([card.id])
    expect((await shop.stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1)
    const again = await refusal(
      shop.stripe.paymentMethods.attach(card.id, {
        customer: (await shop.stripe.customers.create({})).id,
      }),
    )
    expect(again.code).toBe('payment_method_already_attached')
    await shop.stripe.paymentMethods.detach(card.id)
    expect(await shop.stripe.customers.retrieve(customer.id)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    })
    expect(await shop.eventTypes(card.id)).toEqual([
      'payment_method.attached',
      'customer.updated',
      'customer.updated',
      'payment_method.detached',
    ])
  })

  it('that the bank refuses are not attached, nor is a customer made with one', async () => {
    const before = (await shop.stripe.customers.list({ limit: 100 })).data.length
    const error = await refusal(
      shop.stripe.customers.create({ payment_method: 'pm_card_chargeDeclined' }),
    )
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect((await shop.stripe.customers.list({ limit: 100 })).data).toHaveLength(before)
  })
})

describe('search', () => {
  it('finds by field, part, metadata, and joins of them', async () => {
    const stripe = shop.client('sk_test_search')
    const ann = await stripe.customers.create({
      email: 'ann@example.com',
      name: 'Ann Lee',
      metadata: { "it's": 'odd' },
    })
    const bob = await stripe.customers.create({ email: 'bob@example.com', name: 'Bob' })
    const ids = async (query: string): Promise<string[]> =>
      (await stripe.customers.search({ query })).data.map((one) => one.id)
    expect(await ids("email:'ann@example.com'")).toEqual([ann.id])
    expect(await ids("name~'lee'")).toEqual([ann.id])
    expect(await ids("email~'example'")).toEqual([bob.id, ann.id])
    expect(await ids("metadata['it\\'s']:'odd'")).toEqual([ann.id])
    expect(await ids("-metadata['it\\'s']:'odd'")).toEqual([bob.id])
    expect(await ids("name:'Bob' AND email:'bob@example.com'")).toEqual([bob.id])
    expect(await ids("name:'Bob' OR name:'Ann Lee'")).toEqual([bob.id, ann.id])
    expect(await ids('created>1')).toHaveLength(2)
    expect(await ids('created<1')).toEqual([])
  })

  it('pages with next_page', async () => {
    const stripe = shop.client('sk_test_search_pages')
    for (let n = 0; n < 5; n += 1) await stripe.customers.create({ name: 'same' })
    const found = await stripe.customers
      .search({ query: "name:'same'", limit: 2 })
      .autoPagingToArray({ limit: 100 })
    expect(new Set(found.map((one) => one.id)).size).toBe(5)
  })

  it.each([
    [''],
    ['nonsense'],
    ["shoe:'size'"],
    ["name:'a' AND email:'b' OR name:'c'"],
    ["name~'ab'"],
    ["email:'unclosed"],
    ['name>5'],
  ])('refuses %j', async (query) => {
    expect(await refusal(shop.stripe.customers.search({ query }))).toMatchObject({
      statusCode: 400,
      param: 'query',
    })
  })
})
