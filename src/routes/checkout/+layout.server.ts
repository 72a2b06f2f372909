import type { LayoutServerLoad } from './$types'
import { hasPosts } from '#modules/content/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'
import { clothesOf } from '#modules/site/ui/clothes.ts'

export const load: LayoutServerLoad = async () => {
  const [site, pages, posts] = await Promise.all([
    siteIdentity(db()),
    sitePageLinks(db()),
    hasPosts(db()),
  ])
  return {
    // Its styles travel in the page itself, and not once more in its data.
    site: { ...site, paletteCss: '', lookCss: '' },
    clothes: clothesOf(site),
    pages,
    hasPosts: posts,
    /** How dates and amounts are told: the shop's. */
    words: { zone: site.timeZone, locale: site.locale },
    origin: runtime().settings.origin,
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
