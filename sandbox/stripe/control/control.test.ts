import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const ask = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${shop.url}/_sandbox/${path}`, {
    method,
    headers: { authorization: 'Bearer sk_test_sandbox', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

describe('the control API', () => {
  it('needs the key', async () => {
    const answer = await fetch(`${shop.url}/_sandbox/stats`)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Basic')
    const basic = `Basic ${Buffer.from('sk_test_sandbox:').toString('base64')}`
    expect((await ask('GET', 'stats', undefined, { authorization: basic })).status).toBe(200)
  })

  it('is not for pages of other sites', async () => {
    expect((await ask('POST', 'reset', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await ask('POST', 'reset', {}, { 'sec-fetch-site': 'none' })).status).toBe(200)
  })

  it('says what there is when asked for something else', async () => {
    const answer = await ask('POST', 'nonsense')
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('POST /_sandbox/clock')
  })

  it.each([
    ['not JSON', 'POST', 'pay', 'session=1'],
    ['a list', 'POST', 'pay', []],
    ['nothing to pay', 'POST', 'pay', {}],
    ['a way to pay that is none', 'POST', 'pay', { session: 'cs_1', method: 'coins' }],
    ['a clock without a distance', 'POST', 'clock', {}],
    ['a clock that goes back', 'POST', 'clock', { advance_ms: -1 }],
    ['a clock that goes too far', 'POST', 'clock', { advance: '9999d' }],
    ['a distance that is none', 'POST', 'clock', { advance: 'soon' }],
    ['an endpoint without an address', 'PUT', 'endpoint', { url: 'nowhere' }],
    ['an endpoint with a blank secret', 'PUT', 'endpoint', { url: 'http://a.test', secret: '  ' }],
    ['an event that cannot be made', 'POST', 'trigger', { event: 'customer.created' }],
    ['a drift of nothing', 'POST', 'drift', {}],
  ])('refuses %s', async (_name, method, path, body) => {
    const answer = await ask(method, path, body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  it.each([
    ['a session', 'POST', 'pay', { session: 'cs_none' }],
    ['a delivery', 'POST', 'deliveries/dlv_none/redeliver', {}],
    ['a snapshot', 'POST', 'restore', { id: 'snap_none' }],
    ['an object', 'POST', 'drift', { object: 'cus_none', changes: { name: 'x' } }],
  ])('answers 404 for %s that is not there', async (_name, method, path, body) => {
    expect((await ask(method, path, body)).status).toBe(404)
  })

  it('does over HTTP what it does in the process', async () => {
    const session = await shop.checkout()
    const paid = await ask('POST', 'pay', { session: session.id, email: 'a@example.com' })
    expect(await paid.json()).toMatchObject({ outcome: 'complete', payment_status: 'paid' })
    const endpoint = await ask('PUT', 'endpoint', { url: 'http://127.0.0.1:9/', name: 'me' })
    expect(await endpoint.json()).toMatchObject({ created: true, secret: expect.any(String) })
    expect(await (await ask('POST', 'hold')).json()).toEqual({ holding: true })
    await shop.stripe.customers.create({})
    const held = (await (await ask('GET', 'deliveries?held=true')).json()) as { data: unknown[] }
    expect(held.data).toMatchObject([
      { event_type: 'customer.created', next_at_ms: expect.any(Number) },
    ])
    expect(await (await ask('GET', 'requests?limit=1')).json()).toMatchObject({
      data: [
        { method: 'POST', duration_ms: expect.any(Number), idempotency_key: expect.any(String) },
      ],
    })
    expect(await (await ask('POST', 'release')).json()).toEqual({ released: 1 })
    const clock = await ask('POST', 'clock', { advance: '1d 12h' })
    expect(await clock.json()).toMatchObject({ offset_ms: 129_600_000 })
    expect(await (await ask('GET', 'clock')).json()).toMatchObject({ offset_ms: 129_600_000 })
    expect(await (await ask('POST', 'clock', { reset: true })).json()).toMatchObject({
      offset_ms: 0,
    })
  })
})

describe('the clock', () => {
  it('moves exactly as far as it is told, and everything made afterwards carries its time', async () => {
    const before = await shop.control.clock()
    const after = await shop.control.advance('8d')
    expect(after.offset_ms - before.offset_ms).toBe(8 * 86_400_000)
    const customer = await shop.stripe.customers.create({})
    expect(customer.created).toBeGreaterThanOrEqual(after.now)
  })

  it('lets what falls due on the way happen in order, each at its own time', async () => {
    const first = await shop.checkout()
    const debit = await shop.checkout()
    await shop.control.pay({ session: debit.id, method: 'bank_debit' })
    await shop.control.advance('400d')
    const events = await shop.stripe.events.list({ limit: 100 })
    // Events are kept for thirty days, so what happened on the way is already forgotten.
    expect(events.data).toEqual([])
    expect((await shop.stripe.checkout.sessions.retrieve(first.id)).status).toBe('expired')
    const intent = await shop.stripe.checkout.sessions.retrieve(debit.id, {
      expand: ['payment_intent.latest_charge.balance_transaction'],
    })
    expect(intent.payment_intent).toMatchObject({
      status: 'succeeded',
      latest_charge: { balance_transaction: { created: expect.any(Number) } },
    })
    const [transaction] = (await shop.stripe.balanceTransactions.list()).data
    const days = ((transaction?.created ?? 0) - debit.created) / 86_400
    expect(days).toBeGreaterThanOrEqual(3)
    expect(days).toBeLessThan(3.1)
  })
})

describe('resetting and restoring', () => {
  it('forgets the account and nobody else', async () => {
    const other = shop.client('sk_test_other')
    const kept = await other.customers.create({})
    await shop.stripe.customers.create({})
    await shop.control.reset()
    expect((await shop.stripe.customers.list()).data).toEqual([])
    expect((await shop.stripe.events.list()).data).toEqual([])
    expect((await other.customers.list()).data.map((one) => one.id)).toEqual([kept.id])
  })

  it('keeps the webhook endpoints when told to, with their secrets', async () => {
    const { secret } = await shop.control.putEndpoint({ url: shop.door.url, name: 'shop' })
    await shop.control.reset({ keep_endpoints: true })
    expect(await shop.control.putEndpoint({ url: shop.door.url, name: 'shop' })).toMatchObject({
      created: false,
      secret,
    })
    await shop.stripe.customers.create({})
    await shop.door.until(1)
  })

  it('puts the account back to how it was', async () => {
    const session = await shop.checkout()
    const { id } = await shop.control.snapshot()
    await shop.control.pay({ session: session.id })
    await shop.control.restore(id)
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
    expect((await shop.stripe.paymentIntents.list()).data).toEqual([])
    expect(await shop.control.pay({ session: session.id })).toMatchObject({ outcome: 'complete' })
  })
})

describe('drift', () => {
  it('[payments 61] changes an object and tells nobody', async () => {
    const customer = await shop.stripe.customers.create({ name: 'Ann', metadata: { a: '1' } })
    await shop.control.drift(customer.id, { name: 'Bea', metadata: { b: '2' } })
    expect(await shop.stripe.customers.retrieve(customer.id)).toMatchObject({
      name: 'Bea',
      metadata: { a: '1', b: '2' },
    })
    expect(await shop.eventTypes(customer.id)).toEqual(['customer.created'])
  })

  it('does not invent fields, nor change what a thing is', async () => {
    const customer = await shop.stripe.customers.create({})
    for (const changes of [{ nonsense: 1 }, { id: 'cus_x' }, { object: 'charge' }])
      await expect(shop.control.drift(customer.id, changes)).rejects.toMatchObject({ status: 400 })
  })
})

describe('what was asked', () => {
  it('is counted, by operation and second', async () => {
    await shop.stripe.customers.create({})
    await Promise.all([1, 2, 3].map(() => shop.stripe.customers.list()))
    await refusal(shop.stripe.customers.retrieve('cus_none'))
    const stats = await shop.control.stats()
    expect(stats).toMatchObject({
      requests: 5,
      by_status: { 200: 4, 404: 1 },
      endpoints: {
        'GET /v1/customers': { calls: 3, errors: 0 },
        'GET /v1/customers/{customer}': { calls: 1, errors: 1 },
      },
    })
    expect(stats.max_concurrent).toBeGreaterThanOrEqual(1)
    expect(stats.max_per_second).toBeGreaterThanOrEqual(2)
  })

  it('is logged, card numbers cut short', async () => {
    await shop.stripe.paymentMethods.create(
      {
        type: 'card',
        card: { number: '4242424242424242', exp_month: 1, exp_year: 2040, cvc: '987' },
      },
      { idempotencyKey: 'card' },
    )
    const [entry] = (await shop.control.requests()).data
    expect(entry).toMatchObject({
      method: 'POST',
      path: '/v1/payment_methods',
      status: 200,
      idempotencyKey: 'card',
    })
    expect(entry?.params).toContain('…4242')
    expect(entry?.params).not.toContain('4242424242424242')
    expect(entry?.params).not.toContain('987')
  })
})

it('a seeded sandbox gives the same ids on every run', async () => {
  const run = async (): Promise<string[]> => {
    const seeded = await openShop({ seed: 7 })
    try {
      const customer = await seeded.stripe.customers.create({})
      const intent = await seeded.sell()
      const [event] = (await seeded.stripe.events.list({ limit: 1 })).data
      return [customer.id, intent.id, event?.id ?? '', customer.lastResponse.requestId]
    } finally {
      await seeded.close()
    }
  }
  expect(await run()).toEqual(await run())
})
