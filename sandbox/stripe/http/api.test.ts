import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API_VERSION } from '../api-version.ts'
import { openShop, refusal, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(shop.url + path, {
    ...init,
    headers: { authorization: 'Bearer sk_test_sandbox', ...init.headers },
  })

it('speaks the version the installed SDK is made for', () => {
  expect(shop.stripe.getApiField('version')).toBe(API_VERSION)
})

describe('what the SDK makes of refusals', () => {
  it('a wrong parameter is an invalid request with its name', async () => {
    const error = await refusal(
      // Not in the typings, which is the point.
      shop.stripe.customers.create({ nonsense: 'x' } as Stripe.CustomerCreateParams),
    )
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    expect(error).toMatchObject({ statusCode: 400, code: 'parameter_unknown', param: 'nonsense' })
  })

  it('an unknown id in a path is 404, in a body 400', async () => {
    const inPath = await refusal(shop.stripe.customers.retrieve('cus_none'))
    expect(inPath).toMatchObject({ statusCode: 404, code: 'resource_missing', param: 'id' })
    const inBody = await refusal(shop.checkout({ customer: 'cus_none' }))
    expect(inBody).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' })
  })

  it('a wrong key is an authentication error', async () => {
    const error = await refusal(shop.client('sk_live_abcdefgh').customers.list())
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
    expect(error.statusCode).toBe(401)
  })

  it('a declined card is a card error with the intent it failed on', async () => {
    const error = await refusal(
      shop.stripe.paymentIntents.create({
        amount: 500,
        currency: 'eur',
        payment_method: 'pm_card_chargeDeclined',
        confirm: true,
        return_url: 'https://shop.test/',
      }),
    )
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError)
    expect(error).toMatchObject({
      statusCode: 402,
      code: 'card_declined',
      decline_code: 'generic_decline',
      payment_intent: { status: 'requires_payment_method' },
    })
    expect(error.requestId).toMatch(/^req_/)
  })

  it('a path nobody serves says so', async () => {
    const answer = await ask('/v1/terminal/readers')
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({
      error: {
        message: expect.stringContaining('Unrecognized request URL (GET: /v1/terminal/readers)'),
      },
    })
  })

  it('what Stripe has and the sandbox does not is refused in plain words', async () => {
    const error = await refusal(shop.checkout({ automatic_tax: { enabled: true } }))
    expect(error).toMatchObject({
      statusCode: 400,
      code: 'not_in_this_sandbox',
      param: 'automatic_tax[enabled]',
    })
    expect(error.message).toContain('not in this sandbox yet')
  })

  it('the parameter that this version took away has an error of its own', async () => {
    const answer = await ask('/v1/payment_intents', {
      method: 'POST',
      body: 'amount=500&currency=eur&payment_method_types[]=card',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'payment_method_types_no_longer_supported',
        param: 'payment_method_types',
      },
    })
  })
})

describe('headers', () => {
  it('name the request, its version and where the log of a refusal is', async () => {
    const answer = await ask('/v1/customers/cus_none')
    expect(answer.headers.get('request-id')).toMatch(/^req_/)
    expect(answer.headers.get('stripe-version')).toBe(API_VERSION)
    expect(answer.headers.get('stripe-should-retry')).toBe('false')
    const { error } = (await answer.json()) as { error: Record<string, string> }
    expect(error['request_log_url']).toContain(answer.headers.get('request-id'))
    expect(error['doc_url']).toBe('https://stripe.com/docs/error-codes/resource-missing')
  })

  it('of another version are refused, of a later month of the same name are not', async () => {
    const old = await ask('/v1/customers', { headers: { 'stripe-version': '2024-06-20' } })
    expect(old.status).toBe(400)
    const later = await ask('/v1/customers', { headers: { 'stripe-version': '2026-11-25.endive' } })
    expect(later.status).toBe(200)
    expect(later.headers.get('stripe-version')).toBe('2026-11-25.endive')
  })
})

describe('bodies', () => {
  it('of more than a megabyte are refused', async () => {
    const answer = await ask('/v1/customers', {
      method: 'POST',
      body: `description=${'x'.repeat(1_100_000)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }).catch((error: unknown) => error)
    // The refusal may overtake the upload, which then breaks off.
    if (answer instanceof Response) expect(answer.status).toBe(413)
    else expect(answer).toBeInstanceOf(TypeError)
    expect((await ask('/v1/customers')).status).toBe(200)
  })

  it('with a text of more than 5000 characters are refused by its name', async () => {
    const error = await refusal(shop.stripe.customers.create({ name: 'x'.repeat(5_001) }))
    expect(error).toMatchObject({ statusCode: 400, param: 'name' })
    const email = `${'.'.repeat(4_000)}@${'.'.repeat(900)}`
    expect((await refusal(shop.stripe.customers.create({ email }))).code).toBe('email_invalid')
  })

  it('with a null character are refused and harm nobody', async () => {
    const answer = await ask('/v1/customers', { method: 'POST', body: 'name=a%00b' })
    expect(answer.status).toBe(400)
    expect((await ask('/v1/customers/cus_%00')).status).toBe(404)
  })
})

describe('accounts', () => {
  it('of different keys are worlds of their own', async () => {
    const other = shop.client('sk_test_other')
    const customer = await other.customers.create({ name: 'Elsewhere' })
    expect(await refusal(shop.stripe.customers.retrieve(customer.id))).toMatchObject({
      statusCode: 404,
    })
    const mine = await shop.stripe.accounts.retrieveCurrent()
    const theirs = await other.accounts.retrieveCurrent()
    expect(mine.id).toMatch(/^acct_/)
    expect(theirs.id).not.toBe(mine.id)
  })
})

describe('expanding', () => {
  it('goes four levels deep and through lists', async () => {
    const intent = await shop.sell()
    const page = await shop.stripe.checkout.sessions.list({
      payment_intent: intent.id,
      expand: ['data.payment_intent.latest_charge.balance_transaction'],
    })
    const [session] = page.data
    expect(session?.payment_intent).toMatchObject({
      id: intent.id,
      latest_charge: { balance_transaction: { type: 'charge', fee: 100 } },
    })
  })

  it('brings what is left out unless asked for', async () => {
    const session = await shop.checkout()
    expect(session.line_items).toBeUndefined()
    const full = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['line_items.data.price.product'],
    })
    expect(full.line_items?.data[0]).toMatchObject({
      amount_total: 2400,
      price: { product: { name: 'Workbook' } },
    })
  })

  it('works on the answer of a write too', async () => {
    const customer = await shop.stripe.customers.create({ email: 'a@example.com' })
    const session = await shop.checkout({ customer: customer.id, expand: ['customer'] })
    expect(session.customer).toMatchObject({ email: 'a@example.com' })
  })

  it.each([['amount_total'], ['nonsense'], ['a.b.c.d.e']])(
    'refuses %s, which is no object',
    async (path) => {
      const session = await shop.checkout()
      const error = await refusal(
        shop.stripe.checkout.sessions.retrieve(session.id, { expand: [path] }),
      )
      expect(error).toMatchObject({ statusCode: 400, param: 'expand' })
    },
  )
})

describe('paging', () => {
  it('the SDK walks a list of several pages, both ways', async () => {
    const stripe = shop.client('sk_test_paging')
    const made: string[] = []
    for (let n = 0; n < 25; n += 1) made.push((await stripe.customers.create({ name: `${n}` })).id)
    const walked: string[] = []
    for await (const customer of stripe.customers.list({ limit: 10 })) walked.push(customer.id)
    expect(walked).toEqual([...made].reverse())
    const back: string[] = []
    for await (const customer of stripe.customers.list({ limit: 10, ending_before: made[0] }))
      back.push(customer.id)
    expect(back).toEqual(made.slice(1))
  })

  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 101 }, 'limit'],
    [{ starting_after: 'cus_none' }, 'starting_after'],
    [{ ending_before: 'cus_none' }, 'ending_before'],
  ])('refuses %j', async (params, param) => {
    expect(await refusal(shop.stripe.customers.list(params))).toMatchObject({
      statusCode: 400,
      param,
    })
  })

  it('filters by when a thing was made', async () => {
    const stripe = shop.client('sk_test_created')
    const before = await stripe.customers.create({ name: 'before' })
    await shop.control.advance('1h')
    const after = await stripe.customers.create({ name: 'after' })
    const since = await stripe.customers.list({ created: { gte: after.created } })
    expect(since.data.map((one) => one.name)).toEqual(['after'])
    const until = await stripe.customers.list({ created: { lt: after.created } })
    expect(until.data.map((one) => one.name)).toEqual(['before'])
    const exactly = await stripe.customers.list({ created: before.created })
    expect(exactly.data.map((one) => one.name)).toEqual(['before'])
  })
})
