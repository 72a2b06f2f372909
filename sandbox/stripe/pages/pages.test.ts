import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { visit } from '../testing/browse.ts'
import { chargeOf, idOf, openShop, type Shop } from '../testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const CARD = {
  email: 'buyer@example.com',
  'card-number': '4242 4242 4242 4242',
  'card-expiry': '12 / 40',
  'card-cvc': '123',
  'card-name': 'Ann Buyer',
  'card-country': 'CH',
}

describe('the payment page', () => {
  it('shows what is bought, takes a card without script, and leads to the success address', async () => {
    const session = await shop.checkout({
      line_items: [
        {
          price_data: { currency: 'eur', unit_amount: 1250, product_data: { name: 'A <b>ook' } },
          quantity: 2,
        },
      ],
    })
    const page = await visit(session.url ?? '')
    expect(page.status).toBe(200)
    expect(page.html).toContain('A &lt;b&gt;ook')
    expect(page.html).toMatch(/2 ×\s+€12\.50/)
    expect(page.textOf('pay')).toBe('Pay €25.00')
    expect(page.html).toContain('SANDBOX')
    expect(page.attributeOf('cancel-link', 'href')).toBe('https://shop.test/cart')
    const after = await page.submit(CARD)
    expect(after.status).toBe(303)
    expect(after.location).toBe(`https://shop.test/done?session=${session.id}`)
    expect(await shop.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      payment_status: 'paid',
      customer_details: {
        email: 'buyer@example.com',
        name: 'Ann Buyer',
        address: { country: 'CH' },
      },
    })
    const [intent] = (await shop.stripe.paymentIntents.list({ limit: 1 })).data
    const [event] = (await shop.stripe.events.list({ type: 'payment_intent.succeeded' })).data
    expect(event?.data.object).toMatchObject({ id: intent?.id })
    expect(event?.request?.id).toMatch(/^req_/)
  })

  it('keeps what was typed and says what is wrong, in the words of Stripe', async () => {
    const session = await shop.checkout()
    const page = await visit(session.url ?? '')
    for (const [typed, words, field] of [
      [{ email: '' }, 'Enter your email address.', 'email'],
      [{ email: 'half@' }, 'Your email address is incomplete.', 'email'],
      [{ 'card-number': '' }, 'Enter your card number.', 'card-number'],
      [{ 'card-number': '4242424242424241' }, 'Your card number is incorrect.', 'card-number'],
      [{ 'card-expiry': '1' }, "Your card's expiration date is incomplete.", 'card-expiry'],
      [{ 'card-expiry': '12/20' }, "Your card's expiration year is invalid.", 'card-expiry'],
      [{ 'card-expiry': '13/40' }, "Your card's expiration month is invalid.", 'card-expiry'],
      [{ 'card-cvc': '' }, "Your card's security code is invalid.", 'card-cvc'],
      [{ 'card-number': '4000000000000002' }, 'Your card was declined.', 'card-number'],
      [{ 'card-number': '4000000000009995' }, 'Your card has insufficient funds.', 'card-number'],
    ] as const) {
      const again = await page.submit({ ...CARD, ...typed })
      expect(again.status).toBe(402)
      expect(again.textOf('error')).toBe(words)
      expect(again.attributeOf(field, 'aria-invalid')).toBe('true')
      expect(again.attributeOf('card-name', 'value')).toBe('Ann Buyer')
    }
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
    const paid = await (await page.submit({ ...CARD, email: '' })).submit(CARD)
    expect(paid.location).toContain('/done?session=')
  })

  it('sent twice pays once; the second is led on as the first was', async () => {
    const session = await shop.checkout()
    const page = await visit(session.url ?? '')
    const answers = await Promise.all([page.submit(CARD), page.submit(CARD), page.submit(CARD)])
    expect(new Set(answers.map((one) => one.location))).toEqual(
      new Set([`https://shop.test/done?session=${session.id}`]),
    )
    const { payment_intent } = await shop.stripe.checkout.sessions.retrieve(session.id)
    const charges = await shop.stripe.charges.list({ payment_intent: idOf(payment_intent) })
    expect(charges.data).toHaveLength(1)
  })

  it('knows the buyer whose customer has an address', async () => {
    const customer = await shop.stripe.customers.create({ email: 'known@example.com' })
    const session = await shop.checkout({ customer: customer.id })
    const page = await visit(session.url ?? '')
    expect(page.textOf('email')).toBe('known@example.com')
    const { email: _email, ...card } = CARD
    expect((await page.submit(card)).status).toBe(303)
  })

  it('takes a bank debit, which pays later', async () => {
    const session = await shop.checkout()
    const page = await visit(session.url ?? '')
    const after = await page.submit({ email: CARD.email, 'card-name': 'Ann', 'bank-debit': 'x' })
    expect(after.location).toContain('/done?session=')
    expect(await shop.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
    })
    expect((await visit(page.url)).html).toContain('Your payment is on its way')
  })

  it('asks for no card when nothing is to be paid', async () => {
    const session = await shop.checkout({}, 0)
    const page = await visit(session.url ?? '')
    expect(page.textOf('pay')).toBe('Complete order')
    expect(page.html).not.toContain('card-number')
    expect((await page.submit({ email: CARD.email })).status).toBe(303)
  })

  it('offers only what the seller allows', async () => {
    const session = await shop.checkout({ excluded_payment_method_types: ['sepa_debit'] })
    const page = await visit(session.url ?? '')
    expect(page.html).not.toContain('bank-debit')
    const forced = await visit(page.url, {
      method: 'POST',
      body: new URLSearchParams({
        email: CARD.email,
        method: 'bank_debit',
        card_name: 'Ann',
        bank_account: 'DE89370400440532013000',
      }),
    })
    expect(forced.textOf('error')).toBe('The shop does not take this payment method.')
  })

  it('fills in a test card on request', async () => {
    const session = await shop.checkout()
    const page = await visit(`${session.url}?fill=4000000000000002`)
    expect(page.attributeOf('card-number', 'value')).toBe('4000 0000 0000 0002')
    expect((await page.submit({ email: CARD.email })).textOf('error')).toBe(
      'Your card was declined.',
    )
  })

  it('when the session is over says so, and leads on', async () => {
    const paid = await shop.checkout()
    await shop.control.pay({ session: paid.id })
    const done = await visit(`${shop.url}/c/pay/${paid.id}`)
    expect(done.html).toContain('This order is paid')
    expect(done.attributeOf('continue', 'href')).toBe(`https://shop.test/done?session=${paid.id}`)
    const expired = await shop.checkout()
    await shop.stripe.checkout.sessions.expire(expired.id)
    const gone = await visit(`${shop.url}/c/pay/${expired.id}`)
    expect(gone.status).toBe(410)
    expect(gone.html).toContain('Nothing was charged')
    expect(gone.attributeOf('cancel-link', 'href')).toBe('https://shop.test/cart')
  })

  it('of no session is not there', async () => {
    for (const path of ['/c/pay/cs_test_none', '/c/pay/', '/c/other/x', '/3ds/pi_none', '/r/x'])
      expect((await visit(shop.url + path)).status).toBe(404)
    expect((await visit(`${shop.url}/c/pay/cs_test_none`, { method: 'DELETE' })).status).toBe(405)
  })

  it('lets no script run, loads nothing, and leads only to where it should', async () => {
    const session = await shop.checkout()
    const page = await visit(session.url ?? '')
    expect(page.html).not.toMatch(
      /<script|javascript:|\son\w+=|<img|<link|https?:\/\/(?!shop\.test)/,
    )
    const policy = page.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self' https://shop.test;")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('labels every field', async () => {
    const session = await shop.checkout()
    const { html } = await visit(session.url ?? '')
    for (const [, id] of html.matchAll(/<(?:input|select)[^>]*\sid="([^"]+)"/g))
      expect(html).toContain(`<label for="${id}"`)
  })
})

describe('the 3D Secure page', () => {
  it.each([
    ['3ds-complete', 'paid'],
    ['3ds-fail', 'unpaid'],
  ])('[payments 55] %s', async (button, status) => {
    const session = await shop.checkout()
    const page = await visit(session.url ?? '')
    const sent = await page.submit({ ...CARD, 'card-number': '4000002760003184' })
    expect(sent.status).toBe(303)
    const question = await visit(new URL(sent.location ?? '', shop.url).href)
    expect(question.html).toContain('ending in 3184')
    const answered = await question.submit({}, button)
    expect(answered.status).toBe(303)
    expect((await shop.stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe(status)
    if (status === 'paid') {
      expect(answered.location).toBe(`https://shop.test/done?session=${session.id}`)
      // Answering once more leads to the same place and charges nothing.
      expect((await question.submit({}, button)).location).toBe(answered.location)
      return
    }
    const back = await visit(new URL(answered.location ?? '', shop.url).href)
    expect(back.status).toBe(200)
    expect(back.textOf('error')).toContain('We are unable to authenticate your payment method.')
    expect((await back.submit(CARD)).location).toContain('/done?session=')
  })

  it('of an intent of its own returns to the program with what came of it', async () => {
    const intent = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      payment_method: 'pm_card_authenticationRequired',
      confirm: true,
      return_url: 'https://shop.test/back?order=1',
    })
    const url = intent.next_action?.redirect_to_url?.url ?? ''
    const after = await (await visit(url)).submit({}, '3ds-complete')
    const target = new URL(after.location ?? '')
    expect(target.origin + target.pathname).toBe('https://shop.test/back')
    expect(Object.fromEntries(target.searchParams)).toEqual({
      order: '1',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: 'succeeded',
    })
    expect((await visit(url)).html).toContain('Your bank has its answer')
  })

  it('opens only with the secret', async () => {
    const intent = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      payment_method: 'pm_card_authenticationRequired',
      confirm: true,
    })
    expect((await visit(`${shop.url}/3ds/${intent.id}`)).status).toBe(404)
    expect((await visit(`${shop.url}/3ds/${intent.id}?client_secret=x`)).status).toBe(404)
  })
})

describe('a payment page with a coupon', () => {
  it('shows subtotal, the coupon by its name and the total, as the receipt does', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 25, name: 'Spring <sale>' })
    const session = await shop.checkout({ discounts: [{ coupon: coupon.id }] })
    const page = await visit(session.url ?? '')
    const rows = ['subtotal', 'discount', 'total'].map(
      (row) => new RegExp(`data-testid="${row}"[\\s\\S]*?</li>`).exec(page.html)?.[0],
    )
    expect(rows[0]).toContain('€24.00')
    expect(rows[1]).toContain('Spring &lt;sale&gt;')
    expect(rows[1]).toContain('-€6.00')
    expect(rows[2]).toContain('€18.00')
    expect(page.textOf('pay')).toBe('Pay €18.00')
    await page.submit(CARD)
    const [intent] = (
      await shop.stripe.paymentIntents.list({ limit: 1, expand: ['data.latest_charge'] })
    ).data
    if (intent === undefined) throw new Error('Nothing was paid')
    const receipt = await visit(chargeOf(intent).receipt_url ?? '')
    for (const words of ['€24.00', 'Spring &lt;sale&gt;', '-€6.00', '€18.00'])
      expect(receipt.html).toContain(words)
  })

  it('says when the coupon has run out, and takes no money', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 25, max_redemptions: 1 })
    const session = await shop.checkout({ discounts: [{ coupon: coupon.id }] })
    const open = await visit(session.url ?? '')
    const other = await shop.checkout({ discounts: [{ coupon: coupon.id }] })
    await shop.control.pay({ session: other.id })
    const refused = await open.submit(CARD)
    for (const page of [refused, await visit(session.url ?? '')]) {
      expect(page.status).toBe(410)
      expect(page.html).toContain('The discount can no longer be used')
      expect(page.attributeOf('cancel-link', 'href')).toBe('https://shop.test/cart')
    }
    expect(await shop.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'open',
      payment_intent: null,
    })
  })

  it('that takes off everything asks for no card', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 100 })
    const session = await shop.checkout({ discounts: [{ coupon: coupon.id }] })
    const page = await visit(session.url ?? '')
    expect(page.textOf('pay')).toBe('Complete order')
    expect(page.html).not.toContain('card-number')
    const done = await page.submit({ email: 'free@example.com' })
    expect(done.location).toBe(`https://shop.test/done?session=${session.id}`)
  })
})

it('the receipt tells what was paid and given back', async () => {
  const intent = await shop.sell()
  await shop.stripe.refunds.create({ payment_intent: intent.id, amount: 400 })
  const charge = intent.latest_charge
  if (charge === null || typeof charge === 'string') throw new Error('Not expanded')
  const page = await visit(charge.receipt_url ?? '')
  expect(page.html).toContain('€24.00')
  expect(page.html).toContain('€4.00')
})

describe('under a path of another server', () => {
  it('every address carries the path, and requests come without it', async () => {
    const inner = await openShop({ publicUrl: 'http://shop.test:3000/sandbox/' })
    try {
      const session = await inner.checkout({ after_expiration: { recovery: { enabled: true } } })
      expect(session.url).toBe(`http://shop.test:3000/sandbox/c/pay/${session.id}`)
      const page = await visit(`${inner.url}/c/pay/${session.id}`)
      expect(page.html).toContain(`action="/sandbox/c/pay/${session.id}"`)
      const sent = await visit(`${inner.url}/c/pay/${session.id}`, {
        method: 'POST',
        body: new URLSearchParams({
          email: CARD.email,
          card_number: '4000002760003184',
          card_expiry: '12/40',
          card_cvc: '123',
        }),
      })
      expect(sent.location).toMatch(/^\/sandbox\/3ds\/pi_/)
      const question = await visit(inner.url + (sent.location ?? '').replace('/sandbox', ''))
      expect(question.html).toContain('action="/sandbox/3ds/pi_')
      const error = await fetch(`${inner.url}/v1/customers/cus_none`, {
        headers: { authorization: 'Bearer sk_test_sandbox' },
      })
      expect(await error.text()).toContain('"http://shop.test:3000/sandbox/requests/req_')
    } finally {
      await inner.close()
    }
  })
})
