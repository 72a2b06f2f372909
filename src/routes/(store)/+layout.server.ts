import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async () => {
  const [site, pages] = await Promise.all([siteIdentity(db()), sitePageLinks(db())])
  const { settings } = runtime()
  return {
    site,
    pages,
    origin: settings.origin,
    isRehearsal: settings.stripe.mode === 'rehearsal',
  }
}
