import type { KindDescription, ProductKind } from '#modules/catalog/product-kind.ts'
import type { Keeper } from '#modules/catalog/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { copyParts, isBundle, partRows, partsOfBundles, replaceParts } from './store.ts'

export const kindName = 'bundle'
/** What one bundle may hold: its parts are lines of an order. */
export const mostParts = 20

/** Several products for one price, sold as their parts. */
export const bundleKind: ProductKind = {
  kind: kindName,
  words: { one: 'Bundle', many: 'Bundles' },

  async describe(db, productIds) {
    const parts = await partsOfBundles(db, productIds.filter(isId))
    return new Map(
      [...parts].map(([bundleId, inside]): [string, KindDescription] => [
        bundleId,
        {
          delivery: `${inside.length} things, all yours at once`,
          inside: inside.map((part) => ({ title: part.title, detail: part.summary })),
        },
      ]),
    )
  },

  async missing(db, productId) {
    const parts = (await partsOfBundles(db, [productId])).get(productId) ?? []
    return parts.length >= 2 ? [] : ['Put at least two products that are in the shop into it.']
  },

  async parts(db, productId) {
    return ((await partsOfBundles(db, [productId])).get(productId) ?? []).map((part) => part.id)
  },

  // Its parts are what is bought; their kinds deliver.
  benefits: () => [],
  fulfil: async () => undefined,
  revoke: async () => undefined,
  copy: copyParts,
}

/** What a bundle holds, in order, with what may be put into it besides: at most 200 products, newest first. */
export async function bundleContents(db: Db, bundleId: string) {
  return partRows(db, bundleId)
}

/**
 * Sets what a bundle holds from now on, in this order; who bought it before keeps what it held. Ids that are no products, or
 * are bundles, are left out. On record. false: no such bundle.
 */
export async function setParts(
  tx: Tx,
  by: Keeper,
  bundleId: string,
  partIds: readonly string[],
): Promise<boolean> {
  if (!isId(bundleId) || !(await isBundle(tx, bundleId))) return false
  const kept = await replaceParts(
    tx,
    bundleId,
    [...new Set(partIds.filter(isId))].slice(0, mostParts),
  )
  await audit(tx, {
    actor: by === 'system' ? { kind: 'system' } : { kind: 'owner', memberId: by.memberId },
    action: 'bundle.parts_set',
    subject: { kind: 'product', id: bundleId },
    detail: { parts: kept },
  })
  return true
}
