import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  db,
  inTransaction,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { lookInput, type LookInput } from '#modules/site/schemas.ts'
import { densityWords, headWords, lookWords } from '#modules/site/looks.ts'
import { editLook, shownLook, siteIdentity } from '#modules/site/server/index.ts'
import { differing } from '../../../meanwhile.ts'
import { fieldErrors } from '../form-errors.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const site = await siteIdentity(db())
  return { site, seen: seenMark(shownLook(site)), saved: event.url.searchParams.has('saved') }
}

const labels = {
  brandColour: 'Brand colour',
  look: 'Look',
  density: 'Room',
  head: 'Head of each page',
  paper: 'Paper',
} as const

/** A look as its form names it. */
function toldLook({ brandColour, look, density, head, paper }: LookInput) {
  const asItHas = 'As the look has it'
  return {
    brandColour,
    look: lookWords[look].label,
    density: density ? densityWords[density].label : asItHas,
    head: head ? headWords[head].label : asItHas,
    paper: paper[0]?.toUpperCase() + paper.slice(1),
  }
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
      seen: textField(form, 'seen'),
    }
    const parsed = lookInput.safeParse({ ...values, look: values.look || undefined })
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    const edited = await inTransaction((tx) =>
      editLook(tx, owner, parsed.data, values.seen || undefined),
    )
    if (!edited.ok) {
      const site = await inTransaction((tx) => siteIdentity(tx))
      return fail(409, {
        values: { ...values, seen: seenMark(shownLook(site)) },
        errors: {},
        stored: differing(labels, toldLook(site), toldLook(parsed.data)),
      })
    }
    redirect(303, '/admin/settings/look?saved')
  },
}
