import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { giftOf, orderById, reassignOrder } from '#modules/orders/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'

/** Moves an order to another address: says what happens, then does it. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const order = (await orderById(db(), event.params.id)) ?? error(404, 'There is no order here.')
  const gift = await giftOf(db(), order.id)
  return {
    order: {
      id: order.id,
      number: order.number,
      email: order.email,
      titles: order.lines.map((line) => line.title),
    },
    isTakenGift: gift?.state === 'taken',
  }
}

export const actions: Actions = {
  async default(event) {
    const owner = ownerOnly(event)
    const { id } = event.params
    const { form } = await provenForm(event, 'access')
    const typed = textField(form, 'email').slice(0, 300)
    const reason = oneLine(textField(form, 'reason').slice(0, 2_000)).slice(0, 500)
    const email = canonicalEmail(typed)
    const isAsked = textField(form, 'step') === 'preview'
    const values = { email: typed, reason }
    const refuse = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { values, errors, to: undefined })
    if (email === undefined) return refuse(400, { email: 'Type the e-mail address it belongs to.' })
    if (reason === '') return refuse(400, { reason: 'Say in a few words why. It is kept.' })
    if (isAsked) return { values, errors: {}, to: email }
    const moved = await inTransaction(
      (tx) => reassignOrder(tx, owner, id, { email, reason }),
      'money',
    )
    if (moved.ok) redirect(303, `/admin/orders/${id}?notice=moved`)
    switch (moved.reason) {
      case 'unknown':
        return error(404, 'There is no order here.')
      case 'same':
        return refuse(409, { email: 'The order is at this address already.' })
      case 'gift':
        return refuse(409, { '': 'Somebody took this gift. It is theirs now and stays with them.' })
    }
  },
}
