import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { sitePageInput } from '#modules/site/schemas.ts'
import { addSitePage } from '#modules/site/server/index.ts'
import { fieldErrors } from '../../form-errors.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = (event) => {
  ownerOnly(event)
}

const refusals = {
  title_taken: 'There is a page with this title already; choose another.',
  too_many: 'A shop has at most 100 pages.',
} as const

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values = {
      title: textField(form, 'title'),
      bodyMd: textField(form, 'bodyMd'),
    }
    const parsed = sitePageInput.safeParse(values)
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    const added = await inTransaction((tx) => addSitePage(tx, owner, parsed.data))
    if (!added.ok) {
      const errors: Record<string, string> = { title: refusals[added.reason] }
      return fail(409, { values, errors })
    }
    redirect(303, `/admin/settings/pages/${added.slug}?saved`)
  },
}
