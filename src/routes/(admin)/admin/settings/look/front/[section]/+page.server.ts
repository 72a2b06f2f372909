import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { storeProducts } from '#modules/catalog/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { withWords } from '#modules/site/front-sections.ts'
import { sectionWordsInput } from '#modules/site/schemas.ts'
import { draftSections, lookDraft } from '#modules/site/server/index.ts'
import { fieldErrors } from '../../../form-errors.ts'
import { changedMeanwhile, versionSeen } from '../../draft-form.ts'
import type { Actions, PageServerLoad } from './$types'

const gone = 'There is no such section on the front page (any more).'
/** Of products to choose one from. */
const mostListed = 200

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { settings } = await lookDraft(db())
  const section = settings.sections.find(({ id }) => id === event.params.section)
  if (!section || section.kind === 'opening') error(404, gone)
  const products =
    section.kind === 'picked'
      ? (await storeProducts(db(), { limit: mostListed, offset: 0 })).items
      : []
  return {
    section,
    products: products.map(({ slug, title }) => ({ slug, title })),
  }
}

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values = { title: textField(form, 'title'), body: textField(form, 'body') }
    const parsed = sectionWordsInput.safeParse(values)
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    const done = await inTransaction((tx) =>
      draftSections(
        tx,
        owner,
        (sections) => withWords(sections, event.params.section, parsed.data),
        versionSeen(textField(form, 'seen')),
      ),
    )
    if (done.ok) redirect(303, '/admin/settings/look/front')
    if (done.reason === 'changed_meanwhile')
      return fail(409, { values, errors: { body: changedMeanwhile } })
    error(404, gone)
  },
}
