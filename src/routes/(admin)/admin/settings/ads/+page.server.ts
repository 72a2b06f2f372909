import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  db,
  inTransaction,
  postedForm,
  runtime,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { adPlaces, adPlaceWords, readAdClient, readAdUnit, type Ads } from '#modules/site/ads.ts'
import { editAds, shownAds, siteAds } from '#modules/site/server/index.ts'
import { differing } from '../../../meanwhile.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const ads = await siteAds(db())
  return {
    ads,
    places: adPlaces.map((place) => ({ place, ...adPlaceWords[place] })),
    seen: seenMark(shownAds(ads)),
    adsTxtAddress: `${runtime().settings.origin}/ads.txt`,
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
    saved: event.url.searchParams.has('saved'),
  }
}

const labels: Readonly<Record<string, string>> = {
  client: 'AdSense id',
  ...Object.fromEntries(adPlaces.map((place) => [place, adPlaceWords[place].label])),
  asksFirst: 'Ask each visitor first',
}

function toldAds({ client, units, asksFirst }: Ads) {
  return {
    client: client ?? '',
    ...Object.fromEntries(adPlaces.map((place) => [place, units[place] ?? ''])),
    asksFirst: asksFirst ? 'Yes' : 'No',
  }
}

export const actions: Actions = {
  default: async (event) => {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values: Record<string, string> = Object.fromEntries(
      ['client', ...adPlaces, 'asksFirst', 'seen'].map((name) => [name, textField(form, name)]),
    )
    const errors: Record<string, string> = {}
    const client = readAdClient(values.client ?? '')
    if (!client.ok) errors.client = client.problem
    const units: Partial<Record<(typeof adPlaces)[number], string>> = {}
    for (const place of adPlaces) {
      const unit = readAdUnit(values[place] ?? '', client.ok ? client.id : undefined)
      if (!unit.ok) errors[place] = unit.problem
      else if (unit.id !== undefined) units[place] = unit.id
    }
    if (!client.ok || Object.keys(errors).length > 0) return fail(400, { values, errors })
    const ads = { client: client.id, units, asksFirst: values.asksFirst === 'yes' }
    const edited = await inTransaction((tx) => editAds(tx, owner, ads, values.seen || undefined))
    if (!edited.ok) {
      const stored = await inTransaction((tx) => siteAds(tx))
      return fail(409, {
        values: { ...values, seen: seenMark(shownAds(stored)) },
        errors: {},
        stored: differing(labels, toldAds(stored), toldAds(ads)),
      })
    }
    redirect(303, '/admin/settings/ads?saved')
  },
}
