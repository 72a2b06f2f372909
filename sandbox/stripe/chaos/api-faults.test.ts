import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const count = async (): Promise<number> => (await shop.stripe.customers.list()).data.length

/** Faults strike only creations, so that the looking afterwards is not struck. */
const strike = (api: object): Promise<unknown> =>
  shop.control.setChaos({ api: { methods: ['POST'], ...api } })

describe('chaos in the API', () => {
  it('answers 429 with how long to wait, and does nothing', async () => {
    await strike({ rate_limited: 1, times: 1, retry_after_s: 7 })
    const error = await refusal(shop.stripe.customers.create({}))
    expect(error).toBeInstanceOf(Stripe.errors.StripeRateLimitError)
    expect(error.headers).toMatchObject({
      'retry-after': '7',
      'stripe-rate-limited-reason': 'global-rate',
    })
    expect(await count()).toBe(0)
    await shop.stripe.customers.create({})
    expect(await count()).toBe(1)
  })

  it('answers 500 before anything is done', async () => {
    await strike({ error_before: 1, times: 1 })
    expect(await refusal(shop.stripe.customers.create({}))).toBeInstanceOf(
      Stripe.errors.StripeAPIError,
    )
    expect(await count()).toBe(0)
  })

  it('[payments 30] answers 500 after it was done; the SDK finds it again by itself', async () => {
    await strike({ error_after: 1, times: 1 })
    const stripe = shop.client(undefined, { maxNetworkRetries: 2 })
    const customer = await stripe.customers.create({ name: 'Once' })
    expect(customer.name).toBe('Once')
    expect(await count()).toBe(1)
  })

  it.each([
    ['timeout_before', 0],
    ['timeout_after', 1],
  ])('leaves the caller waiting: %s', async (fault, made) => {
    await strike({ [fault]: 1, times: 1 })
    const stripe = shop.client(undefined, { timeout: 150 })
    expect(await refusal(stripe.customers.create({}))).toBeInstanceOf(
      Stripe.errors.StripeConnectionError,
    )
    expect(await count()).toBe(made)
  })

  it('[payments 31] cuts the connection after it was done; once is enough', async () => {
    await strike({ reset_after: 1, times: 1 })
    const customer = await shop.stripe.customers.create({}, { idempotencyKey: 'cut' })
    expect(await count()).toBe(1)
    expect((await shop.stripe.customers.list()).data[0]?.id).toBe(customer.id)
  })

  it('says that an object is locked', async () => {
    await strike({ lock_timeout: 1, times: 1 })
    expect(await refusal(shop.stripe.customers.create({}))).toMatchObject({ code: 'lock_timeout' })
  })

  it('is down for maintenance until it is not', async () => {
    await strike({ maintenance_for_ms: 60_000 })
    const error = await refusal(shop.stripe.customers.list())
    expect(error.statusCode).toBe(503)
    expect(Number(error.headers?.['retry-after'])).toBeGreaterThan(0)
    await shop.control.advance('61s')
    expect(await count()).toBe(0)
  })

  it('shows lists and searches late, and single objects at once', async () => {
    await shop.control.setChaos({ api: { stale_reads_ms: 60_000 } })
    const customer = await shop.stripe.customers.create({ email: 'late@example.com' })
    expect(await count()).toBe(0)
    expect(
      (await shop.stripe.customers.search({ query: "email:'late@example.com'" })).data,
    ).toEqual([])
    expect((await shop.stripe.customers.retrieve(customer.id)).id).toBe(customer.id)
    await shop.control.advance('61s')
    expect(await count()).toBe(1)
  })

  it('strikes only where it is told to', async () => {
    await shop.control.setChaos({ api: { error_before: 1, paths: ['/v1/products'] } })
    await shop.stripe.customers.create({})
    expect((await refusal(shop.stripe.products.create({ name: 'x' }))).statusCode).toBe(500)
    expect((await shop.control.chaos()).counts).toEqual({ 'api.error_before': 1 })
  })

  it('ends when it is set to nothing', async () => {
    await strike({ error_before: 1 })
    await shop.control.setChaos({})
    await shop.stripe.customers.create({})
  })

  it.each([
    [{ nonsense: {} }, 'nonsense'],
    [{ api: { nonsense: 1 } }, 'api[nonsense]'],
    [{ api: { error_before: 2 } }, 'api[error_before]'],
    [{ api: { error_before: '1' } }, 'api[error_before]'],
    [{ api: { slow_ms: -1 } }, 'api[slow_ms]'],
    [{ deliveries: { types: 'all' } }, 'deliveries[types]'],
    [{ deliveries: { timing: 'never' } }, 'deliveries[timing]'],
    [{ deliveries: [] }, 'deliveries'],
    [{ seed: 1.5 }, 'seed'],
  ])('refuses %j', async (chaos, param) => {
    await expect(shop.control.setChaos(chaos)).rejects.toMatchObject({
      status: 400,
      body: { param },
    })
  })
})

describe('rate limits', () => {
  it('are token buckets of the account and of the endpoint, named in the answer', async () => {
    const limited = await openShop({ rateLimit: 30 })
    try {
      const answers = await Promise.allSettled(
        Array.from({ length: 40 }, (_, n) =>
          n % 2 === 0 ? limited.stripe.customers.list() : limited.stripe.products.list(),
        ),
      )
      const refused = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(refused.length).toBeGreaterThan(0)
      expect(refused[0]).toBeInstanceOf(Stripe.errors.StripeRateLimitError)
      expect(refused[0].headers['stripe-rate-limited-reason']).toBe('global-rate')
      expect((await limited.control.stats()).rate_limited).toBe(refused.length)
    } finally {
      await limited.close()
    }
  })

  it('of one endpoint bind before those of the account', async () => {
    const limited = await openShop({ rateLimit: 100 })
    try {
      const answers = await Promise.allSettled(
        Array.from({ length: 60 }, () => limited.stripe.customers.list()),
      )
      const refused = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(refused[0]?.headers['stripe-rate-limited-reason']).toBe('endpoint-rate')
    } finally {
      await limited.close()
    }
  })
})
