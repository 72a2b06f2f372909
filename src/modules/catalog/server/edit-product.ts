import { cutText } from '#modules/platform/cut-text.ts'
import { slugOf } from '#modules/platform/slug.ts'
import { audit, overwrites, type Tx } from '#modules/platform/server/index.ts'
import type { ProductKind } from '../product-kind.ts'
import type { Keeper } from '../types.ts'
import { acting } from './acting.ts'
import { deleteUnusedImages, lockPictures, replacePictures } from './store.images.ts'
import { activePrice, replacePrice } from './store.prices.ts'
import { makeOwn } from './own-examples.ts'
import {
  deleteProductRow,
  exampleProductIds,
  findProduct,
  forgetFormerSlug,
  insertProduct,
  isSlugTaken,
  keepFormerSlug,
  lockProduct,
  lockSlugs,
  setMostPerOrder,
  writeState,
  writeText,
  type ProductText,
} from './store.products.ts'
import { questionsOf, replaceQuestions } from './store.questions.ts'
import { shownWords, wordsSeen } from './words-seen.ts'

export type { ProductText } from './store.products.ts'

const longestTitle = 120

/** Makes a draft. Its address comes from the title; a number is added where another product has, or had, that one. */
export async function createProduct(
  tx: Tx,
  by: Keeper,
  product: {
    /** Where the caller has to find it again. */
    readonly id?: string
    readonly kind: string
    readonly title: string
    readonly summary?: string
    readonly descriptionMd?: string
    readonly position?: number
    readonly isExample?: boolean
  },
): Promise<{ id: string; slug: string }> {
  const slug = await freeSlug(tx, slugOf(product.title))
  const id = await insertProduct(tx, {
    ...(product.id === undefined ? {} : { id: product.id }),
    kind: product.kind,
    title: product.title,
    slug,
    summary: product.summary ?? '',
    descriptionMd: product.descriptionMd ?? '',
    position: product.position ?? 0,
    isExample: product.isExample ?? false,
  })
  await audit(tx, {
    actor: acting(by),
    action: 'product.created',
    subject: { kind: 'product', id },
    detail: { title: product.title, kind: product.kind },
  })
  return { id, slug }
}

async function freeSlug(tx: Tx, wanted: string): Promise<string> {
  await lockSlugs(tx)
  for (let number = 1; number <= 1000; number++) {
    const slug = number === 1 ? wanted : `${wanted.slice(0, 75)}-${number}`
    if (!(await isSlugTaken(tx, slug, undefined))) return slug
  }
  throw new Error(`A thousand products are already called ${wanted}.`)
}

export type EditResult =
  | { readonly ok: true; readonly slug: string }
  | { readonly ok: false; readonly reason: 'not_found' | 'slug_taken' | 'changed' }

/**
 * Writes a product's words. When the address of a product that was ever live changes, the old one goes on leading
 * to it. slug_taken: the address belongs, or once belonged, to another product. seen: wordsSeen() of the words that
 * are replaced, where the writer has seen them; changed: they are others by now, and nothing was written.
 */
export async function editProduct(
  tx: Tx,
  by: Keeper,
  productId: string,
  text: ProductText,
  seen?: string,
): Promise<EditResult> {
  await lockSlugs(tx)
  const product = await lockProduct(tx, productId)
  if (!product) return { ok: false, reason: 'not_found' }
  if (overwrites(seen, shownWords(product), shownWords(text)))
    return { ok: false, reason: 'changed' }
  if (text.slug !== product.slug) {
    if (await isSlugTaken(tx, text.slug, productId)) return { ok: false, reason: 'slug_taken' }
    await forgetFormerSlug(tx, productId, text.slug)
    if (product.wasPublished) await keepFormerSlug(tx, productId, product.slug)
  }
  await writeText(tx, productId, text)
  if (wordsSeen(text) !== wordsSeen(product)) await makeOwn(tx, by, productId)
  if (text.slug !== product.slug || text.title !== product.title) {
    await audit(tx, {
      actor: acting(by),
      action: 'product.renamed',
      subject: { kind: 'product', id: productId },
      detail: { title: text.title, slug: text.slug, formerSlug: product.slug },
    })
  }
  return { ok: true, slug: text.slug }
}

/**
 * Makes a draft that has everything the product has but its buyers and its address: words, pictures, price, how it
 * is bought and what it delivers. kind: the product's own. undefined when there is no such product.
 */
export async function duplicateProduct(
  tx: Tx,
  by: Keeper,
  productId: string,
  kind: ProductKind,
): Promise<{ id: string; slug: string } | undefined> {
  const original = await findProduct(tx, { id: productId })
  if (!original) return undefined
  const copy = await createProduct(tx, by, {
    kind: original.kind,
    title: cutText(`Copy of ${original.title}`, longestTitle),
    summary: original.summary,
    descriptionMd: original.descriptionMd,
    position: original.position,
  })
  await replacePictures(tx, copy.id, await lockPictures(tx, productId))
  const price = await activePrice(tx, productId)
  if (price) await replacePrice(tx, copy.id, price)
  await setMostPerOrder(tx, copy.id, original.mostPerOrder)
  for (const asked of ['buying', 'booking'] as const) {
    const questions = (await questionsOf(tx, [productId], asked)).get(productId) ?? []
    await replaceQuestions(
      tx,
      copy.id,
      questions.map((question) => ({ ...question, id: undefined })),
      asked,
    )
  }
  await kind.copy(tx, productId, copy.id)
  return copy
}

export type DeleteResult =
  /** bytes: storage keys to hand to discardBytes after the commit. */
  | { readonly ok: true; readonly bytes: readonly string[] }
  | { readonly ok: false; readonly reason: 'not_found' | 'was_live' | 'was_offered' }

/**
 * Deletes a product that leaves no trace with anybody: never live (or an example) and in nobody's checkout. Others
 * are archived: was_live, its address was printed; was_offered, a checkout or an order names it.
 */
export async function deleteProduct(tx: Tx, by: Keeper, productId: string): Promise<DeleteResult> {
  const product = await lockProduct(tx, productId)
  if (!product) return { ok: false, reason: 'not_found' }
  if (product.wasPublished && !product.isExample) return { ok: false, reason: 'was_live' }
  const imageIds = await deleteProductRow(tx, productId)
  if (!imageIds) return { ok: false, reason: 'was_offered' }
  await audit(tx, {
    actor: acting(by),
    action: 'product.deleted',
    subject: { kind: 'product', id: productId },
    detail: { title: product.title },
  })
  return { ok: true, bytes: await deleteUnusedImages(tx, imageIds) }
}

/**
 * Clears the example products away: deletes them, and archives those that somebody (in rehearsal) bought, or that are part of
 * what the owner made.
 */
export async function removeExampleProducts(
  tx: Tx,
  by: Keeper,
): Promise<{ deleted: number; archived: number; bytes: readonly string[] }> {
  const bytes: string[] = []
  let left = await exampleProductIds(tx)
  const count = left.length
  // One that is part of another example can be deleted once that one is gone.
  for (let before = Infinity; left.length < before;) {
    before = left.length
    const kept: string[] = []
    for (const id of left) {
      const result = await deleteProduct(tx, by, id)
      if (result.ok) bytes.push(...result.bytes)
      else if (result.reason === 'was_offered') kept.push(id)
    }
    left = kept
  }
  for (const id of left) {
    await writeState(tx, id, 'archived')
    await audit(tx, {
      actor: acting(by),
      action: 'product.archived',
      subject: { kind: 'product', id },
    })
  }
  return { deleted: count - left.length, archived: left.length, bytes }
}
