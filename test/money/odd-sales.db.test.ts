import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import {
  currentBackend,
  pollEvents,
  sweepPayments,
  syncCheckout,
  syncPayment,
} from '#modules/payments/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import { loseSale } from '../lost-sales.ts'
import {
  accessOf,
  brokenInvariants,
  buy,
  fulfilledOnce,
  lineOf,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  sessionOf,
  start,
  stateOf,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { signUp } from '../people.ts'
import { until } from '../until.ts'

// Sales that go another way than the usual: each of these lost, doubled or leaked something once.
const money = useMoney()
const minute = 60_000

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

const pay = async (session: string, email = 'ada@example.com') =>
  (await money.sandbox.control.pay({ session, email })).payment_intent ?? ''

/** No event arrives by itself. */
const silence = () => money.sandbox.control.setChaos({ deliveries: { drop: 1 } })

test('a checkout that cannot be settled here does not keep the sweep from the others, nor from refunds', async () => {
  await silence()
  const poison = await buy(await makeProduct())
  const other = await buy(await makeProduct())
  await pay(poison.sessionId)
  await pay(other.sessionId)
  // As a newer version of the program would have written it.
  await db()
    .updateTable('checkout')
    .set({ payable: 'gift', sync_due_at: sql`clock_now() - interval '1 hour'` })
    .where('id', '=', poison.checkoutId)
    .execute()
  await db()
    .updateTable('checkout')
    .set({ sync_due_at: sql`clock_now() - interval '1 minute'` })
    .where('id', '=', other.checkoutId)
    .execute()
  await expect(sweepPayments()).rejects.toThrow('gift')
  expect(await outcomeOf(other.checkoutId)).toEqual(fulfilledOnce)
  await db()
    .updateTable('checkout')
    .set({ payable: 'order' })
    .where('id', '=', poison.checkoutId)
    .execute()
  await syncCheckout(poison.checkoutId, { cause: 'test', lane: 'person' })
})

test('an address that our own forms would refuse is no reason to keep the goods back', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  // Some phone companies give out such addresses.
  await pay(sessionId, 'Hana..Sato.@docomo.example')
  await untilPaid(checkoutId)
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  const order = await db()
    .selectFrom('shop_order')
    .select('email')
    .where('checkout_id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  expect(order.email).toBe('hana..sato.@docomo.example')
})

test('a member who changed the address while paying gets the receipt at the new one [commerce 25]', async () => {
  const { actor } = await signUp('old@example.com')
  const { checkoutId, sessionId } = await buy(await makeProduct(), {
    id: actor.memberId,
    email: 'old@example.com',
  })
  await db()
    .updateTable('member')
    .set({ email: 'new@example.com' })
    .where('id', '=', actor.memberId)
    .execute()
  await pay(sessionId, 'wallet@example.com')
  await untilPaid(checkoutId)
  const receipts = await db()
    .selectFrom('email_message')
    .innerJoin('shop_order', (join) =>
      join.on(sql<boolean>`email_message.entity_key = shop_order.id::text || ':first'`),
    )
    .select(['email_message.to_address', 'shop_order.email'])
    .where('shop_order.checkout_id', '=', checkoutId)
    .execute()
  expect(receipts).toEqual([{ to_address: 'new@example.com', email: 'new@example.com' }])
})

test('a payment of another amount that the owner gives back at Stripe leaves nothing waiting', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await money.sandbox.control.drift(sessionId, { amount_total: 1100 })
  const intent = await pay(sessionId)
  await until('it is put aside', async () => (await stateOf(checkoutId)) === 'failed')
  await stripeItself().refunds.create({ payment_intent: intent })
  await until('its events are worked off', async () => {
    const states = await db()
      .selectFrom('stripe_event')
      .select('state')
      .where('group_key', '=', intent)
      .where('type', '=', 'charge.refunded')
      .execute()
    return states.length > 0 && states.every((event) => event.state === 'ignored')
  })
  expect(await outcomeOf(checkoutId)).toMatchObject({ state: 'failed', orders: 0 })
})

test('a bank debit for a checkout that was given up here is waited for, then delivered', async () => {
  await silence()
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await db()
    .updateTable('checkout')
    .set({ state: 'failed', failure: 'Stripe made no session.', sync_due_at: null })
    .where('id', '=', checkoutId)
    .execute()
  await money.sandbox.control.pay({
    session: sessionId,
    email: 'ada@example.com',
    method: 'bank_debit',
  })
  const look = () => syncCheckout(checkoutId, { cause: 'test', lane: 'person' })
  expect((await look())?.state).toBe('awaiting_payment')
  await money.sandbox.control.settleAsync({ session: sessionId, outcome: 'succeeded' })
  await passTimeEverywhere(money, 6 * 60 * minute + minute)
  await until('the sweep found it', async () => {
    await sweepPayments()
    return (await stateOf(checkoutId)) === 'paid'
  })
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
})

test('a session that Stripe does not know any more ends its checkout instead of being asked for for ever', async () => {
  const { checkoutId } = await buy(await makeProduct())
  await db()
    .updateTable('checkout')
    .set({ stripe_session_id: 'cs_test_gone', sync_due_at: sql`clock_now()` })
    .where('id', '=', checkoutId)
    .execute()
  await sweepPayments()
  const row = await db()
    .selectFrom('checkout')
    .select(['state', 'failure', 'sync_due_at'])
    .where('id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  expect(row).toMatchObject({ state: 'failed', sync_due_at: null })
  expect(row.failure).toContain('does not know')
})

test('events of ten days without this shop are read although the one it stopped at is gone', async () => {
  const sale = await buy(await makeProduct())
  const intent = await pay(sale.sessionId)
  await untilPaid(sale.checkoutId)
  await untilInboxIsEmpty()
  await silence()
  await pollEvents(await now(db()))
  await stripeItself().refunds.create({ payment_intent: intent })
  await db()
    .updateTable('stripe_cursor')
    .set({ last_event_id: 'evt_gone', last_event_at: sql`clock_now()` })
    .execute()
  await passTimeEverywhere(money, 10 * 24 * 60 * minute)
  await pollEvents(await now(db()))
  await untilInboxIsEmpty()
  expect(await accessOf(sale.checkoutId)).toEqual([{ state: 'revoked', reason: 'refunded' }])
})

test('of more events than are taken at once, the oldest are taken first, so that none is passed over', async () => {
  await silence()
  const product = await makeProduct()
  const sell = async () => pay((await buy(product)).sessionId)
  for (let round = 0; round < 11; round++) await Promise.all(Array.from({ length: 10 }, sell))
  const { gateway } = await currentBackend()
  const since = { since: new Date((await now(db())).getTime() - 3 * 24 * 60 * minute) }
  const all = await gateway.listEvents(since, 5_000, 'background')
  expect(all.length).toBeGreaterThan(100)
  const some = await gateway.listEvents(since, 40, 'background')
  expect(some.map((event) => event.id)).toEqual(all.slice(0, 40).map((event) => event.id))
  await passTimeEverywhere(money, 6 * minute)
  await pollEvents(await now(db()))
  await untilInboxIsEmpty()
})

/** As if the database came back from a copy that is older than the sale. */
test('a sale that a restored database does not know is taken up again from what Stripe keeps of it', async () => {
  await silence()
  const { actor } = await signUp('grace@example.com')
  const product = await makeProduct('Field “Notes”')
  const sale = await buy(product, { id: actor.memberId, email: actor.email })
  await pay(sale.sessionId, 'wallet@example.com')
  const refunded = await buy(product)
  const intent = await pay(refunded.sessionId, 'bob@example.com')
  await stripeItself().refunds.create({ payment_intent: intent })
  await loseSale(sale.checkoutId)
  await loseSale(refunded.checkoutId)
  // The refund is heard of first, and waits for its sale.
  await expect(syncPayment(intent, { cause: 'test', lane: 'event' })).rejects.toThrow('sale')
  await passTimeEverywhere(money, 6 * minute)
  await until('both are there', async () => {
    await passTimeEverywhere(money, minute)
    await pollEvents(await now(db()))
    return (await accessOf(refunded.checkoutId))[0]?.reason === 'refunded'
  })
  await untilInboxIsEmpty()
  expect(await outcomeOf(sale.checkoutId)).toEqual(fulfilledOnce)
  const order = await db()
    .selectFrom('shop_order')
    .innerJoin('customer', 'customer.id', 'shop_order.customer_id')
    .innerJoin('order_line', 'order_line.order_id', 'shop_order.id')
    .select(['customer.member_id', 'shop_order.email', 'order_line.title', 'order_line.product_id'])
    .where('checkout_id', '=', sale.checkoutId)
    .executeTakeFirstOrThrow()
  expect(order).toEqual({
    member_id: actor.memberId,
    email: 'grace@example.com',
    title: 'Field “Notes”',
    product_id: product.productId,
  })
})

test('a sale of a part that a restored database does not know is told in words, and delivered nowhere', async () => {
  await silence()
  const [bundle, part] = [await makeProduct('Both', 1500), await makeProduct('The lost part')]
  const started = await start(
    lineOf(part, {
      priceId: bundle.priceId,
      unitMinor: 1500,
      bundle: { productId: bundle.productId, title: 'Both', at: 0 },
    }),
  )
  const checkoutId = started.ok ? started.checkoutId : ''
  const sessionId = await sessionOf(checkoutId)
  await pay(sessionId)
  await loseSale(checkoutId)
  await inTransaction(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx)
    await tx.deleteFrom('product').where('id', '=', part.productId).execute()
  })
  await passTimeEverywhere(money, 6 * minute)
  await pollEvents(await now(db()))
  const told = await until('its event says why', async () => {
    const row = await db()
      .selectFrom('stripe_event')
      .select('last_error')
      .where('object_id', '=', sessionId)
      .where('last_error', 'is not', null)
      .executeTakeFirst()
    return row?.last_error ?? undefined
  })
  expect(told).toContain('is a sale of "The lost part", which this database does not know')
  expect(await outcomeOf(checkoutId)).toBeUndefined()
  // It would be tried again and again, and wait for the owner in the end.
  await db()
    .updateTable('stripe_event')
    .set({ state: 'ignored', handled_at: sql`clock_now()` })
    .where('object_id', '=', sessionId)
    .execute()
})

test('what another shop sold through the same Stripe account is not taken up, whatever its notes say', async () => {
  await silence()
  const product = await makeProduct()
  const sale = await buy(product)
  await pay(sale.sessionId)
  const { metadata } = await stripeItself().checkout.sessions.retrieve(sale.sessionId)
  await money.sandbox.control.drift(sale.sessionId, {
    metadata: { ...metadata, seal: 'x'.repeat(32) },
  })
  await loseSale(sale.checkoutId)
  await passTimeEverywhere(money, 6 * minute)
  await pollEvents(await now(db()))
  await untilInboxIsEmpty()
  expect(await outcomeOf(sale.checkoutId)).toBeUndefined()
})
