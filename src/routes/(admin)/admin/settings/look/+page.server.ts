import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { lookInput } from '#modules/site/schemas.ts'
import { editLook, siteIdentity } from '#modules/site/server/index.ts'
import { fieldErrors } from '../form-errors.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  return { site: await siteIdentity(db()), saved: event.url.searchParams.has('saved') }
}

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values = {
      brandColour: textField(form, 'brandColour'),
      paper: textField(form, 'paper'),
      look: textField(form, 'look'),
      density: textField(form, 'density'),
      head: textField(form, 'head'),
    }
    const parsed = lookInput.safeParse({ ...values, look: values.look || undefined })
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    await inTransaction((tx) => editLook(tx, owner, parsed.data))
    redirect(303, '/admin/settings/look?saved')
  },
}
