import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { sitePages } from '#modules/site/server/index.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  return { pages: await sitePages(db()), removed: event.url.searchParams.has('removed') }
}
