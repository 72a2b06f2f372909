import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openShop, type Shop } from '../testing/shop.ts'

let shop: Shop
let secret: string
beforeEach(async () => {
  shop = await openShop({ delivery: 'test', deliveryTimeoutMs: 300 })
  secret = (await shop.control.putEndpoint({ url: shop.door.url, name: 'shop' })).secret
})
afterEach(() => shop.close())

const verified = (nth = 0): Stripe.Event => {
  const arrival = shop.door.arrivals[nth]
  return shop.stripe.webhooks.constructEvent(
    arrival?.body ?? '',
    String(arrival?.headers['stripe-signature']),
    secret,
  )
}

const statuses = async (): Promise<(string | number)[][]> =>
  (await shop.control.deliveries()).data.map((one) => [
    one.status,
    ...one.attempts.map((attempt) => attempt.status),
  ])

/** Waits until every delivery has come to an end. */
async function settled(): Promise<void> {
  for (;;) {
    const { data } = await shop.control.deliveries({ status: 'pending', held: false })
    if (data.length === 0) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a delivery', () => {
  it('arrives signed, so that the SDK takes it', async () => {
    const customer = await shop.stripe.customers.create({ name: 'Ann' })
    await shop.door.until(1)
    const event = verified()
    expect(event).toMatchObject({
      type: 'customer.created',
      data: { object: { id: customer.id } },
      pending_webhooks: 1,
      livemode: false,
    })
    expect(shop.door.arrivals[0]?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^Stripe\/1\.0/),
      'content-type': 'application/json; charset=utf-8',
    })
    await settled()
    expect(await shop.stripe.events.retrieve(event.id)).toMatchObject({ pending_webhooks: 0 })
  })

  it('[payments 13] is refused by the SDK when its body was written anew', async () => {
    await shop.stripe.customers.create({})
    await shop.door.until(1)
    const arrival = shop.door.arrivals[0]
    const header = String(arrival?.headers['stripe-signature'])
    const anew = JSON.stringify(JSON.parse(arrival?.body ?? ''))
    expect(() => shop.stripe.webhooks.constructEvent(anew, header, secret)).toThrow(
      Stripe.errors.StripeSignatureVerificationError,
    )
  })

  it('goes only to endpoints that asked for its type', async () => {
    await shop.control.putEndpoint({
      url: shop.door.url,
      name: 'shop',
      enabled_events: ['product.created'],
    })
    await shop.stripe.customers.create({})
    await shop.stripe.products.create({ name: 'x' })
    await shop.door.until(1)
    await settled()
    expect(shop.door.events().map((one) => one.type)).toEqual(['product.created'])
  })

  it('that is refused comes again, signed anew, until it is taken', async () => {
    shop.door.answerWith((_arrival, nth) => (nth < 3 ? 500 : 204))
    await shop.stripe.customers.create({})
    await shop.door.until(3)
    await settled()
    expect(await statuses()).toEqual([['succeeded', 500, 500, 204]])
    const headers = shop.door.arrivals.map((one) => one.headers['stripe-signature'])
    expect(new Set(headers).size).toBeGreaterThan(1)
    expect(verified(2).id).toBe(verified(0).id)
  })

  it('fails for good when its tries are used up, and is seen in the list of events', async () => {
    shop.door.answerWith(() => 503)
    await shop.stripe.customers.create({})
    // The test profile waits 0.2, 1 and 5 s by the sandbox's clock.
    await shop.door.until(1)
    for (const count of [2, 3, 4]) {
      await shop.control.advance('10s')
      await shop.door.until(count)
    }
    await settled()
    expect(await statuses()).toEqual([['failed', 503, 503, 503, 503]])
    const failed = await shop.stripe.events.list({ delivery_success: false })
    expect(failed.data).toHaveLength(1)
    expect(failed.data[0]?.pending_webhooks).toBe(1)
    expect((await shop.stripe.events.list({ delivery_success: true })).data).toEqual([])
  })

  it.each([
    ['a redirect', 302],
    ['a refusal', 400],
    ['hanging up', 0],
  ])('to an endpoint that answers with %s has failed', async (_name, status) => {
    shop.door.answerWith((_arrival, nth) => (nth === 1 ? status : 200))
    await shop.stripe.customers.create({})
    await shop.door.until(2)
    await settled()
    expect(await statuses()).toEqual([['succeeded', status, 200]])
  })

  it('to an endpoint that takes too long has failed', async () => {
    let go: () => void = () => undefined
    const later = new Promise<number>((resolve) => {
      go = () => resolve(200)
    })
    shop.door.answerWith((_arrival, nth) => (nth === 1 ? later : 200))
    await shop.stripe.customers.create({})
    await shop.door.until(2)
    go()
    await settled()
    const [delivery] = (await shop.control.deliveries()).data
    expect(delivery?.attempts.map((one) => one.status)).toEqual([0, 200])
    expect(delivery?.attempts[0]?.note).toContain('Timed out')
  })

  it('is made beside others, at most four at a time', async () => {
    const waiting: (() => void)[] = []
    shop.door.answerWith(
      () =>
        new Promise((resolve) => {
          waiting.push(() => resolve(200))
        }),
    )
    await Promise.all(Array.from({ length: 9 }, () => shop.stripe.customers.create({})))
    while (shop.door.arrivals.length < 9 || waiting.length > 0) {
      waiting.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await settled()
    expect(shop.door.mostAtOnce).toBeGreaterThan(1)
    expect(shop.door.mostAtOnce).toBeLessThanOrEqual(4)
    expect(new Set(shop.door.events().map((one) => one.id)).size).toBe(9)
  })

  it('is sent again on request, to every endpoint of an event or to one', async () => {
    await shop.stripe.customers.create({})
    await shop.door.until(1)
    await settled()
    const [first] = (await shop.control.deliveries()).data
    await shop.control.redeliver(first?.id ?? '')
    await shop.door.until(2)
    await shop.control.redeliver(first?.event ?? '')
    await shop.door.until(3)
    await settled()
    expect((await shop.control.deliveries()).data.map((one) => one.cause)).toEqual([
      'redelivery',
      'redelivery',
      'first',
    ])
    expect(new Set(shop.door.events().map((one) => one.id)).size).toBe(1)
  })
})

describe('an endpoint', () => {
  it('shows its secret once, when it is made by the API', async () => {
    const made = await shop.stripe.webhookEndpoints.create({
      url: 'http://127.0.0.1:9/',
      enabled_events: ['refund.failed'],
      metadata: { a: '1' },
    })
    expect(made.secret).toMatch(/^whsec_/)
    const found = await shop.stripe.webhookEndpoints.retrieve(made.id)
    expect(found.secret).toBeUndefined()
    const changed = await shop.stripe.webhookEndpoints.update(made.id, {
      disabled: true,
      description: 'off',
    })
    expect(changed).toMatchObject({ status: 'disabled', description: 'off' })
    expect((await shop.stripe.webhookEndpoints.list()).data.map((one) => one.id)).toContain(made.id)
    expect(await shop.stripe.webhookEndpoints.del(made.id)).toMatchObject({ deleted: true })
    expect((await shop.stripe.webhookEndpoints.list()).data).toHaveLength(1)
  })

  it('that is disabled or deleted is sent nothing', async () => {
    const [mine] = (await shop.stripe.webhookEndpoints.list()).data
    await shop.stripe.webhookEndpoints.update(mine?.id ?? '', { disabled: true })
    await shop.stripe.customers.create({})
    await shop.stripe.webhookEndpoints.update(mine?.id ?? '', { disabled: false })
    await shop.stripe.products.create({ name: 'x' })
    await shop.door.until(1)
    await settled()
    expect(shop.door.events().map((one) => one.type)).toEqual(['product.created'])
    await shop.stripe.webhookEndpoints.del(mine?.id ?? '')
    await shop.stripe.products.create({ name: 'y' })
    expect((await shop.control.deliveries()).data).toHaveLength(1)
  })

  it('[payments 14] whose secret is rolled takes both for a day', async () => {
    const next = 'whsec_next'
    await shop.control.putEndpoint({ url: shop.door.url, name: 'shop', secret: next })
    await shop.stripe.customers.create({})
    await shop.door.until(1)
    const check = (nth: number, with_: string): Stripe.Event =>
      shop.stripe.webhooks.constructEvent(
        shop.door.arrivals[nth]?.body ?? '',
        String(shop.door.arrivals[nth]?.headers['stripe-signature']),
        with_,
      )
    expect(check(0, secret).type).toBe('customer.created')
    expect(check(0, next).type).toBe('customer.created')
    await settled()
    await shop.control.advance('25h')
    await shop.stripe.customers.create({})
    await shop.door.until(2)
    expect(check(1, next).type).toBe('customer.created')
    expect(() => check(1, secret)).toThrow(Stripe.errors.StripeSignatureVerificationError)
  })

  it('put again is the same one; under the same name its address is replaced', async () => {
    const again = await shop.control.putEndpoint({ url: shop.door.url, name: 'shop' })
    expect(again).toMatchObject({ created: false, secret })
    const moved = await shop.control.putEndpoint({ url: 'http://127.0.0.1:9/x', name: 'shop' })
    expect(moved).toMatchObject({ id: again.id, created: false, url: 'http://127.0.0.1:9/x' })
    const { data } = await shop.stripe.webhookEndpoints.list()
    expect(data.map((one) => one.url)).toEqual(['http://127.0.0.1:9/x'])
  })

  it('that has failed for five days is disabled', async () => {
    shop.door.answerWith(() => 500)
    await shop.stripe.customers.create({})
    await shop.door.until(1)
    await shop.control.advance('6d')
    await shop.stripe.customers.create({})
    await shop.door.until(3)
    for (;;) {
      const [endpoint] = (await shop.stripe.webhookEndpoints.list()).data
      if (endpoint?.status === 'disabled') break
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
})

describe('deliveries that are held', () => {
  it('[payments 4] wait until they are released, however long', async () => {
    await shop.control.hold()
    const session = await shop.checkout()
    await shop.control.pay({ session: session.id })
    await shop.control.advance('2h')
    expect(shop.door.arrivals).toHaveLength(0)
    expect((await shop.control.deliveries({ held: true })).data).toHaveLength(5)
    expect(await shop.control.release()).toEqual({ released: 5 })
    await shop.door.until(5)
    await settled()
    await shop.stripe.customers.create({})
    await shop.door.until(6)
  })
})

describe('chaos', () => {
  it('delivers twice', async () => {
    await shop.control.setChaos({ deliveries: { duplicate: 1 } })
    await shop.stripe.customers.create({})
    await shop.door.until(2)
    expect(new Set(shop.door.events().map((one) => one.id)).size).toBe(1)
    expect(shop.door.events()).toHaveLength(2)
  })

  it('delivers once more much later', async () => {
    await shop.control.setChaos({ deliveries: { late_duplicate: 1 } })
    await shop.stripe.customers.create({})
    await shop.door.until(1)
    await settledButLate()
    expect(shop.door.arrivals).toHaveLength(1)
    await shop.control.advance('61m')
    expect(shop.door.arrivals).toHaveLength(2)
  })

  /** Waits until only what is due in the future is left. */
  async function settledButLate(): Promise<void> {
    for (;;) {
      const { data } = await shop.control.deliveries({ status: 'succeeded' })
      if (data.length > 0) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  it('[payments 7] drops, and says so in the log', async () => {
    await shop.control.setChaos({ deliveries: { drop: 1, types: ['customer.*'] } })
    await shop.stripe.customers.create({})
    await shop.stripe.products.create({ name: 'x' })
    await shop.door.until(1)
    await settled()
    expect(shop.door.events().map((one) => one.type)).toEqual(['product.created'])
    expect((await shop.control.deliveries({ status: 'dropped' })).data).toHaveLength(1)
    const undelivered = await shop.stripe.events.list({ delivery_success: false })
    expect(undelivered.data.map((one) => one.type)).toEqual(['customer.created'])
  })

  it('drops everything for a while', async () => {
    await shop.control.setChaos({ deliveries: { drop_all_for_ms: 60_000 } })
    await shop.stripe.customers.create({})
    await shop.control.advance('2m')
    await shop.stripe.products.create({ name: 'x' })
    await shop.door.until(1)
    await settled()
    expect(shop.door.events().map((one) => one.type)).toEqual(['product.created'])
  })

  it('changes the order', async () => {
    await shop.control.setChaos({ seed: 3, deliveries: { reorder_window_ms: 400 } })
    const names = Array.from({ length: 12 }, (_, n) => `${n}`)
    for (const name of names) await shop.stripe.products.create({ name })
    await shop.door.until(12)
    const arrived = shop.door.arrivals.map((one) => JSON.parse(one.body).data.object.name)
    expect(arrived).not.toEqual(names)
    expect([...arrived].sort((a, b) => a - b)).toEqual(names)
  })

  it('plans the same faults again for the same seed', async () => {
    const run = async (key: string): Promise<string[]> => {
      const control = shop.control.as(key)
      await control.putEndpoint({ url: 'http://127.0.0.1:9/' })
      await control.setChaos({ seed: 42, deliveries: { drop: 0.3, duplicate: 0.3, hold: true } })
      for (let n = 0; n < 20; n += 1) await shop.client(key).customers.create({})
      return (await control.deliveries()).data.map((one) => `${one.status} ${one.cause}`)
    }
    expect(await run('sk_test_seed_a')).toEqual(await run('sk_test_seed_b'))
  })

  it.each([
    ['bad_signature', 'No signatures found matching'],
    ['truncate_body', 'No signatures found matching'],
    ['stale_timestamp', 'Timestamp outside the tolerance zone'],
  ])('sends with %s, which the SDK refuses', async (fault, words) => {
    await shop.control.setChaos({ deliveries: { [fault]: 1 } })
    await shop.stripe.customers.create({})
    await shop.door.until(1)
    expect(() => verified()).toThrow(words)
  })

  it('[payments 17] pretends to be live, and of an old version, rightly signed', async () => {
    await shop.control.setChaos({ deliveries: { wrong_livemode: 1, old_api_version: 1 } })
    await shop.stripe.customers.create({})
    await shop.door.until(1)
    expect(verified()).toMatchObject({ livemode: true, api_version: '2024-06-20' })
  })

  it('delivers before the answer to the request that caused it', async () => {
    await shop.control.setChaos({ deliveries: { timing: 'before_response' } })
    await shop.stripe.customers.create({})
    expect(shop.door.arrivals).toHaveLength(1)
  })

  it('makes only so many faults as it may', async () => {
    await shop.control.setChaos({ deliveries: { drop: 1, times: 2 } })
    for (let n = 0; n < 5; n += 1) await shop.stripe.customers.create({})
    await shop.door.until(3)
    expect((await shop.control.chaos()).counts).toEqual({ 'deliveries.drop': 2 })
  })
})
