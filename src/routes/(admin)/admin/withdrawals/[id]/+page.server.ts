import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { consentsOf } from '#modules/cart/server/index.ts'
import { firstCompletedDownload } from '#modules/downloads/server/index.ts'
import { decideWithdrawal, orderById, withdrawalById } from '#modules/orders/server/index.ts'
import type { OrderWithLines } from '#modules/orders/types.ts'
import { withdrawalAdvice } from '#modules/orders/withdrawal-words.ts'
import { manyLines } from '#modules/platform/plain-text.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'

/** What was declared, beside what the shop knows about the purchase: seen before deciding. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const withdrawal = await withdrawalOr404(event.params.id)
  const order = withdrawal.orderId ? await orderById(db(), withdrawal.orderId) : undefined
  return { withdrawal, purchase: order && (await purchaseOf(order, withdrawal.receivedAt)) }
}

async function withdrawalOr404(id: string) {
  return (await withdrawalById(db(), id)) ?? error(404, 'There is no withdrawal here.')
}

async function purchaseOf(order: OrderWithLines, receivedAt: Date) {
  const [consents, delivered] = await Promise.all([
    consentsOf(db(), order.checkoutId),
    firstCompletedDownload(
      db(),
      order.lines.map((line) => line.id),
    ),
  ])
  const waiver = consents.find((consent) => consent.kind === 'immediate_delivery')
  return {
    id: order.id,
    number: order.number,
    placedAt: order.placedAt,
    titles: order.lines.map((line) => line.title),
    totalMinor: order.totalMinor,
    leftMinor: order.totalMinor - order.refundedMinor,
    currency: order.currency,
    waiver: waiver && { words: waiver.words, at: waiver.at },
    delivered,
    advice: withdrawalAdvice({
      placedAt: order.placedAt,
      receivedAt,
      waivedAt: waiver?.at,
      deliveredAt: delivered?.at,
    }),
  }
}

export const actions: Actions = {
  async default(event) {
    const owner = ownerOnly(event)
    const withdrawal = await withdrawalOr404(event.params.id)
    const form = await postedForm(event.request)
    const state = textField(form, 'decision')
    const words = manyLines(textField(form, 'words'))
    const refuse = (errors: Readonly<Record<string, string>>) => fail(400, { words, errors })
    if (state !== 'accepted' && state !== 'declined')
      return refuse({ '': 'Accept it or decline it.' })
    if (words.length > 2_000) return refuse({ words: 'Please shorten this to 2,000 characters.' })
    if (state === 'declined' && words === '')
      return refuse({ words: 'Say why: they get these words by mail.' })
    await inTransaction((tx) =>
      decideWithdrawal(tx, owner, withdrawal.id, { state, decision: words }),
    )
    // Accepted: the money is the next step, with its own look at what it does.
    redirect(
      303,
      state === 'accepted' && withdrawal.orderId
        ? `/admin/orders/${withdrawal.orderId}/refund`
        : `/admin/withdrawals/${withdrawal.id}`,
    )
  },
}
