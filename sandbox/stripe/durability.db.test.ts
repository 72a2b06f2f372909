import type { Cluster } from './testing/postgres-cluster.ts'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { live, type Trace } from './conformance/trace.ts'
import { visit } from './testing/browse.ts'
import { openDoor } from './testing/door.ts'
import { startCluster } from './testing/postgres-cluster.ts'
import { runProgram } from './testing/program.ts'
import { openShop } from './testing/shop.ts'
import { aPayer, aPlan, at, subscribe } from './testing/subscribing.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.stop())

function clientOf(url: string): Stripe {
  const { hostname, port } = new URL(url)
  return new Stripe('sk_test_sandbox', {
    host: hostname,
    port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  })
}

/** Waits for a condition, a minute and a half at most. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const patience = Date.now() + 90_000
  while (!(await holds())) {
    if (Date.now() > patience) throw new Error('It does not come about')
    await pause(10)
  }
}

const control = (url: string, method: string, path: string, body: object = {}): Promise<Response> =>
  fetch(`${url}/_sandbox/${path}`, {
    method,
    headers: { authorization: 'Bearer sk_test_sandbox' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  })

describe('a sandbox that is killed', () => {
  it('in the middle of 200 writes has lost none that it answered, and makes none twice', async () => {
    const store = await cluster.database()
    const first = await runProgram('--store', store, '--delivery', 'test')
    const stripe = clientOf(first.url)
    const answered: string[] = []
    let kill: Promise<void> | undefined
    const writeTwenty = async (worker: number): Promise<void> => {
      for (let n = worker; n < 200; n += 10) {
        const customer = await stripe.customers.create(
          { name: `${n}` },
          { idempotencyKey: `write-${n}` },
        )
        answered.push(customer.id)
        if (answered.length === 60) kill = first.kill()
      }
    }
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => writeTwenty(n)))
    await kill
    expect(results.some((one) => one.status === 'rejected')).toBe(true)
    expect(answered.length).toBeGreaterThanOrEqual(60)

    const second = await runProgram('--store', store, '--delivery', 'test')
    const again = clientOf(second.url)
    const listed = async (): Promise<string[]> => {
      const all = await again.customers.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 })
      return all.map((one) => one.id)
    }
    const kept = new Set(await listed())
    expect(answered.filter((id) => !kept.has(id))).toEqual([])
    // Whoever had no answer asks again with the same key; in the end there are 200.
    for (let n = 0; n < 200; n += 1)
      await again.customers.create({ name: `${n}` }, { idempotencyKey: `write-${n}` })
    expect(await listed()).toHaveLength(200)
    const events = await again.events
      .list({ type: 'customer.created', limit: 100 })
      .autoPagingToArray({ limit: 1_000 })
    expect(events).toHaveLength(200)
    await second.stop()
  })

  it('while it delivers is followed by one that delivers what was under way', async () => {
    const store = await cluster.database()
    const door = await openDoor()
    const args = ['--store', store, '--delivery', 'test', '--delivery-timeout', '500']
    const first = await runProgram(...args)
    await control(first.url, 'PUT', 'endpoint', { url: door.url })
    // The door keeps the first one waiting until its sender is dead.
    let open: () => void = () => undefined
    const opened = new Promise<number>((resolve) => {
      open = () => resolve(200)
    })
    door.answerWith((_arrival, nth) => (nth === 1 ? opened : 200))
    await clientOf(first.url).customers.create({})
    await door.until(1)
    await first.kill()
    open()
    const second = await runProgram(...args)
    await door.until(2, 20_000)
    expect(new Set(door.events().map((one) => one.id)).size).toBe(1)
    await second.stop()
    await door.close()
  })

  it('keeps its clock, its endpoints and what is to come', async () => {
    const store = await cluster.database()
    const first = await runProgram('--store', store)
    const stripe = clientOf(first.url)
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [
        {
          price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Poster' } },
          quantity: 1,
        },
      ],
      success_url: 'https://shop.test/',
    })
    await control(first.url, 'POST', 'clock', { advance: '1h' })
    await first.kill()
    const second = await runProgram('--store', store)
    const again = clientOf(second.url)
    expect((await visit(`${second.url}/c/pay/${session.id}`)).textOf('pay')).toBe('Pay €5.00')
    await control(second.url, 'POST', 'clock', { advance: '23h' })
    expect((await again.checkout.sessions.retrieve(session.id)).status).toBe('expired')
    await second.stop()
  })
})

describe('a sandbox that is killed while it bills', () => {
  /** What each subscription of a customer was billed: once a period, each paid by one charge. */
  async function billed(stripe: Stripe, customer: string): Promise<string[]> {
    const invoices = await stripe.invoices.list({ customer, limit: 100 })
    const charges = await stripe.charges.list({ customer, limit: 100 })
    expect(charges.data).toHaveLength(invoices.data.length)
    return invoices.data
      .map((one) => `${one.status} ${one.amount_paid} ${one.lines.data[0]?.period.start}`)
      .sort()
  }

  async function subscribed(stripe: Stripe, count: number, clock?: string): Promise<string> {
    const customer = await aPayer({ stripe }, 'pm_card_visa', clock ? { test_clock: clock } : {})
    for (let n = 0; n < count; n += 1) {
      const plan = await aPlan({ stripe }, 1000 + n, { interval: 'week' })
      await subscribe({ stripe }, customer.id, plan.id)
    }
    return customer.id
  }

  it('goes on with a test clock where it was, and bills nothing twice', async () => {
    const store = await cluster.database()
    const first = await runProgram('--store', store, '--rate-limit', 'off')
    const begins = at('2026-03-02')
    const stripe = clientOf(first.url)
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: begins })
    const customer = await subscribed(stripe, 4, clock.id)
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: begins + 14 * 86_400 })
    await first.kill()
    const second = await runProgram('--store', store, '--rate-limit', 'off')
    const again = clientOf(second.url)
    await until(
      async () => (await again.testHelpers.testClocks.retrieve(clock.id)).status === 'ready',
    )
    await again.testHelpers.testClocks.advance(clock.id, {
      frozen_time: begins + 14 * 86_400 + 7_200,
    })
    await until(
      async () => (await again.testHelpers.testClocks.retrieve(clock.id)).status === 'ready',
    )
    const starts = [0, 7, 14].map((day) => begins + day * 86_400)
    expect(await billed(again, customer)).toEqual(
      starts.flatMap((start) => [0, 1, 2, 3].map((n) => `paid ${1000 + n} ${start}`)).sort(),
    )
    await second.stop()
  }, 120_000)

  it('goes on with the one clock where it was, and bills nothing twice', async () => {
    const store = await cluster.database()
    const first = await runProgram('--store', store, '--rate-limit', 'off')
    const customer = await subscribed(clientOf(first.url), 3)
    const moving = control(first.url, 'POST', 'clock', { advance: '29d' }).catch(() => undefined)
    await until(async () => {
      const answer = await fetch(`${first.url}/v1/invoices?limit=100`, {
        headers: { authorization: 'Bearer sk_test_sandbox' },
      })
      return (await answer.text()).split('"subscription_cycle"').length > 3
    })
    await first.kill()
    await moving
    const second = await runProgram('--store', store, '--rate-limit', 'off')
    const offset = await control(second.url, 'GET', 'clock')
    const { offset_ms: done } = (await offset.json()) as { offset_ms: number }
    expect(done).toBeGreaterThan(0)
    const left = 29 * 86_400_000 - done
    if (left > 0) await control(second.url, 'POST', 'clock', { advance_ms: left })
    const stripe = clientOf(second.url)
    const found = await billed(stripe, customer)
    // Four renewals in 29 days, whatever second they began in.
    expect(found).toHaveLength(3 * 5)
    expect(new Set(found).size).toBe(found.length)
    expect(found.every((one) => one.startsWith('paid'))).toBe(true)
    await second.stop()
  }, 120_000)
})

describe('two sandboxes over one database', () => {
  it('are one: what one does the other sees, and nothing is paid twice', async () => {
    const store = await cluster.database()
    const [one, other] = await Promise.all([openShop({ store }), openShop({ store })])
    const sessions = await Promise.all([one.checkout(), other.checkout(), one.checkout()])
    const reports = await Promise.all(
      sessions.flatMap(({ id }) => [
        one.control.pay({ session: id }),
        other.control.pay({ session: id }),
        one.control.pay({ session: id }),
      ]),
    )
    expect(reports.filter((report) => report.outcome === 'complete')).toHaveLength(3)
    expect((await other.stripe.charges.list()).data).toHaveLength(3)
    const key = { idempotencyKey: 'shared' }
    const made = await Promise.allSettled(
      [one, other, one, other].map((shop) => shop.stripe.customers.create({ name: 'x' }, key)),
    )
    const ids = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []))
    expect(new Set(ids).size).toBe(1)
    await one.control.advance('3d')
    expect((await other.control.clock()).offset_ms).toBe(3 * 86_400_000)
    await Promise.all([one.close(), other.close()])
  })

  it('deliver each event once between them', async () => {
    const store = await cluster.database()
    const [one, other] = await Promise.all([openShop({ store }), openShop({ store })])
    await one.control.putEndpoint({ url: one.door.url })
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => (n % 2 ? one : other).stripe.customers.create({})),
    )
    await one.door.until(30)
    await one.control.advance('1h')
    expect(new Set(one.door.events().map((event) => event.id)).size).toBe(30)
    expect(one.door.arrivals).toHaveLength(30)
    await Promise.all([one.close(), other.close()])
  })
})

describe('the whole of a sale on PostgreSQL', () => {
  it('is what it is in memory: paid, delivered, refunded, disputed, searched, listed', async () => {
    const shop = await openShop({ store: await cluster.database() })
    await shop.control.putEndpoint({ url: shop.door.url })
    const customer = await shop.stripe.customers.create({ email: "o'hara@example.com" })
    const session = await shop.checkout({ customer: customer.id, metadata: { note: '"\\' } })
    await shop.control.pay({ session: session.id, card: '4000000000000259' })
    await shop.control.advance('1m')
    const paid = await shop.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['line_items', 'payment_intent.latest_charge.balance_transaction', 'customer'],
    })
    expect(paid).toMatchObject({
      payment_status: 'paid',
      metadata: { note: '"\\' },
      customer: { email: "o'hara@example.com" },
      payment_intent: { latest_charge: { disputed: true, balance_transaction: { fee: 100 } } },
    })
    const found = await shop.stripe.customers.search({ query: "email~'o\\'hara'" })
    expect(found.data.map((one) => one.id)).toEqual([customer.id])
    const other = await shop.sell()
    await shop.stripe.refunds.create({ payment_intent: other.id, amount: 400 })
    expect((await shop.stripe.balance.retrieve()).available[0]?.amount).toBe(-400 - 2_400 - 1_500)
    const events = await shop.stripe.events.list({ limit: 100 })
    await shop.door.until(events.data.length)
    await shop.control.advance('1s')
    expect(
      (await shop.stripe.events.list({ delivery_success: true, limit: 100 })).data.length,
    ).toBeGreaterThanOrEqual(events.data.length)
    const { id } = await shop.control.snapshot()
    await shop.control.reset()
    expect((await shop.stripe.customers.list()).data).toEqual([])
    await shop.control.restore(id)
    expect((await shop.stripe.customers.list()).data).toHaveLength(1)
    await shop.close()
  })

  it('and so is the life of a subscription', async () => {
    const shop = await openShop({ store: await cluster.database() })
    const file = new URL('./conformance/traces/trial-to-active.json', import.meta.url)
    // The file is a trace: conformance/trace.ts says what it holds.
    const trace = JSON.parse(await readFile(file, 'utf8')) as Trace
    expect(await live(shop, trace)).toEqual(trace.moments.map((moment) => moment.see))
    const subscription = (await shop.stripe.events.list({ type: 'customer.subscription.created' }))
      .data[0]?.data.object as { id: string; customer: string }
    const portal = await shop.stripe.billingPortal.sessions.create({
      customer: subscription.customer,
    })
    expect((await visit(portal.url)).textOf('plan')).toBe('monthly')
    const invoices = await shop.stripe.invoices.list({ subscription: subscription.id })
    const page = await visit(invoices.data[0]?.hosted_invoice_url ?? '')
    expect(page.textOf('invoice-status')).toContain('is paid')
    const coupon = await shop.stripe.coupons.create({ percent_off: 10 })
    await shop.stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'Spring',
    })
    const session = await shop.checkout({ allow_promotion_codes: true })
    const applied = await (
      await visit(session.url ?? '')
    ).submit({ 'promotion-code': 'SPRING' }, 'apply-code')
    expect(applied.status).toBe(303)
    await shop.close()
  })

  it('goes on when the database has thrown everybody out', async () => {
    const store = await cluster.database()
    const program = await runProgram('--store', store)
    const client = new pg.Client({ connectionString: store })
    await client.connect()
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await client.end()
    const stripe = clientOf(program.url)
    const create = (): Promise<Stripe.Customer> => stripe.customers.create({ name: 'after' })
    // A pooled connection finds out that it is dead when it is used.
    const customer = await create().catch(create)
    expect(customer.name).toBe('after')
    expect(program.child.exitCode).toBeNull()
    await program.stop()
  })
})
