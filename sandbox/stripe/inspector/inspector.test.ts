import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { visit, type Tab } from '../testing/browse.ts'
import { chargeOf, openShop, type Shop } from '../testing/shop.ts'

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

describe('the page of a charge', () => {
  const desk = async (card?: string): Promise<{ charge: string; page: () => Promise<Tab> }> => {
    const charge = chargeOf(await shop.sell(card)).id
    return { charge, page: () => look(`/objects/charge/${charge}`) }
  }
  /** Presses the button with a test id, its own form's fields typed over by name. */
  const press = async (
    tab: Tab,
    button: string,
    typed: Record<string, string> = {},
  ): Promise<Tab> => {
    const forms = tab.html.split('<form').slice(1)
    const form = forms.find((one) => one.includes(`data-testid="${button}"`)) ?? ''
    const fields = Object.fromEntries(
      [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    )
    return post('trigger', { ...fields, ...typed })
  }

  it('gives back a part, then the rest, as in the Dashboard', async () => {
    const { charge, page } = await desk()
    const first = await page()
    expect(first.attributeOf('refund-amount', 'value')).toBe('24.00')
    const done = await press(first, 'refund', { amount: '4,50', reason: 'duplicate' })
    expect(done.location).toBe(`/objects/charge/${charge}`)
    const second = await page()
    expect(second.html).toContain('€4.50 given back')
    expect(second.attributeOf('refund-amount', 'value')).toBe('19.50')
    await press(second, 'refund', { amount: '' })
    expect((await page()).html).toContain('Everything was given back.')
    const refunds = await shop.stripe.refunds.list({ charge })
    expect(refunds.data).toMatchObject([
      { amount: 1_950, metadata: {}, reason: null },
      { amount: 450, metadata: {}, reason: 'duplicate' },
    ])
    expect(await shop.eventTypes(refunds.data[0]?.id)).toContain('refund.created')
  })

  it('gives back in silence when it is told to', async () => {
    const { charge, page } = await desk()
    await press(await page(), 'refund', { silent: 'yes' })
    expect(await shop.stripe.charges.retrieve(charge)).toMatchObject({ refunded: true })
    const [refund] = (await shop.stripe.refunds.list({ charge })).data
    expect(await shop.eventTypes(refund?.id)).toEqual([])
  })

  it.each([
    ['much', 'is not an amount'],
    ['1.234', 'is not an amount'],
    ['24.01', 'greater than unrefunded amount'],
    ['0', 'Invalid positive integer'],
  ])('says what is wrong with the amount %s', async (amount, words) => {
    const { page } = await desk()
    const refused = await press(await page(), 'refund', { amount })
    expect(refused.status).toBe(400)
    expect(refused.html).toContain(words)
  })

  it('lets a refund fail, and one on its way succeed or be called off', async () => {
    const { charge, page } = await desk('4000000000007726')
    const statuses = async (): Promise<unknown[]> =>
      (await shop.stripe.refunds.list({ charge })).data.map((one) => one.status)
    await press(await page(), 'refund', { amount: '1' })
    await press(await page(), 'refund.updated')
    expect(await statuses()).toEqual(['succeeded'])
    await press(await page(), 'refund.fail')
    expect(await statuses()).toEqual(['failed'])
    expect((await page()).html).not.toContain('data-testid="refund.fail"')
    await press(await page(), 'refund', { amount: '1' })
    await press(await page(), 'refund.cancel')
    expect(await statuses()).toEqual(['canceled', 'failed'])
  })

  it('opens a dispute and decides it', async () => {
    const { charge, page } = await desk()
    await press(await page(), 'dispute', { amount: '10', reason: 'product_not_received' })
    const disputed = await page()
    expect(disputed.html).toContain('A disputed charge cannot be refunded.')
    expect(disputed.html).toContain('€10.00 disputed')
    await press(disputed, 'dispute.win')
    const [won] = (await shop.stripe.disputes.list({ charge })).data
    expect(won).toMatchObject({ status: 'won', amount: 1_000, reason: 'product_not_received' })
    await press(await page(), 'dispute', { inquiry: 'yes' })
    await press(await page(), 'dispute.escalate')
    await press(await page(), 'dispute.lose')
    const [lost] = (await shop.stripe.disputes.list({ charge })).data
    expect(lost).toMatchObject({ status: 'lost', amount: 2_400 })
    expect((await page()).html).toContain('lost to a dispute')
  })

  it('raises an early fraud warning', async () => {
    const { charge, page } = await desk()
    await press(await page(), 'warn', { fraud_type: 'made_with_stolen_card' })
    expect((await shop.stripe.radar.earlyFraudWarnings.list({ charge })).data).toMatchObject([
      { fraud_type: 'made_with_stolen_card' },
    ])
    expect((await page()).html).toMatch(/made with stolen card[\s\S]*actionable/)
  })

  it('offers nothing for what took no money', async () => {
    const session = await shop.checkout()
    await shop.control.pay({ session: session.id, card: '4000000000000002' })
    const [charge] = (await shop.stripe.charges.list({ limit: 1 })).data
    const page = await look(`/objects/charge/${charge?.id}`)
    expect(page.status).toBe(200)
    expect(page.html).not.toContain('data-testid="refund"')
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
