import type { LayoutServerLoad } from './$types'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { clothesOf } from '#modules/site/ui/clothes.ts'

export const load: LayoutServerLoad = async () => {
  const site = await siteIdentity(db())
  return {
    shop: { name: site.name },
    clothes: clothesOf(site),
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
