import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { sitePageInput } from '#modules/site/schemas.ts'
import { editSitePage, removeSitePage, sitePageForOwner } from '#modules/site/server/index.ts'
import { fieldErrors } from '../../form-errors.ts'
import type { Actions, PageServerLoad } from './$types'

const gone = 'There is no page at this address.'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const page = await sitePageForOwner(db(), event.params.slug)
  if (!page) error(404, gone)
  return { page, saved: event.url.searchParams.has('saved') }
}

export const actions: Actions = {
  save: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values = {
      title: textField(form, 'title'),
      bodyMd: textField(form, 'bodyMd'),
    }
    const parsed = sitePageInput.safeParse(values)
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    const { slug } = event.params
    if (!(await inTransaction((tx) => editSitePage(tx, owner, slug, parsed.data)))) error(404, gone)
    redirect(303, `/admin/settings/pages/${slug}?saved`)
  },
  remove: async (event) => {
    const owner = ownerOnly(event)
    await inTransaction((tx) => removeSitePage(tx, owner, event.params.slug))
    redirect(303, '/admin/settings/pages?removed')
  },
}
