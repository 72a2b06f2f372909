import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { orderById, refundOrder } from '#modules/orders/server/index.ts'
import { methodWords } from '#modules/payments/method-words.ts'
import { moneyOfCheckout, sendRefundNow } from '#modules/payments/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import type { OrderNotice } from '../order-notices.ts'
import { refundForm } from './refund-form.ts'

/** Asks once more before money goes back; also where the form comes to rest when something is missing in it. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const order = (await orderById(db(), event.params.id)) ?? error(404, 'There is no order here.')
  const money = await moneyOfCheckout(db(), order.checkoutId)
  const leftMinor = money ? money.amountMinor - money.refundedMinor : 0
  if (!money || leftMinor <= 0) backTo(order.id, 'refund-nothing-left')
  if (money.refunds.some((refund) => refund.state === 'requested'))
    backTo(order.id, 'refund-under-way')
  return {
    order: { id: order.id, number: order.number, email: order.email },
    titles: order.lines.map((line) => line.title),
    paidBy: methodWords(money.method, money.methodDetail),
    left: { minor: leftMinor, currency: order.currency },
  }
}

const asked = {
  under_way: 'refund-under-way',
  nothing_left: 'refund-nothing-left',
} as const satisfies Record<string, OrderNotice>

const sent = {
  sent: 'refunded',
  done: 'refunded',
  failed: 'refund-failed',
  later: 'refund-later',
} as const satisfies Record<string, OrderNotice>

export const actions: Actions = {
  async default(event) {
    const owner = ownerOnly(event)
    const { id } = event.params
    const form = await postedForm(event.request)
    const typed = textField(form, 'reason')
    const read = refundForm.safeParse({ reason: typed })
    if (!read.success) return refused(400, typed, { reason: read.error.issues[0]?.message ?? '' })
    const request = await inTransaction(
      (tx) => refundOrder(tx, owner, id, read.data.reason),
      'money',
    )
    if (!request.ok) {
      switch (request.reason) {
        case 'unknown':
          return error(404, 'There is no order here.')
        case 'under_way':
        case 'nothing_left':
          return backTo(id, asked[request.reason])
        case 'not_paid':
          return refused(409, typed, { '': 'No payment came with this order.' })
        case 'other_backend':
          return refused(409, typed, {
            '': 'This was paid at another Stripe account or in another mode. Refund it there, or set the keys of that time.',
          })
      }
    }
    // Committed: from here on the refund is sent whatever happens to this request.
    return backTo(id, sent[await sendRefundNow(request.refundId)])
  },
}

function backTo(orderId: string, notice: OrderNotice): never {
  redirect(303, `/admin/orders/${orderId}?notice=${notice}`)
}

function refused(
  status: number,
  reason: string,
  errors: { readonly reason?: string; readonly ''?: string },
) {
  return fail(status, { reason, errors })
}
