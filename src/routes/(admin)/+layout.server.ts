import type { LayoutServerLoad } from './$types'
import { ownerOnly, showsFactorHint } from '#modules/accounts/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** The frame of the owner's pages. Each page and action below proves the owner by itself as well: they run without this. */
export const load: LayoutServerLoad = async (event) => {
  const owner = ownerOnly(event)
  const site = await siteIdentity(db())
  return {
    shop: { name: site.name, paletteCss: site.paletteCss, currency: site.currency },
    /** How dates and amounts are told to the owner. */
    words: { zone: site.timeZone, locale: site.locale },
    owner: { name: owner.name || owner.email, avatarUrl: owner.avatarUrl },
    showsFactorHint: await showsFactorHint(db(), owner),
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
