import type { LayoutServerLoad } from './$types'
import { ownerOnly, showsFactorHint } from '#modules/accounts/server/index.ts'
import { commentsWaiting } from '#modules/community/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { setupOverview } from '#modules/setup/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** How many things of the set-up are left, for the first page; undefined when nothing is, or the owner put it away. */
async function openSteps() {
  const { items, isClosed } = await setupOverview(db())
  const open = items.filter((item) => !item.isDone)
  const next = open[0]
  return isClosed || !next ? undefined : { left: open.length, of: items.length, next }
}

/** The frame of the owner's pages. Each page and action below proves the owner by itself as well: they run without this. */
export const load: LayoutServerLoad = async (event) => {
  const owner = ownerOnly(event)
  const site = await siteIdentity(db())
  return {
    shop: { name: site.name, paletteCss: site.paletteCss, currency: site.currency },
    /** How dates and amounts are told to the owner. */
    words: { zone: site.timeZone, locale: site.locale },
    owner: { name: owner.name || owner.email, avatarUrl: owner.avatarUrl },
    setup: event.url.pathname === '/admin/orders' ? await openSteps() : undefined,
    waiting: { comments: await commentsWaiting(db()) },
    showsFactorHint: await showsFactorHint(db(), owner),
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
