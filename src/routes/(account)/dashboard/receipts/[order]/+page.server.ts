import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import type { MemberActor } from '#modules/accounts/types.ts'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { orderState, orderStateWords } from '#modules/orders/order-state.ts'
import { receiptRows } from '#modules/orders/receipt-rows.ts'
import { isOrderOf, orderById, resendReceipt } from '#modules/orders/server/index.ts'
import { methodWords } from '#modules/payments/method-words.ts'
import { moneyOfCheckout } from '#modules/payments/server/index.ts'
import { db, inTransaction, useLimit } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { tooMany } from '#modules/accounts/too-many.ts'

/** A copy of a receipt goes to the address on the order, so often an hour and member. */
const copies = { name: 'receipt-copy', most: 3, windowSeconds: 3600 } as const

export const load: PageServerLoad = async (event) => {
  const order = await theirOrder(memberOnly(event), event.params.order)
  const [money, site] = await Promise.all([
    moneyOfCheckout(db(), order.checkoutId),
    siteIdentity(db()),
  ])
  return {
    order: {
      id: order.id,
      number: order.number,
      placedAt: order.placedAt,
      email: order.email,
      buyerName: order.buyerName,
      mode: order.mode,
      state: orderState(order),
      stateWord: orderStateWords[orderState(order)],
      refunded:
        order.refundedMinor > 0
          ? { minor: order.refundedMinor, currency: order.currency }
          : undefined,
      rows: receiptRows(order, site.locale),
    },
    paidBy: money && methodWords(money.method, money.methodDetail),
    seller: { name: site.name, ownerName: site.ownerName, contactEmail: site.contactEmail },
    isSent: event.url.searchParams.get('notice') === 'sent',
  }
}

export const actions: Actions = {
  async send(event) {
    const member = memberOnly(event)
    const order = await theirOrder(member, event.params.order)
    const used = await useLimit(copies, member.memberId)
    if (!used.ok) {
      const words = tooMany(event, 'The receipt was sent several times', used.retryAfterSeconds)
      return fail(429, { words })
    }
    await inTransaction((tx) => resendReceipt(tx, member, order))
    redirect(303, `/dashboard/receipts/${order.id}?notice=sent`)
  },
}

/** Somebody else's order gets the same answer as none. */
async function theirOrder(member: MemberActor, orderId: string) {
  const order = await orderById(db(), orderId)
  if (order && (await isOrderOf(db(), order, member.memberId))) return order
  return error(404, 'There is no page here.')
}
