import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { lookDraft } from '#modules/site/server/index.ts'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async (event) => {
  ownerOnly(event)
  return { draft: await lookDraft(db()) }
}
