import { layOutExampleBundle } from '#modules/bundles/server/index.ts'
import { storeProducts } from '#modules/catalog/server/index.ts'
import { layOutExamplePosts } from '#modules/content/server/index.ts'
import { layOutExampleCoupon } from '#modules/coupons/server/index.ts'
import {
  discardExampleFiles,
  layOutExampleDownloads,
  prepareExampleFiles,
} from '#modules/downloads/server/index.ts'
import { layOutExamplePlans } from '#modules/memberships/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { beginSite, siteIdentity, sitePages } from '#modules/site/server/index.ts'

/**
 * Fills an empty shop with the example studio, once: a shop that has begun is left as it is. All in one transaction,
 * so that a start that is killed in the middle begins again; of several processes one wins.
 */
export async function seedExampleShop(): Promise<void> {
  // Only saves the work of making files that would not be used; beginSite() decides.
  if ((await sitePages(db())).length > 0) return
  const files = await prepareExampleFiles()
  const isLaidOut = await inTransaction(async (tx) => {
    if (!(await beginSite(tx))) return false
    const { currency } = await siteIdentity(tx)
    await layOutExampleDownloads(tx, files, currency)
    await layOutExampleBundle(tx, currency)
    await layOutExampleCoupon(tx)
    await layOutExamplePlans(tx, currency)
    const { items } = await storeProducts(tx, { limit: 50, offset: 0 })
    await layOutExamplePosts(tx, new Map(items.map(({ id, title }) => [title, id])))
    return true
  })
  if (!isLaidOut) await discardExampleFiles(files)
}
