import type { LayoutServerLoad } from './$types'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'

export const load: LayoutServerLoad = async () => {
  const [site, pages] = await Promise.all([siteIdentity(db()), sitePageLinks(db())])
  return {
    site,
    pages,
    /** How dates and amounts are told: the shop's. */
    words: { zone: site.timeZone, locale: site.locale },
    origin: runtime().settings.origin,
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
