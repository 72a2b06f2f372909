import { isId } from '#modules/platform/ids.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { taxSameEverywhere } from '../tax-rules.ts'
import type {
  FoundProduct,
  ImageView,
  Offer,
  ProductCard,
  ProductDetail,
  ProductName,
} from '../types.ts'
import { picturesOf } from './store.images.ts'
import {
  findByFormerSlug,
  findLiveProducts,
  findOffers,
  findParts,
  findProduct,
  liveKinds,
  liveProducts,
  productNames,
  type FullProduct,
  type Slice,
} from './store.products.ts'
import { questionsOf } from './store.questions.ts'
import { findRates } from './store.taxes.ts'

export interface ProductPage {
  readonly items: readonly ProductCard[]
  /** Of all pages together. */
  readonly total: number
}

/** What the store sells: live products with a price, in the owner's order, then newest first. limit: at most 200. */
export async function storeProducts(
  db: Db,
  filter: { readonly kind?: string } & Slice,
): Promise<ProductPage> {
  return liveProducts(db, filter)
}

/**
 * Live products in which all words of the query occur (the last may be only begun), best first; where no words
 * match, those that have the text anywhere in the title. Any text is safe; more than 200 characters are cut off.
 */
export async function searchProducts(db: Db, query: string, slice: Slice): Promise<ProductPage> {
  return findLiveProducts(db, query, slice)
}

/** The kinds that the store has live products of, with how many. */
export async function productKindsInStore(
  db: Db,
): Promise<readonly { readonly kind: string; readonly count: number }[]> {
  return liveKinds(db)
}

/** What stands at an address of the store, now or formerly. */
export async function storeProduct(db: Db, slug: string): Promise<FoundProduct> {
  if (!isSlug(slug)) return { found: 'none' }
  const product = await findProduct(db, { slug })
  if (product?.state === 'live' && product.price)
    return { found: 'product', product: await inDetail(db, product) }
  if (product?.state === 'archived') return { found: 'archived', title: product.title }
  if (product) return { found: 'none' }
  const former = await findByFormerSlug(db, slug)
  if (former?.state === 'live') return { found: 'moved', slug: former.slug }
  if (former?.state === 'archived') return { found: 'archived', title: former.title }
  return { found: 'none' }
}

/** A product with its pictures, and the tax told beside its price. */
export async function inDetail(db: Db, product: FullProduct): Promise<ProductDetail> {
  const pictures = (await picturesOf(db, [product.id], { coversOnly: false })).get(product.id) ?? []
  return {
    id: product.id,
    slug: product.slug,
    kind: product.kind,
    title: product.title,
    summary: product.summary,
    price: product.price,
    cover: pictures[0],
    isExample: product.isExample,
    state: product.state,
    descriptionMd: product.descriptionMd,
    gallery: pictures.slice(1),
    publishedAt: product.publishedAt,
    updatedAt: product.updatedAt,
    tax: taxSameEverywhere(await findRates(db, product.id), product.id),
    mostPerOrder: product.mostPerOrder,
  }
}

/**
 * What can be bought now of these products, with what is asked before: prices and titles come from here and never from a form.
 * Products that are not live, or are none, are left out.
 */
export async function offersOf(
  db: Db,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, Offer>> {
  const ids = [...new Set(productIds.filter(isId))]
  const [offers, questions] = await Promise.all([findOffers(db, ids), questionsOf(db, ids)])
  return new Map(
    offers.map((offer) => [
      offer.productId,
      { ...offer, questions: questions.get(offer.productId) ?? [] },
    ]),
  )
}

/** What the parts of a bundle are called and cost now, in order; drafts and unknown ids are left out. */
export async function partsOf(
  db: Db,
  productIds: readonly string[],
): Promise<
  readonly {
    readonly productId: string
    readonly kind: string
    readonly title: string
    readonly priceMinor: number
  }[]
> {
  return findParts(db, productIds.filter(isId))
}

/** What products are called, whatever became of them: for dashboards, orders and mail. Unknown ids are left out. */
export async function productTitles(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ProductName>> {
  return productNames(db, ids.filter(isId))
}

/** The covers of products, archived ones too; a product without a picture is left out (its cover is drawn). */
export async function coversOf(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ImageView>> {
  const pictures = await picturesOf(db, ids.filter(isId), { coversOnly: true })
  return new Map([...pictures].flatMap(([id, [cover]]) => (cover ? [[id, cover] as const] : [])))
}

function isSlug(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,80}$/.test(text)
}
