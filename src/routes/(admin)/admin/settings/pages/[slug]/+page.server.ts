import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  db,
  inTransaction,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { sitePageInput } from '#modules/site/schemas.ts'
import {
  editSitePage,
  removeSitePage,
  shownPage,
  sitePageForOwner,
} from '#modules/site/server/index.ts'
import { differing } from '../../../../meanwhile.ts'
import { fieldErrors } from '../../form-errors.ts'
import type { Actions, PageServerLoad } from './$types'

const gone = 'There is no page at this address.'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const page = await sitePageForOwner(db(), event.params.slug)
  if (!page) error(404, gone)
  return { page, seen: seenMark(shownPage(page)), saved: event.url.searchParams.has('saved') }
}

export const actions: Actions = {
  save: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values = {
      title: textField(form, 'title'),
      bodyMd: textField(form, 'bodyMd'),
      seen: textField(form, 'seen'),
    }
    const parsed = sitePageInput.safeParse(values)
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    const { slug } = event.params
    const edited = await inTransaction((tx) =>
      editSitePage(tx, owner, slug, parsed.data, values.seen || undefined),
    )
    if (!edited.ok) {
      const page = edited.reason === 'changed' ? await sitePageForOwner(db(), slug) : undefined
      if (!page) error(404, gone)
      return fail(409, {
        values: { ...values, seen: seenMark(shownPage(page)) },
        errors: {},
        stored: differing({ title: 'Title', bodyMd: 'Text' }, page, values),
      })
    }
    redirect(303, `/admin/settings/pages/${slug}?saved`)
  },
  remove: async (event) => {
    const owner = ownerOnly(event)
    await inTransaction((tx) => removeSitePage(tx, owner, event.params.slug))
    redirect(303, '/admin/settings/pages?removed')
  },
}
