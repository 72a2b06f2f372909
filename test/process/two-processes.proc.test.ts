import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  onServer,
  startThrowawayServer,
  type ThrowawayServer,
} from '../../scripts/throwaway-database.ts'
import { until } from '../until.ts'
import { ShopProcess } from './shop.ts'

let server: ThrowawayServer
const one = new ShopProcess()
const two = new ShopProcess()

beforeAll(async () => {
  server = await startThrowawayServer(true)
  await onServer(server.url('postgres'), 'create database shared')
  for (const shop of [one, two]) {
    shop.environment.DATABASE_URL = server.url('shared')
    shop.environment.SUNDRY_SECRET = 'one secret for all processes of this shop'
    shop.environment.STORAGE_URL = `file:${one.dataDir}/files`
  }
  // At once: one of them migrates and lays out the example, the other waits and finds it done.
  await Promise.all([one.start(), two.start()])
}, 120_000)

afterAll(async () => {
  await one.stop()
  await two.stop()
  await server.stop()
})

test('two processes on one database sell at the same time, one is killed in between: nothing lost, nothing double', async () => {
  const sell = async (shop: ShopProcess, buyer: number): Promise<void> => {
    // A killed process answers nobody; the visitor reloads and is served by the other.
    const status = (await shop.buy()) ?? (await one.buy())
    expect(status).toBe(303)
    void buyer
  }
  await Promise.all(
    Array.from({ length: 20 }, (_, buyer) => sell(buyer % 2 === 0 ? one : two, buyer)),
  )
  const open = await one.query<{ stripe_session_id: string }>(
    `select stripe_session_id from checkout where state = 'open'`,
  )
  expect(open).toHaveLength(20)

  const paying = open.map(({ stripe_session_id: session }, index) =>
    one.control('POST', 'pay', { session, email: `buyer${index}@example.com` }),
  )
  await two.kill()
  await Promise.all(paying)
  // What the killed one had been handed is delivered again, or found by polling.
  await one.expireLeases()
  await one.control('POST', 'clock', { advance: '11m' })
  await until(
    'all twenty are delivered',
    async () => {
      const [row] = await one.query<{ orders: number }>(
        'select count(*)::int as orders from shop_order',
      )
      return row?.orders === 20
    },
    60_000,
  )
  const checkouts = await one.query<{ id: string }>('select id from checkout')
  for (const { id } of checkouts) {
    expect(await one.outcome(id)).toMatchObject({
      state: 'paid',
      orders: 1,
      payments: 1,
      entitlements: 1,
      receipts: 1,
    })
  }
  expect(await one.brokenInvariants()).toEqual([])

  await two.start()
  expect(await two.buy()).toBe(303)
})
