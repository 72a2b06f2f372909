import type { LayoutServerLoad } from './$types'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { mailboxReader } from './proof.server.ts'

export const load: LayoutServerLoad = async (event) => {
  const { isOwner } = mailboxReader(event)
  const site = await siteIdentity(db())
  const { actor } = event.locals
  return {
    shop: { name: site.name, paletteCss: site.paletteCss },
    words: { zone: site.timeZone, locale: site.locale },
    owner:
      isOwner && actor
        ? { name: actor.name || actor.email, avatarUrl: actor.avatarUrl }
        : undefined,
  }
}
