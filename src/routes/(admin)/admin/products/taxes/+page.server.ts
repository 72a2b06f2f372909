import { fail, redirect } from '@sveltejs/kit'
import { readForm, typed } from '#modules/accounts/schemas.ts'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { taxForm } from '#modules/catalog/schemas.ts'
import { removeTaxRate, setTaxRate, taxRates } from '#modules/catalog/server/index.ts'
import { db, inTransaction, postedForm } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  return { rates: await taxRates(db()), saved: event.url.searchParams.has('saved') }
}

export const actions: Actions = {
  async setTax(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values: Record<string, string> = {
      country: typed(form, 'country'),
      basisPoints: typed(form, 'basisPoints'),
      label: typed(form, 'label'),
    }
    const read = readForm(taxForm, form)
    if (!read.ok) return fail(400, { values, errors: read.errors })
    const { country, basisPoints, label } = read.values
    const set = await inTransaction((tx) =>
      setTaxRate(tx, owner, { productId: undefined, country, basisPoints, label }),
    )
    if (set.ok) redirect(303, '/admin/products/taxes?saved')
    const errors: Record<string, string> = { '': 'There are too many rates. Remove one first.' }
    return fail(409, { values, errors })
  },

  async removeTax(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    await inTransaction((tx) => removeTaxRate(tx, owner, typed(form, 'rate')))
    redirect(303, '/admin/products/taxes?saved')
  },
}
