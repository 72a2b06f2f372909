import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db, inTransaction, postedForm, seenMark } from '#modules/platform/server/index.ts'
import { siteInput } from '#modules/site/schemas.ts'
import { editSite, shownSite, siteIdentity } from '#modules/site/server/index.ts'
import { differing } from '../../meanwhile.ts'
import { currencyChoices, localeChoices, zoneChoices } from './choices.ts'
import { fieldErrors } from './form-errors.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const site = await siteIdentity(db())
  return {
    site,
    seen: seenMark(shownSite(site)),
    saved: event.url.searchParams.has('saved'),
    zones: zoneChoices(site.timeZone),
    locales: localeChoices(site.locale),
    currencies: currencyChoices(site.currency),
  }
}

const labels = {
  name: 'Name',
  sentence: 'One sentence',
  aboutMd: 'About',
  ownerName: 'Your name or the studio’s',
  contactEmail: 'E-mail for questions',
  currency: 'Currency',
  locale: 'Dates and numbers as in',
  timeZone: 'Your time zone',
} as const

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const values = Object.fromEntries(
      [...(await postedForm(event.request))].map(([name, value]) => [
        name,
        typeof value === 'string' ? value : '',
      ]),
    )
    const parsed = siteInput.safeParse(values)
    if (!parsed.success) return fail(400, { values, errors: fieldErrors(parsed.error) })
    const edited = await inTransaction((tx) =>
      editSite(tx, owner, parsed.data, values.seen || undefined),
    )
    if (!edited.ok && edited.reason === 'changed') {
      const site = await inTransaction((tx) => siteIdentity(tx))
      const { contactEmail = '', ...others } = shownSite(site)
      return fail(409, {
        values: { ...values, seen: seenMark(shownSite(site)) },
        errors: {},
        stored: differing(labels, { ...others, contactEmail }, values),
      })
    }
    if (!edited.ok) {
      const errors: Record<string, string> = {
        currency: `Something was sold in ${edited.currency} already, or somebody is paying right now; the currency stays.`,
      }
      return fail(409, { values: { ...values, currency: edited.currency }, errors })
    }
    redirect(303, '/admin/settings?saved')
  },
}
