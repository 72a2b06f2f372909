import { expect, test } from 'vitest'
import type { MemberActor } from '#modules/accounts/types.ts'
import { claimPurchases } from '#modules/accounts/server/index.ts'
import { reassignOrder } from '#modules/orders/server/index.ts'
import { orderToken } from '#modules/payments/server/index.ts'
import { inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { aCheckout, aProduct, sell } from '../../../../test/sales.ts'
import { provenCheckout } from './proof.server.ts'

useDatabase()
emptyBeforeEach()

const noSuchPage = { status: 404, body: { message: 'There is no page here.' } }

function open(id: string, token: string | undefined, actor?: MemberActor) {
  const url = new URL(`http://shop.test/checkout/${id}`)
  if (token !== undefined) url.searchParams.set('t', token)
  return provenCheckout({ params: { id }, url, locals: { actor } })
}

test('[payments 78] a purchase opens by its own link; without it, with another’s, or with Stripe’s id it is no page', async () => {
  const product = await aProduct()
  const [mine, other] = [await aCheckout([product]), await aCheckout([product])]
  expect((await open(mine, orderToken(mine))).checkout.id).toBe(mine)
  const unknown = '00000000-0000-7000-8000-000000000000'
  for (const [id, token] of [
    [mine, undefined],
    [mine, ''],
    [mine, orderToken(other)],
    [mine, `${orderToken(mine)}x`],
    [`cs_${mine}`, orderToken(`cs_${mine}`)],
    [unknown, orderToken(unknown)],
    ['../secret', orderToken('../secret')],
  ] as const)
    await expect(open(id, token), `${id} ${token}`).rejects.toMatchObject(noSuchPage)
})

test('the member whose purchase it is opens it without the link, before and after it is paid; nobody else does', async () => {
  const product = await aProduct()
  const { actor: me } = await signUp('me@example.com')
  const { actor: somebody } = await signUp('somebody@example.com')
  const started = await aCheckout([product], { memberId: me.memberId, email: me.email })
  const guestOrder = await sell([product], { email: 'old@example.com' })
  expect((await open(started, undefined, me)).checkout.id).toBe(started)
  await expect(open(started, undefined, somebody)).rejects.toMatchObject(noSuchPage)

  await expect(open(guestOrder.checkoutId, undefined, me)).rejects.toMatchObject(noSuchPage)
  await inTransaction((tx) => claimPurchases(tx, me.memberId, 'old@example.com'))
  expect((await open(guestOrder.checkoutId, undefined, me)).checkout.id).toBe(guestOrder.checkoutId)
})
test('an order that was moved to another address opens by none of the links its former buyer had, nor for them [commerce 19]', async () => {
  const { actor: owner } = await setUpOwner()
  const { actor: me } = await signUp('me@example.com')
  const { actor: other } = await signUp('other@example.com')
  const order = await sell([await aProduct()], { email: me.email, memberId: me.memberId })
  const old = orderToken(order.checkoutId)
  await inTransaction((tx) =>
    reassignOrder(tx, owner, order.id, { email: 'other@example.com', reason: 'asked' }),
  )
  await expect(open(order.checkoutId, old)).rejects.toMatchObject(noSuchPage)
  await expect(open(order.checkoutId, undefined, me)).rejects.toMatchObject(noSuchPage)
  expect((await open(order.checkoutId, orderToken(order.checkoutId, 1))).checkout.id).toBe(
    order.checkoutId,
  )
  expect((await open(order.checkoutId, undefined, other)).checkout.id).toBe(order.checkoutId)
})
