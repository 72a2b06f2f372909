import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  db,
  inTransaction,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { fontWords } from '#modules/site/fonts.ts'
import type { LookSettings } from '#modules/site/look-settings.ts'
import {
  densityWords,
  headWords,
  heroWords,
  lookWords,
  roundnessWords,
} from '#modules/site/looks.ts'
import { lookInput } from '#modules/site/schemas.ts'
import { draftLook, lookDraft, shownLook } from '#modules/site/server/index.ts'
import { differing } from '../../../meanwhile.ts'
import { fieldErrors } from '../form-errors.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { settings } = await lookDraft(db())
  return { seen: seenMark(shownLook(settings)), saved: event.url.searchParams.has('saved') }
}

const labels = {
  brandColour: 'Brand colour',
  look: 'Look',
  fonts: 'Fonts',
  roundness: 'Corners',
  hero: 'How the front page opens',
  density: 'Room',
  head: 'Head of each page',
  paper: 'Paper',
} as const

/** A look as its form names it. */
function toldLook(settings: Omit<LookSettings, 'sections'>) {
  const { brandColour, look, fonts, roundness, hero, density, head, paper } = settings
  const asItHas = 'As the look has it'
  return {
    brandColour,
    look: lookWords[look].label,
    fonts: fonts ? fontWords[fonts].label : asItHas,
    roundness: roundness ? roundnessWords[roundness].label : asItHas,
    hero: hero ? heroWords[hero].label : asItHas,
    density: density ? densityWords[density].label : asItHas,
    head: head ? headWords[head].label : asItHas,
    paper: paper[0]?.toUpperCase() + paper.slice(1),
  }
}

const fields = [
  'brandColour',
  'paper',
  'look',
  'density',
  'head',
  'fonts',
  'roundness',
  'hero',
] as const

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values: Record<string, string> = Object.fromEntries(
      fields.map((field) => [field, textField(form, field)]),
    )
    const parsed = lookInput.safeParse({ ...values, look: values.look || undefined })
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    const seen = textField(form, 'seen') || undefined
    const drafted = await inTransaction((tx) => draftLook(tx, owner, parsed.data, seen))
    if (!drafted.ok) {
      const { settings } = await lookDraft(db())
      return fail(409, {
        values: { ...values, seen: seenMark(shownLook(settings)) },
        errors: {},
        stored: differing(labels, toldLook(settings), toldLook(parsed.data)),
      })
    }
    redirect(303, '/admin/settings/look?saved')
  },
}
