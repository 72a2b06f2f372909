import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { setUpOwner } from '../../../../test/people.ts'
import { aProduct, sell } from '../../../../test/sales.ts'
import { forgetBackend, moneyOfCheckout, requestRefund, sendRefundNow } from './index.ts'

/** A payment backend that takes the question and never answers. */
const backend = createServer().listen(0, '127.0.0.1')
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

test('the owner is told that a refund is noted when Stripe does not answer; it stays asked for, and is asked for once', async () => {
  const order = await sell([await aProduct()], { email: 'ann@example.com' })
  forgetBackend() // the tables were emptied, and the row it knew with them
  const { actor } = await setUpOwner()
  const ask = () =>
    inTransaction((tx) =>
      requestRefund(tx, order.checkoutId, {
        memberId: actor.memberId,
        reason: 'Asked for',
        amountMinor: 'rest',
      }),
    )
  const [first, second] = await Promise.all([ask(), ask()])
  expect([first, second].filter((one) => one.ok)).toHaveLength(1)
  const request = first.ok ? first : second
  if (!request.ok) throw new Error(request.reason)
  expect(request.amountMinor).toBe(1200)
  expect(await sendRefundNow(request.refundId, 50)).toBe('later')
  const money = await moneyOfCheckout(db(), order.checkoutId)
  expect(money?.refunds).toMatchObject([
    { state: 'requested', amountMinor: 1200, reason: 'Asked for' },
  ])
  expect(money?.refundedMinor).toBe(0)
})

test('a refund that was answered before is not sent again', async () => {
  const order = await sell([await aProduct()], { email: 'ann@example.com' })
  forgetBackend()
  const { actor } = await setUpOwner()
  const request = await inTransaction((tx) =>
    requestRefund(tx, order.checkoutId, {
      memberId: actor.memberId,
      reason: '',
      amountMinor: 'rest',
    }),
  )
  if (!request.ok) throw new Error(request.reason)
  await db().updateTable('refund').set({ state: 'succeeded' }).execute()
  expect(await sendRefundNow(request.refundId, 50)).toBe('done')
})
