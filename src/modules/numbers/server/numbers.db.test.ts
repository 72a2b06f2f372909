import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { aProduct, sell } from '../../../../test/sales.ts'
import { dayOf } from '#modules/platform/zoned-day.ts'
import { dayPlus } from '../period.ts'
import { netMinor } from '../sums.ts'
import type { MoneyKind } from '../types.ts'
import { exportTable, figuresOf, sumsOf, tables, type Table } from './index.ts'

useDatabase()
emptyBeforeEach()
// What was emptied is told to nobody: whatever is remembered is of the test before.
beforeEach(() => sql`update numbers_version set version = version + 1`.execute(db()))

const dayMs = 86_400_000

async function figures(from: number, to: number, zone = 'UTC', money: MoneyKind = 'play') {
  const today = dayOf(await now(db()), zone)
  const asked = { from: dayPlus(today, from), to: dayPlus(today, to), zone, money }
  return { ...(await figuresOf(db(), asked, today)), asked, today }
}

async function csv(table: Table, of: Awaited<ReturnType<typeof figures>>) {
  let text = ''
  for await (const piece of exportTable(db(), table, of.asked, of.today, 'EUR')) text += piece
  const [head = '', ...lines] = text.replace('\ufeff', '').split('\r\n').slice(0, -1)
  return { text, head: head.split(','), rows: lines.map((line) => line.split(',')) }
}

async function refund(checkoutId: string, minor: number, state = 'succeeded') {
  const payment = await db()
    .selectFrom('payment')
    .select(['id', 'backend_id', 'currency'])
    .where('checkout_id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  const id = newId()
  await db()
    .insertInto('refund')
    .values({
      id,
      payment_id: payment.id,
      backend_id: payment.backend_id,
      amount_minor: minor,
      currency: payment.currency,
      state,
    })
    .execute()
  return id
}

async function placeAt(orderId: string, instant: string) {
  await sql`alter table shop_order disable trigger shop_order_keeps_its_words`.execute(db())
  await sql`update shop_order set placed_at = ${instant}::timestamptz where id = ${orderId}::uuid`.execute(
    db(),
  )
  await sql`alter table shop_order enable trigger shop_order_keeps_its_words`.execute(db())
}

describe('numbers', () => {
  test('are nothing for every day of a shop that sold nothing', async () => {
    const { days, total, products, newCustomers } = await figures(-27, 0)
    expect(days).toHaveLength(28)
    expect([total.orders, netMinor(total), products, newCustomers]).toEqual([0, 0, [], 0])
  })

  test('count a sale on its day, and a refund on the day it was made', async () => {
    const order = await sell([await aProduct('Notes', 1200)], { email: 'ann@example.com' })
    await passTime(2 * dayMs)
    await refund(order.checkoutId, 500)
    await refund(order.checkoutId, 300, 'failed')
    await refund(order.checkoutId, 100, 'requested')
    const { days, total } = await figures(-2, 0)
    expect(days.map((day) => [day.orders, day.grossMinor, day.refundedMinor])).toEqual([
      [1, 1200, 0],
      [0, 0, 0],
      [0, 0, 500],
    ])
    expect(netMinor(total)).toBe(700)
  })

  test('count what a bank took back, less what was refunded before', async () => {
    const order = await sell([await aProduct('Notes', 1200)], { email: 'ann@example.com' })
    await sql`insert into dispute (id, payment_id, backend_id, stripe_dispute_id, amount_minor, currency, reason, state)
      select ${newId()}::uuid, id, backend_id, 'du_1', amount_minor, currency, 'fraudulent', 'lost' from payment`.execute(
      db(),
    )
    await db()
      .updateTable('payment')
      .set({ refunded_minor: 200 })
      .where('checkout_id', '=', order.checkoutId)
      .execute()
    expect((await figures(0, 0)).total.lostMinor).toBe(1000)
    await db().updateTable('dispute').set({ state: 'won' }).execute()
    expect((await figures(0, 0)).total.lostMinor).toBe(0)
  })

  test('count a lost dispute on the day it was lost, whatever changes about it later', async () => {
    await sell([await aProduct('Notes', 1200)], { email: 'ann@example.com' })
    await sql`insert into dispute (id, payment_id, backend_id, stripe_dispute_id, amount_minor, currency, reason, state)
      select ${newId()}::uuid, id, backend_id, 'du_2', amount_minor, currency, 'fraudulent', 'under_review' from payment`.execute(
      db(),
    )
    await passTime(dayMs)
    await sql`update dispute set state = 'lost', updated_at = clock_now()`.execute(db())
    await passTime(dayMs)
    await sql`update dispute set reason = 'general', updated_at = clock_now()`.execute(db())
    expect((await figures(-2, 0)).days.map((day) => day.lostMinor)).toEqual([0, 1200, 0])
  })

  test('M28: have days of the owner’s zone, 23 hours long where clocks go forward', async () => {
    const product = await aProduct('Notes', 1200)
    const instants = [
      '2026-03-28T22:59:59Z', // Saturday 23:59:59 in Berlin
      '2026-03-28T23:00:00Z', // Sunday 00:00
      '2026-03-29T21:59:59Z', // Sunday 23:59:59, after 23 hours
      '2026-03-29T22:00:00Z', // Monday 00:00
    ]
    for (const [at, instant] of instants.entries()) {
      const order = await sell([product], { email: `b${at}@example.com` })
      await placeAt(order.id, instant)
    }
    const days = async (zone: string) => {
      const asked = { from: '2026-03-28', to: '2026-03-30', zone, money: 'play' as const }
      return (await figuresOf(db(), asked, '2026-11-22')).days.map((day) => day.orders)
    }
    expect(await days('Europe/Berlin')).toEqual([1, 2, 1])
    expect(await days('UTC')).toEqual([2, 2, 0])
    expect(await days('Asia/Kathmandu')).toEqual([0, 2, 2])
  })

  test('remember what is over, and add it up again when something about it changes', async () => {
    const order = await sell([await aProduct('Notes', 1200)], { email: 'ann@example.com' })
    const id = await refund(order.checkoutId, 500)
    await passTime(60 * dayMs)
    const net = async () => netMinor((await figures(-70, 0)).total)
    expect(await net()).toBe(700)
    // Past the triggers: nothing tells of it, so what is remembered is told.
    await sql`alter table refund disable trigger refund_changes_numbers`.execute(db())
    await db().updateTable('refund').set({ amount_minor: 400 }).where('id', '=', id).execute()
    await sql`alter table refund enable trigger refund_changes_numbers`.execute(db())
    expect(await net()).toBe(700)
    await db().updateTable('refund').set({ state: 'failed' }).where('id', '=', id).execute()
    expect(await net()).toBe(1200)
  })

  test('tell real money and play money apart', async () => {
    const order = await sell([await aProduct('Notes', 1200)], { email: 'ann@example.com' })
    expect((await figures(0, 0, 'UTC', 'real')).total.orders).toBe(0)
    await sql`alter table shop_order disable trigger shop_order_keeps_its_words`.execute(db())
    await db().updateTable('shop_order').set({ mode: 'live' }).where('id', '=', order.id).execute()
    await sql`alter table shop_order enable trigger shop_order_keeps_its_words`.execute(db())
    expect((await figures(0, 0, 'UTC', 'real')).total.orders).toBe(1)
    expect((await figures(0, 0)).total.orders).toBe(0)
  })

  test('count customers when they buy for the first time, once', async () => {
    const product = await aProduct('Notes', 1200)
    await sell([product], { email: 'ann@example.com' })
    await passTime(20 * dayMs)
    await sell([product], { email: 'ann@example.com' })
    await sell([product], { email: 'ben@example.com' })
    await sell([product], { email: 'ben@example.com' })
    expect((await figures(-30, 0)).newCustomers).toBe(2)
    const { asked, today } = await figures(-5, 0)
    expect((await sumsOf(db(), asked, today)).newCustomers).toBe(1)
  })

  test('are the same on the page and in every export', async () => {
    const products = [await aProduct('=cmd|calc', 1200), await aProduct('Plain, "quoted"', 800)]
    const orders = []
    for (let at = 0; at < 7; at++) {
      orders.push(
        await sell(products.slice(at % 2), { email: `b${at % 3}@example.com`, name: '@Ann' }),
      )
      await passTime(9 * dayMs)
    }
    await refund(orders[0]?.checkoutId ?? '', 700)
    const of = await figures(-70, 0)
    const sum = (rows: string[][], at: number) =>
      rows.reduce((total, row) => total + Math.round(Number(row[at]) * 100), 0)
    const days = await csv('days', of)
    expect(days.rows).toHaveLength(71)
    expect(days.head[0]).toBe('day (UTC)')
    expect([sum(days.rows, 2), sum(days.rows, 4), sum(days.rows, 6)]).toEqual([
      of.total.grossMinor,
      of.total.refundedMinor,
      netMinor(of.total),
    ])
    expect(of.total).toMatchObject({
      orders: 7,
      grossMinor: 4 * 2000 + 3 * 800,
      refundedMinor: 700,
    })
    const sold = await csv('orders', of)
    expect(sold.rows).toHaveLength(7)
    expect(sum(sold.rows, 8)).toBe(of.total.grossMinor - of.total.discountMinor)
    const lines = await csv('lines', of)
    expect(lines.rows).toHaveLength(11)
    const refunds = await csv('refunds', of)
    expect(sum(refunds.rows, 4)).toBe(of.total.refundedMinor)
    const countries = await csv('countries', of)
    expect(sum(countries.rows, 2)).toBe(of.total.grossMinor)
    expect(of.products.reduce((total, one) => total + one.aloneMinor, 0)).toBe(of.total.grossMinor)
    for (const table of tables) {
      const { text } = await csv(table, of)
      expect(text.startsWith('\ufeff')).toBe(true)
      for (const cell of text.slice(1).split(/[,\r\n"]+/)) expect(cell).not.toMatch(/^[=+@|]/)
    }
  })

  test('of bundles count the bundle as such, and its parts', async () => {
    const [one, other, bundle] = [
      await aProduct('One', 600),
      await aProduct('Other', 400),
      await aProduct('Both', 1000),
    ]
    await sell([one, other], { email: 'ann@example.com' })
    await sell([one], { email: 'ben@example.com' })
    await sql`alter table order_line disable trigger order_line_keeps_its_words`.execute(db())
    await sql`update order_line set bundle_id = ${bundle.id}::uuid, bundle_title = 'Both', bundle_at = 0
      where order_id = (select id from shop_order order by number limit 1)`.execute(db())
    await sql`alter table order_line enable trigger order_line_keeps_its_words`.execute(db())
    const { products } = await figures(0, 0)
    const told = products.map(({ title, alone, inBundles, isBundle, aloneMinor }) => [
      title,
      alone,
      inBundles,
      isBundle,
      aloneMinor,
    ])
    expect(told).toEqual(
      [
        ['One', 1, 1, false, 600],
        ['Both', 1, 0, true, 1000],
        ['Other', 0, 1, false, 0],
      ].toSorted(
        (a, b) => told.findIndex((t) => t[0] === a[0]) - told.findIndex((t) => t[0] === b[0]),
      ),
    )
  })
})
