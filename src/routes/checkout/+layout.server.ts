import type { LayoutServerLoad } from './$types'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'
import { clothesOf } from '#modules/site/ui/clothes.ts'

export const load: LayoutServerLoad = async () => {
  const [site, pages] = await Promise.all([siteIdentity(db()), sitePageLinks(db())])
  return {
    // Its styles travel in the page itself, and not once more in its data.
    site: { ...site, paletteCss: '', lookCss: '' },
    clothes: clothesOf(site),
    pages,
    /** How dates and amounts are told: the shop's. */
    words: { zone: site.timeZone, locale: site.locale },
    origin: runtime().settings.origin,
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
