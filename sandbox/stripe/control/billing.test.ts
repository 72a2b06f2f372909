import { afterAll, beforeAll, expect, it } from 'vitest'
import { idOf, openShop, refusal, type Shop } from '../testing/shop.ts'
import { aPayer, aPlan, invoicesOf, latestInvoice, subscribe } from '../testing/subscribing.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const ask = (method: string, body?: object): Promise<Response> =>
  fetch(`${shop.url}/_sandbox/billing`, {
    method,
    headers: { authorization: 'Bearer sk_test_sandbox' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

it('says and sets how unpaid invoices are asked for again', async () => {
  expect(await (await ask('GET')).json()).toEqual({
    retry_after_days: [3, 5, 6, 7],
    afterwards: 'cancel',
  })
  const set = await ask('PUT', { retry_after_days: [1], afterwards: 'leave_past_due' })
  expect(await set.json()).toEqual({ retry_after_days: [1], afterwards: 'leave_past_due' })
  for (const wrong of [
    { afterwards: 'forgive' },
    { retry_after_days: [0] },
    { retry_after_days: 3 },
  ])
    expect((await ask('PUT', wrong)).status).toBe(400)
  const payer = await aPayer(shop)
  const { id } = await subscribe(shop, payer.id, (await aPlan(shop)).id)
  const method = payer.invoice_settings.default_payment_method
  await shop.control.trigger({ event: 'payment_method.expire', payment_method: idOf(method) })
  await shop.control.advance('40d')
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('past_due')
  expect(await latestInvoice(shop, id)).toMatchObject({ status: 'open', attempt_count: 2 })
  await ask('PUT', {})
})

it('lets a card expire, and its bank renew it', async () => {
  const payer = await aPayer(shop)
  const { id } = await subscribe(shop, payer.id, (await aPlan(shop)).id)
  const method = idOf(payer.invoice_settings.default_payment_method)
  const before = (await shop.eventTypes()).length
  await shop.control.trigger({ event: 'payment_method.expire', payment_method: method })
  expect((await shop.eventTypes()).length).toBe(before)
  await shop.control.advance('32d')
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('past_due')
  await shop.control.trigger({
    event: 'payment_method.automatically_updated',
    payment_method: method,
  })
  await shop.control.advance('5d')
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('active')
})

it('[payments 73] changes a subscription and tells nobody', async () => {
  const payer = await aPayer(shop)
  const { id } = await subscribe(shop, payer.id, (await aPlan(shop)).id)
  const before = (await shop.eventTypes()).length
  await shop.control.drift(id, { status: 'past_due', metadata: { drifted: 'yes' } })
  expect(await shop.stripe.subscriptions.retrieve(id)).toMatchObject({
    status: 'past_due',
    metadata: { drifted: 'yes' },
  })
  expect((await shop.eventTypes()).length).toBe(before)
})

it('disputes what paid an invoice', async () => {
  const payer = await aPayer(shop)
  const { id } = await subscribe(shop, payer.id, (await aPlan(shop)).id)
  const [invoice] = await invoicesOf(shop, id)
  const dispute = await shop.control.trigger({
    event: 'charge.dispute.created',
    invoice: invoice?.id ?? '',
  })
  expect(dispute).toMatchObject({ object: 'dispute', amount: 2400 })
  const payments = await shop.stripe.invoicePayments.list({ invoice: invoice?.id ?? '' })
  expect(dispute['payment_intent']).toBe(payments.data[0]?.payment.payment_intent)
  const free = await shop.stripe.customers.create({})
  const trial = await subscribe(shop, free.id, (await aPlan(shop)).id, { trial_period_days: 3 })
  const nothing = shop.control.trigger({
    event: 'charge.dispute.created',
    invoice: idOf(trial.latest_invoice),
  })
  await expect(nothing).rejects.toThrow('not paid by a charge')
})

it('[payments 67] a customer that is deleted takes its subscriptions along', async () => {
  const payer = await aPayer(shop)
  const { id } = await subscribe(shop, payer.id, (await aPlan(shop)).id)
  await shop.stripe.customers.del(payer.id)
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe('canceled')
  expect((await refusal(subscribe(shop, payer.id, (await aPlan(shop)).id))).statusCode).toBe(400)
  await shop.control.advance('40d')
  expect(await invoicesOf(shop, id)).toHaveLength(1)
})

it.each([
  ['4242424242424242', undefined, 'paid', 'paid'],
  ['4000000000009995', undefined, 'declined', 'open'],
  ['4000002760003184', 'complete' as const, 'paid', 'paid'],
  ['4000002760003184', 'fail' as const, 'declined', 'open'],
  ['4000002760003184', undefined, 'requires_action', 'open'],
])('pays an open invoice with %s, %s: %s', async (card, authenticate, outcome, status) => {
  const payer = await aPayer(shop, 'pm_card_chargeCustomerFail')
  const { id } = await subscribe(shop, payer.id, (await aPlan(shop)).id)
  const [invoice] = await invoicesOf(shop, id)
  const paid = await shop.control.payInvoice({
    invoice: invoice?.id ?? '',
    card,
    ...(authenticate === undefined ? {} : { authenticate }),
  })
  expect(paid).toMatchObject({ outcome, status })
  expect((await shop.stripe.subscriptions.retrieve(id)).status).toBe(
    status === 'paid' ? 'active' : 'incomplete',
  )
})
