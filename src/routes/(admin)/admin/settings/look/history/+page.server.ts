import { error, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { changesBetween, usualSettings } from '#modules/site/look-settings.ts'
import {
  draftUsualLook,
  publishedLooks,
  siteIdentity,
  wearAgain,
  wornLook,
} from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [looks, worn, site] = await Promise.all([
    publishedLooks(db()),
    wornLook(db()),
    siteIdentity(db()),
  ])
  return {
    words: { zone: site.timeZone, locale: site.locale },
    looks: looks.map(({ settings, ...rest }) => ({
      ...rest,
      look: settings.look,
      fonts: settings.fonts,
      brandColour: settings.brandColour,
      sections: settings.sections.filter((one) => !one.isHidden).length,
      /** What wearing it again would change. */
      changes: changesBetween(worn, settings),
    })),
    usualChanges: changesBetween(worn, usualSettings(worn)),
  }
}

export const actions: Actions = {
  async wear(event) {
    const owner = ownerOnly(event)
    const number = textField(await postedForm(event.request), 'number')
    if (!/^\d{1,15}$/.test(number)) error(400, 'An earlier look is named by its number.')
    const isWorn = await inTransaction((tx) => wearAgain(tx, owner, Number(number)))
    if (!isWorn) error(404, 'There is no such look (any more).')
    redirect(303, '/admin/settings/look/publish?published')
  },

  async reset(event) {
    const owner = ownerOnly(event)
    await inTransaction((tx) => draftUsualLook(tx, owner))
    redirect(303, '/admin/settings/look/publish')
  },
}
