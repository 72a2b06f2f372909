import Stripe from 'stripe'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const post = (key: string, body: string, path = '/v1/customers'): Promise<Response> =>
  fetch(shop.url + path, {
    method: 'POST',
    body,
    headers: { authorization: 'Bearer sk_test_sandbox', 'idempotency-key': key },
  })

it('the same key with the same parameters gives the same answer and makes one thing', async () => {
  const first = await post('k1', 'name=One&email=one%40example.com')
  const again = await post('k1', 'email=one%40example.com&name=One')
  expect(await again.text()).toBe(await first.text())
  expect(first.headers.get('idempotent-replayed')).toBeNull()
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(again.headers.get('original-request')).toBe(first.headers.get('request-id'))
  expect(again.headers.get('idempotency-key')).toBe('k1')
  expect(again.headers.get('request-id')).not.toBe(first.headers.get('request-id'))
  const found = await shop.stripe.customers.list({ email: 'one@example.com' })
  expect(found.data).toHaveLength(1)
})

it('the same key with other parameters, or for another path, is refused', async () => {
  await shop.stripe.customers.create({ name: 'One' }, { idempotencyKey: 'k2' })
  const other = await refusal(
    shop.stripe.customers.create({ name: 'Two' }, { idempotencyKey: 'k2' }),
  )
  expect(other).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
  expect(other.message).toContain('same parameters')
  const elsewhere = await refusal(
    shop.stripe.products.create({ name: 'One' }, { idempotencyKey: 'k2' }),
  )
  expect(elsewhere).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
  expect(elsewhere.message).toContain("('/v1/customers')")
})

it('ten at once with one key make one thing, whoever is told to come again', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => post('k3', 'email=three%40example.com')),
  )
  const statuses = answers.map((answer) => answer.status)
  expect(statuses).toContain(200)
  expect(statuses.every((status) => status === 200 || status === 409)).toBe(true)
  for (const answer of answers)
    if (answer.status === 409)
      expect(await answer.json()).toMatchObject({ error: { code: 'idempotency_key_in_use' } })
  const found = await shop.stripe.customers.list({ email: 'three@example.com' })
  expect(found.data).toHaveLength(1)
})

it('the SDK comes again by itself when another request has its key', async () => {
  const stripe = shop.client(undefined, { maxNetworkRetries: 3 })
  const made = await Promise.all(
    Array.from({ length: 4 }, () =>
      stripe.customers.create({ email: 'four@example.com' }, { idempotencyKey: 'k4' }),
    ),
  )
  expect(new Set(made.map((one) => one.id)).size).toBe(1)
})

it('a decline is kept under its key, a refused parameter is not', async () => {
  const declined = (): Promise<Response> =>
    post(
      'k5',
      'amount=500&currency=eur&payment_method=pm_card_chargeDeclined&confirm=true&return_url=https://shop.test',
      '/v1/payment_intents',
    )
  const first = await declined()
  const again = await declined()
  expect([first.status, again.status]).toEqual([402, 402])
  expect(await again.text()).toBe(await first.text())
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect((await post('k6', 'nonsense=1')).status).toBe(400)
  expect((await post('k6', 'name=Fine')).status).toBe(200)
})

it('what was done and answered with 500 is found again with the key', async () => {
  await shop.control.setChaos({
    api: { error_after: 1, times: 1, paths: ['/v1/checkout/sessions'] },
  })
  const body = {
    mode: 'payment' as const,
    line_items: [
      {
        price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Poster' } },
        quantity: 1,
      },
    ],
    success_url: 'https://shop.test/',
    client_reference_id: 'order 30',
  }
  const error = await refusal(shop.stripe.checkout.sessions.create(body, { idempotencyKey: 'k7' }))
  expect(error.statusCode).toBe(500)
  const session = await shop.stripe.checkout.sessions.create(body, { idempotencyKey: 'k7' })
  const all = await shop.stripe.checkout.sessions.list({ limit: 100 })
  expect(all.data.filter((one) => one.client_reference_id === 'order 30')).toHaveLength(1)
  expect(all.data.map((one) => one.id)).toContain(session.id)
})

it('a key is forgotten after a day', async () => {
  const first = await shop.stripe.customers.create({ name: 'Day' }, { idempotencyKey: 'k8' })
  await shop.control.advance('25h')
  const next = await shop.stripe.customers.create({ name: 'Day' }, { idempotencyKey: 'k8' })
  expect(next.id).not.toBe(first.id)
})

it('a key that is too long is refused', async () => {
  expect((await post('k'.repeat(256), 'name=Long')).status).toBe(400)
})
