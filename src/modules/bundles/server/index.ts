import type { KindDescription, ProductKind } from '#modules/catalog/product-kind.ts'
import { makeOwn } from '#modules/catalog/server/index.ts'
import type { Keeper } from '#modules/catalog/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { moved, type Move } from '#modules/platform/ordering.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import {
  copyParts,
  lockBundle,
  partIdsOf,
  partRows,
  partsOfBundles,
  replaceParts,
  titlesOfBundlesWith,
  type PartChoice,
} from './store.ts'

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
          delivery: deliveryWords(inside.length),
          inside: inside.map((part) => ({ title: part.title, detail: '' })),
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

function deliveryWords(parts: number): string {
  return parts === 1 ? '1 thing, yours at once' : `${parts} things, all yours at once`
}

export { layOutExampleBundle } from './example-shop.ts'

/** A product in the bundle, or one that may be put into it. */
export type { PartChoice } from './store.ts'

/** What a bundle holds, in order, and behind it what may be put into it besides: at most 200 products, newest first. */
export async function bundleContents(db: Db, bundleId: string): Promise<readonly PartChoice[]> {
  return isId(bundleId) ? partRows(db, bundleId) : []
}

/** What the bundles in the shop that hold a product are called, at most ten. */
export async function bundlesWith(db: Db, partId: string): Promise<readonly string[]> {
  return isId(partId) ? titlesOfBundlesWith(db, partId, 10) : []
}

export type PartsResult =
  | { readonly ok: true }
  /** full: it holds as many as it may. */
  | { readonly ok: false; readonly reason: 'not_found' | 'full' }

/**
 * Puts a product into a bundle, after the others; who bought the bundle before keeps what it held. One that is in it, is a
 * bundle or is no product is left out. On record.
 */
export async function addPart(
  tx: Tx,
  by: Keeper,
  bundleId: string,
  partId: string,
): Promise<PartsResult> {
  return revise(tx, by, bundleId, (parts) => [...parts, partId])
}

/** Puts a part a place earlier or later. On record. */
export async function movePart(
  tx: Tx,
  by: Keeper,
  bundleId: string,
  partId: string,
  move: Move,
): Promise<PartsResult> {
  return revise(tx, by, bundleId, (parts) => moved(parts, partId, move))
}

/** Takes a part out; who bought the bundle before keeps it. On record. */
export async function removePart(
  tx: Tx,
  by: Keeper,
  bundleId: string,
  partId: string,
): Promise<PartsResult> {
  return revise(tx, by, bundleId, (parts) => parts.filter((id) => id !== partId))
}

/** The bundle's row is locked meanwhile: of two changes at once the second sees what the first did. */
async function revise(
  tx: Tx,
  by: Keeper,
  bundleId: string,
  change: (parts: readonly string[]) => readonly string[],
): Promise<PartsResult> {
  if (!isId(bundleId) || !(await lockBundle(tx, bundleId)))
    return { ok: false, reason: 'not_found' }
  const parts = [...new Set(change(await partIdsOf(tx, bundleId)).filter(isId))]
  if (parts.length > mostParts) return { ok: false, reason: 'full' }
  const kept = await replaceParts(tx, bundleId, parts)
  await makeOwn(tx, by, bundleId)
  await audit(tx, {
    actor: by === 'system' ? { kind: 'system' } : { kind: 'owner', memberId: by.memberId },
    action: 'bundle.parts_set',
    subject: { kind: 'product', id: bundleId },
    detail: { parts: kept },
  })
  return { ok: true }
}
