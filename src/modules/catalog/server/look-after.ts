import { isId } from '#modules/platform/ids.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { OwnerProduct, OwnerProductRow } from '../types.ts'
import { inDetail } from './browse.ts'
import { findImageFile } from './store.images.ts'
import {
  countProducts,
  findProduct,
  formerSlugs,
  ownerProductRows,
  type OwnerFilter,
  type ProductCounts,
} from './store.products.ts'

export interface OwnerProductPage {
  readonly items: readonly OwnerProductRow[]
  /** That fit the filter, on all pages. */
  readonly total: number
  /** Of the whole range, whatever is filtered. */
  readonly counts: ProductCounts
}

/** The owner's list, newest first: of one state, or all but archived ones; by words or any part of title or address. */
export async function ownerProducts(db: Db, filter: OwnerFilter): Promise<OwnerProductPage> {
  const { items, total } = await ownerProductRows(db, filter)
  return { items, total, counts: await countProducts(db) }
}

/** A product of any state for the editor; undefined for an id that is none. */
export async function ownerProduct(db: Db, id: string): Promise<OwnerProduct | undefined> {
  const product = isId(id) ? await findProduct(db, { id }) : undefined
  if (!product) return undefined
  const detail = await inDetail(db, product)
  return {
    ...detail,
    position: product.position,
    createdAt: product.createdAt,
    archivedAt: product.archivedAt,
    pictures: [...(detail.cover ? [detail.cover] : []), ...detail.gallery],
    formerSlugs: await formerSlugs(db, id),
  }
}

/** The stored file of a picture, for /images; files of anything else are not found. */
export async function imageFile(
  db: Db,
  fileId: string,
): Promise<
  | {
      readonly key: string
      readonly mediaType: string
      readonly byteSize: number
      readonly sha256: string
    }
  | undefined
> {
  return isId(fileId) ? findImageFile(db, fileId) : undefined
}
