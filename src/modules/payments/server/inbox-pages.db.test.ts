import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { setUpOwner } from '../../../../test/people.ts'
import { aCheckout, aProduct } from '../../../../test/sales.ts'
import { until } from '../../../../test/until.ts'
import { eventsPage, oddPayments, replay, wasPaidOddly } from './index.ts'
import { storeEvents } from './store.inbox.ts'

useDatabase()
emptyBeforeEach()

async function anEvent(id: string, state: string, backendId: number) {
  await db()
    .insertInto('stripe_event')
    .values({
      id,
      backend_id: backendId,
      type: 'charge.refunded',
      group_key: id,
      created_at_stripe: '2026-11-21T10:00:00Z',
      received_at: '2026-11-21T10:00:00.123456Z',
      source: 'webhook',
      payload: '{}',
      state,
    })
    .execute()
}

async function backend(): Promise<number> {
  const checkoutId = await aCheckout([await aProduct()])
  const row = await db()
    .selectFrom('checkout')
    .select('backend_id')
    .where('id', '=', checkoutId)
    .executeTakeFirstOrThrow()
  return row.backend_id
}

test('the inbox is paged without an event missing, also when a burst came at one instant, and narrowed by state', async () => {
  const backendId = await backend()
  for (let at = 0; at < 60; at++)
    await anEvent(`evt_${String(at).padStart(3, '0')}`, at < 3 ? 'parked' : 'done', backendId)
  const first = await eventsPage(db(), [], {})
  const second = await eventsPage(db(), [], { older: first.older ?? '' })
  const ids = [...first.rows, ...second.rows].map((event) => event.id)
  expect([ids.length, new Set(ids).size]).toEqual([60, 60])
  expect((await eventsPage(db(), ['parked', 'quarantined'], {})).rows).toHaveLength(3)
})

test('working on a parked event again is on record; an event that is waiting or unknown is left alone', async () => {
  const { actor } = await setUpOwner()
  const backendId = await backend()
  await anEvent('evt_parked', 'parked', backendId)
  await anEvent('evt_waiting', 'pending', backendId)
  const again = (id: string) => inTransaction((tx) => replay(tx, actor, id))
  expect(await again('evt_parked')).toBe(true)
  expect(await again('evt_parked')).toBe(false)
  expect(await again('evt_waiting')).toBe(false)
  expect(await again('nothing')).toBe(false)
  expect((await eventsPage(db(), ['pending'], {})).rows).toHaveLength(2)
  const audits = await db()
    .selectFrom('audit_entry')
    .select('subject_id')
    .where('action', '=', 'stripe_event.replayed')
    .execute()
  expect(audits).toEqual([{ subject_id: 'evt_parked' }])
})

test('a payment of another amount than was asked is told apart from one that only failed', async () => {
  const product = await aProduct()
  const [odd, plain] = [await aCheckout([product]), await aCheckout([product])]
  await db()
    .updateTable('checkout')
    .set({ state: 'failed', failure: 'The amount differs.' })
    .where('id', 'in', [odd, plain])
    .execute()
  await db().insertInto('payment_effect').values({ kind: 'amount_differs', key: odd }).execute()
  expect([await wasPaidOddly(db(), odd), await wasPaidOddly(db(), plain)]).toEqual([true, false])
  expect((await oddPayments(db(), 20)).map((one) => one.checkoutId)).toEqual([odd])
})

test('an event that polling sees again is neither new nor delivered once more; one that the webhook brings again is counted', async () => {
  const backendId = await backend()
  const event = {
    id: 'evt_1',
    backendId,
    type: 'charge.refunded',
    objectType: 'charge',
    objectId: 'ch_1',
    groupKey: 'pi_1',
    createdAt: new Date('2026-11-21T10:00:00Z'),
    apiVersion: undefined,
    livemode: false,
    payload: '{}',
    state: 'pending',
    outcome: undefined,
    deliveries: 1,
  } as const
  expect([...(await storeEvents([{ ...event, source: 'webhook' }]))]).toEqual(['evt_1'])
  expect([...(await storeEvents([{ ...event, source: 'poll' }]))]).toEqual([])
  expect([...(await storeEvents([{ ...event, source: 'webhook' }]))]).toEqual([])
  expect((await eventsPage(db(), [], {})).rows).toMatchObject([{ deliveries: 2 }])
})

test('events that somebody else holds in the other order are stored all the same', async () => {
  const backendId = await backend()
  await anEvent('evt_1', 'pending', backendId)
  await anEvent('evt_2', 'pending', backendId)
  const told = ['evt_1', 'evt_2', 'evt_3'].map((id) => ({
    id,
    backendId,
    type: 'charge.refunded',
    objectType: 'charge',
    objectId: 'ch_1',
    groupKey: 'ch_1',
    createdAt: new Date('2026-11-21T10:00:00Z'),
    apiVersion: undefined,
    livemode: false,
    payload: '{}',
    source: 'poll' as const,
    state: 'pending' as const,
    outcome: undefined,
    deliveries: 1,
  }))
  let stored: Promise<ReadonlySet<string>> | undefined
  await inTransaction(async (tx) => {
    await tx.updateTable('stripe_event').set({ attempts: 1 }).where('id', '=', 'evt_2').execute()
    stored ??= storeEvents(told)
    await until('the batch holds the first and waits for the second', async () => {
      const { rows } = await sql`select from pg_locks where not granted`.execute(db())
      return rows.length > 0
    })
    await tx.updateTable('stripe_event').set({ attempts: 1 }).where('id', '=', 'evt_1').execute()
  })
  expect([...((await stored) ?? [])]).toEqual(['evt_3'])
})
