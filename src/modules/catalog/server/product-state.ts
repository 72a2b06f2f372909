import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { ProductKind } from '../product-kind.ts'
import type { Keeper, ProductState } from '../types.ts'
import { acting } from './acting.ts'
import { activePrice } from './store.prices.ts'
import { lockProduct, writeState } from './store.products.ts'

export type PublishResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'archived' }
  /** missing: what is still to be done, in the owner's words. */
  | { readonly ok: false; readonly reason: 'missing'; readonly missing: readonly string[] }

/**
 * Puts a draft into the store. kind: the product's own; currency: what the shop sells in now. Refused while
 * something is missing. Publishing a live product changes nothing.
 */
export async function publishProduct(
  tx: Tx,
  by: Keeper,
  productId: string,
  kind: ProductKind,
  currency: string,
): Promise<PublishResult> {
  const product = await lockProduct(tx, productId)
  if (!product) return { ok: false, reason: 'not_found' }
  if (product.state === 'archived') return { ok: false, reason: 'archived' }
  const missing = await missingToPublish(tx, productId, kind, currency)
  if (missing.length > 0) return { ok: false, reason: 'missing', missing }
  if (product.state === 'draft') await move(tx, by, productId, 'live', 'product.published')
  return { ok: true }
}

/** What a product still needs before it may go live, in the owner's words; [] = ready. */
export async function missingToPublish(
  db: Db,
  productId: string,
  kind: ProductKind,
  currency: string,
): Promise<readonly string[]> {
  const price = await activePrice(db, productId)
  return [
    ...(price
      ? price.currency === currency
        ? []
        : [
            `Set the price again: it is in ${price.currency}, and the shop now sells in ${currency}.`,
          ]
      : ['Set a price.']),
    ...(await kind.missing(db, productId)),
  ]
}

/** Takes a product out of the store. Who bought it keeps it; its address says that it is no longer sold. */
export async function archiveProduct(tx: Tx, by: Keeper, productId: string): Promise<boolean> {
  const product = await lockProduct(tx, productId)
  if (!product) return false
  if (product.state !== 'archived') await move(tx, by, productId, 'archived', 'product.archived')
  return true
}

/** Brings an archived product back as a draft, so that it can be looked over before it is sold again. */
export async function restoreProduct(tx: Tx, by: Keeper, productId: string): Promise<boolean> {
  const product = await lockProduct(tx, productId)
  if (!product) return false
  if (product.state === 'archived') await move(tx, by, productId, 'draft', 'product.restored')
  return true
}

async function move(
  tx: Tx,
  by: Keeper,
  productId: string,
  state: ProductState,
  action: string,
): Promise<void> {
  await writeState(tx, productId, state)
  await audit(tx, { actor: acting(by), action, subject: { kind: 'product', id: productId } })
}
