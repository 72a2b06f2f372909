import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { visit, type Tab } from '../testing/browse.ts'
import { openShop, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  await shop.control.putEndpoint({ url: shop.door.url, name: 'shop' })
})
afterAll(() => shop.close())

const authorization = `Basic ${Buffer.from('sk_test_sandbox:').toString('base64')}`
const look = (path: string): Promise<Tab> => visit(shop.url + path, { headers: { authorization } })
const tokenOf = (tab: Tab): string => /name="token" value="([^"]+)"/.exec(tab.html)?.[1] ?? ''
const post = (name: string, fields: Record<string, string>): Promise<Tab> =>
  visit(`${shop.url}/do/${name}`, { method: 'POST', body: new URLSearchParams(fields) })

describe('the inspector', () => {
  it('asks for a key', async () => {
    const refused = await visit(`${shop.url}/`)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('Basic')
    expect((await look('/')).status).toBe(200)
  })

  it('shows objects, events, deliveries and requests, linked with each other', async () => {
    const intent = await shop.sell()
    await shop.door.until(5)
    for (const kind of [
      'checkout.session',
      'payment_intent',
      'charge',
      'refund',
      'dispute',
      'radar.early_fraud_warning',
      'customer',
      'payment_method',
      'product',
      'price',
      'coupon',
      'balance_transaction',
      'webhook_endpoint',
    ])
      expect((await look(`/objects?kind=${kind}`)).status).toBe(200)
    const object = await look(`/objects/payment_intent/${intent.id}`)
    expect(object.html).toContain('payment_intent.succeeded')
    expect(object.html).toMatch(/href="\/objects\/charge\/ch_/)
    const events = await look('/events')
    const event = /href="(\/events\/evt_\w+)"/.exec(events.html)?.[1] ?? ''
    expect((await look(event)).html).toContain('checkout.session.completed')
    expect((await look('/deliveries')).html).toContain('Send again')
    const requests = await look('/requests')
    const request = /href="(\/requests\/req_\w+)"/.exec(requests.html)?.[1] ?? ''
    expect((await look(request)).status).toBe(200)
    expect((await look('/chaos')).status).toBe(200)
  })

  it('writes foreign words as words', async () => {
    await shop.stripe.customers.create({ name: '<img src=x onerror=alert(1)>' })
    const page = await look('/objects?kind=customer')
    expect(page.html).toContain('&lt;img src=x')
    expect(page.html).not.toContain('<img')
  })

  it('shows one account only', async () => {
    const other = await shop.client('sk_test_other').customers.create({ name: 'Not yours' })
    expect((await look('/objects?kind=customer')).html).not.toContain('Not yours')
    expect((await look(`/objects/customer/${other.id}`)).status).toBe(404)
  })

  it.each([
    ['/nonsense'],
    ['/objects/nonsense/x'],
    ['/objects/customer/cus_none'],
    ['/events/evt_none'],
    ['/requests/req_none'],
  ])('has no %s', async (path) => {
    expect((await look(path)).status).toBe(404)
  })
})

describe('its forms', () => {
  it('need the token of a page, and no key', async () => {
    expect((await post('advance', { by: '1d' })).status).toBe(403)
    expect((await post('advance', { by: '1d', token: 'wrong' })).status).toBe(403)
    const token = tokenOf(await look('/'))
    const before = await shop.control.clock()
    const done = await post('advance', { by: '1d', token, back: '/events' })
    expect(done.status).toBe(303)
    expect(done.location).toBe('/events')
    expect((await shop.control.clock()).offset_ms - before.offset_ms).toBe(86_400_000)
    expect((await post('clock-reset', { token })).status).toBe(303)
    expect((await shop.control.clock()).offset_ms).toBe(0)
  })

  it('send again, hold, release and make chaos', async () => {
    const token = tokenOf(await look('/'))
    const count = shop.door.arrivals.length
    const [delivery] = (await shop.control.deliveries()).data
    await post('redeliver', { token, id: delivery?.id ?? '' })
    await shop.door.until(count + 1)
    await post('hold', { token })
    expect((await shop.control.chaos()).chaos.deliveries.hold).toBe(true)
    await post('release', { token })
    await post('chaos', { token, seed: '5', 'deliveries[drop]': '0,5', 'api[slow]': '1' })
    expect((await shop.control.chaos()).chaos).toMatchObject({
      seed: 5,
      deliveries: { drop: 0.5, hold: false },
      api: { slow: 1 },
    })
    await post('calm', { token })
    expect((await shop.control.chaos()).chaos.deliveries.drop).toBe(0)
    expect((await post('chaos', { token, 'api[slow]': 'much' })).status).toBe(400)
    expect((await post('nonsense', { token })).status).toBe(404)
  })

  it('come back only to the inspector', async () => {
    const token = tokenOf(await look('/'))
    for (const back of ['https://evil.test/', '//evil.test', '/\\evil.test', '/a b'])
      expect((await post('calm', { token, back })).location).toBe('/')
  })
})
