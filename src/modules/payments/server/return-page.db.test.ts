import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { aCheckout, aProduct } from '../../../../test/sales.ts'
import { lookAtCheckout } from './index.ts'

/** A payment backend in trouble: it refuses, or takes the question and never answers. */
let behaviour: 'hangs' | 'refuses' = 'refuses'
let asked = 0
const backend = createServer((_request, response) => {
  asked++
  if (behaviour === 'refuses') response.writeHead(500).end('{}')
}).listen(0, '127.0.0.1')
await once(backend, 'listening')
// A server that listens on a port has an address of this form.
const { port } = backend.address() as AddressInfo

useDatabase({
  runtime: {
    sandbox: { url: `http://127.0.0.1:${port}`, key: 'sk_test_x', webhookSecret: 'whsec_x' },
  },
})
emptyBeforeEach()
afterAll(() => {
  backend.closeAllConnections()
  backend.close()
})

test('the return page shows what is known when Stripe refuses to answer', async () => {
  behaviour = 'refuses'
  const checkoutId = await aCheckout([await aProduct()])
  expect((await lookAtCheckout(checkoutId))?.state).toBe('open')
})

test('the return page does not wait for a Stripe that never answers', async () => {
  behaviour = 'hangs'
  const checkoutId = await aCheckout([await aProduct()])
  expect((await lookAtCheckout(checkoutId, 50))?.state).toBe('open')
})

test('[commerce 3] while the event of the same payment is being worked on, the page waits for its end', async () => {
  behaviour = 'refuses'
  const checkoutId = await aCheckout([await aProduct()])
  // The worker is at it, and is done while the page waits.
  await db()
    .insertInto('sync_lease')
    .values({
      group_key: `cs_${checkoutId}`,
      holder: newId(),
      leased_until: sql<Date>`machine_now() + interval '1 minute'`,
    })
    .execute()
  const looking = lookAtCheckout(checkoutId, 20_000)
  await db().updateTable('checkout').set({ state: 'paid' }).where('id', '=', checkoutId).execute()
  await db().deleteFrom('sync_lease').execute()
  expect((await looking)?.state).toBe('paid')
})

test('Stripe is not asked about a checkout that is finished, unknown, or was looked at just now', async () => {
  behaviour = 'refuses'
  const [paid, fresh] = [await aCheckout([await aProduct()]), await aCheckout([await aProduct()])]
  await db().updateTable('checkout').set({ state: 'paid' }).where('id', '=', paid).execute()
  await db()
    .updateTable('checkout')
    .set({ synced_at: await now(db()) })
    .where('id', '=', fresh)
    .execute()
  const before = asked
  expect((await lookAtCheckout(paid))?.state).toBe('paid')
  expect((await lookAtCheckout(fresh))?.state).toBe('open')
  expect(await lookAtCheckout('no id')).toBeUndefined()
  expect(await lookAtCheckout('00000000-0000-7000-8000-000000000000')).toBeUndefined()
  expect(asked).toBe(before)
})
