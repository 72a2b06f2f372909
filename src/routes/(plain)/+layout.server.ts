import type { LayoutServerLoad } from './$types'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

export const load: LayoutServerLoad = async () => {
  const site = await siteIdentity(db())
  return {
    shop: { name: site.name, paletteCss: site.paletteCss, lookCss: site.lookCss },
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
