import { renderMarkdown } from '#modules/platform/markdown.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { DownloadContents, Goods } from '../types.ts'
import { findContents } from './store.contents.ts'

/**
 * What buyers of these products have: looked up now, so that a new version is theirs without any job. Rights are not
 * checked here; the caller has proven an active entitlement. Products that are no downloads are left out.
 */
export async function goodsOf(
  db: Db,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, Goods>> {
  const contents = await findContents(db, productIds, { newestOnly: false })
  return new Map(
    [...contents].map(([productId, { greeting, directionsMd, items }]) => [
      productId,
      { greeting, directionsHtml: renderMarkdown(directionsMd, { topHeading: 3 }), items },
    ]),
  )
}

/** What the owner's editor works on; empty contents for a product that has none yet. */
export async function downloadContents(db: Db, productId: string): Promise<DownloadContents> {
  const contents = await findContents(db, [productId], { newestOnly: false })
  return contents.get(productId) ?? { greeting: '', directionsMd: '', items: [] }
}
