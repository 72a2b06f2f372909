import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { customerDetail, ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { ownerProducts } from '#modules/catalog/server/index.ts'
import { giveComp } from '#modules/orders/server/index.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'

/** Gives a product without a payment. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const customer = await customerDetail(db(), event.params.id)
  if (!customer) error(404, 'There is no customer at this address.')
  const live = await ownerProducts(db(), { state: 'live', search: '', limit: 200, offset: 0 })
  return {
    id: customer.id,
    email: customer.member?.email ?? customer.email,
    choices: live.items.map((product) => ({ value: product.id, label: product.title })),
  }
}

export const actions: Actions = {
  async default(event) {
    const owner = ownerOnly(event)
    const customer = await customerDetail(db(), event.params.id)
    if (!customer) error(404, 'There is no customer at this address.')
    const { form } = await provenForm(event, 'access')
    const values = {
      product: textField(form, 'product'),
      reason: oneLine(textField(form, 'reason').slice(0, 2_000)).slice(0, 500),
    }
    const refuse = (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { values, errors })
    if (values.reason === '') return refuse(400, { reason: 'Say in a few words why. It is kept.' })
    const given = await inTransaction((tx) =>
      giveComp(tx, owner, {
        email: customer.member?.email ?? customer.email,
        productId: values.product,
        reason: values.reason,
      }),
    )
    if (given.ok) redirect(303, `/admin/customers/${customer.id}?notice=given`)
    return given.reason === 'no_product'
      ? refuse(400, { product: 'Choose a product.' })
      : refuse(409, { product: 'They have been given this already.' })
  },
}
