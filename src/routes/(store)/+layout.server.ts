import { hasPosts } from '#modules/content/server/index.ts'
import { owedOn } from '../owed.server.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { draftedIdentity, siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'
import { clothesOf } from '#modules/site/ui/clothes.ts'
import { isDraftAsked } from './draft.server.ts'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async (event) => {
  const asksDraft = isDraftAsked(event)
  const [site, pages, posts, owed] = await Promise.all([
    asksDraft ? draftedIdentity(db()).then((drafted) => drafted.site) : siteIdentity(db()),
    sitePageLinks(db()),
    hasPosts(db()),
    owedOn(event),
  ])
  const { settings } = runtime()
  return {
    site,
    clothes: clothesOf(site),
    pages,
    hasPosts: posts,
    owed,
    origin: settings.origin,
    isRehearsal: settings.stripe.mode === 'rehearsal',
    /** Seen by the owner alone; in a frame of the look's own page it says nothing of itself. */
    draft: asksDraft
      ? { isFramed: event.request.headers.get('sec-fetch-dest') === 'iframe' }
      : undefined,
  }
}
