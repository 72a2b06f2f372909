import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { runtime } from '#modules/platform/server/index.ts'

/** How software asks this shop about licence keys. */
export const load: PageServerLoad = (event) => {
  ownerOnly(event)
  return { origin: runtime().settings.origin }
}
