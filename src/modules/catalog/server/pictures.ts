import type { Tx } from '#modules/platform/server/index.ts'
import { isReordering } from '#modules/platform/ordering.ts'
import { mostPictures } from '../image-rules.ts'
import type { Keeper } from '../types.ts'
import {
  deleteUnusedImages,
  insertImage,
  lockPictures,
  replacePictures,
  type PreparedImage,
} from './store.images.ts'
import { lockProduct, touchProduct } from './store.products.ts'

// NOTE: pictures are neither money nor visibility, so the audit trail does not follow them; `by` proves who asks.

export type PictureResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' | 'too_many' }

/** Adds a prepared picture behind the others; the first one is the cover. On refusal the caller discards the image. */
export async function addPicture(
  tx: Tx,
  _by: Keeper,
  productId: string,
  image: PreparedImage,
  alt: string,
): Promise<PictureResult> {
  if (!(await lockProduct(tx, productId))) return { ok: false, reason: 'not_found' }
  const pictures = await lockPictures(tx, productId)
  if (pictures.length >= mostPictures) return { ok: false, reason: 'too_many' }
  await insertImage(tx, image)
  await replacePictures(tx, productId, [...pictures, { imageId: image.id, alt }])
  await touchProduct(tx, productId)
  return { ok: true }
}

/** Puts the pictures into this order; the first becomes the cover. false when they are not exactly the product's own. */
export async function reorderPictures(
  tx: Tx,
  _by: Keeper,
  productId: string,
  imageIds: readonly string[],
): Promise<boolean> {
  if (!(await lockProduct(tx, productId))) return false
  const pictures = await lockPictures(tx, productId)
  if (
    !isReordering(
      pictures.map((picture) => picture.imageId),
      imageIds,
    )
  )
    return false
  await replacePictures(
    tx,
    productId,
    pictures.toSorted(
      (one, other) => imageIds.indexOf(one.imageId) - imageIds.indexOf(other.imageId),
    ),
  )
  await touchProduct(tx, productId)
  return true
}

/** Says what a picture shows, for those who cannot see it. false when it is not the product's. */
export async function describePicture(
  tx: Tx,
  _by: Keeper,
  productId: string,
  imageId: string,
  alt: string,
): Promise<boolean> {
  if (!(await lockProduct(tx, productId))) return false
  const pictures = await lockPictures(tx, productId)
  if (!pictures.some((picture) => picture.imageId === imageId)) return false
  await replacePictures(
    tx,
    productId,
    pictures.map((picture) => (picture.imageId === imageId ? { imageId, alt } : picture)),
  )
  await touchProduct(tx, productId)
  return true
}

/**
 * Takes a picture away. Returns the storage keys to hand to discardBytes after the commit (none while a copy of
 * the product still shows it), or undefined when it is not the product's.
 */
export async function removePicture(
  tx: Tx,
  _by: Keeper,
  productId: string,
  imageId: string,
): Promise<readonly string[] | undefined> {
  if (!(await lockProduct(tx, productId))) return undefined
  const pictures = await lockPictures(tx, productId)
  const rest = pictures.filter((picture) => picture.imageId !== imageId)
  if (rest.length === pictures.length) return undefined
  await replacePictures(tx, productId, rest)
  await touchProduct(tx, productId)
  return deleteUnusedImages(tx, [imageId])
}
