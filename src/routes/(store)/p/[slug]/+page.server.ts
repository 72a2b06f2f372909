import { error, redirect } from '@sveltejs/kit'
import {
  partsOf,
  productTitles,
  storeProduct,
  storeProducts,
} from '#modules/catalog/server/index.ts'
import type { ProductDetail } from '#modules/catalog/types.ts'
import { markdownToText, renderMarkdown } from '#modules/platform/markdown.ts'
import { db, publicData } from '#modules/platform/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'
import { adFor } from '../../ads.server.ts'
import { describeCards, kindWords } from '../../cards.ts'
import type { PageServerLoad } from './$types'

/** "Also from this shop": one row. */
const alsoCount = 3

export const load: PageServerLoad = async (event) => {
  const { params, url } = event
  const shown = await publicData(`product ${params.slug}`, () => productAt(params.slug))
  return { ...shown, ...told(url), ad: await adFor(event, 'product') }
}

/** What the buyer is told who comes back from another step. */
const told = (url: URL) => ({
  priceChanged: url.searchParams.get('notice') === 'price-changed',
  /** What somebody wanted to pay that is less than the least, or no amount. */
  typedAmount:
    url.searchParams.get('notice') === 'amount'
      ? (url.searchParams.get('amount') ?? '').slice(0, 30)
      : undefined,
  /** The buyer came back from the payment page without paying. */
  notBought: url.searchParams.get('notice') === 'not-bought',
})

async function productAt(slug: string) {
  const found = await storeProduct(db(), slug)
  switch (found.found) {
    case 'moved':
      redirect(301, `/p/${found.slug}`)
    case 'archived':
      error(410, `“${found.title}” is no longer sold.`)
    case 'none':
      error(404, 'There is no product at this address.')
    case 'product':
  }
  const { product } = found
  // One more than needed: this product may be among them.
  const others = await storeProducts(db(), { limit: alsoCount + 1, offset: 0 })
  const also = others.items.filter((card) => card.id !== product.id).slice(0, alsoCount)
  const [described, ...alsoDescribed] = await describeCards(db(), [product, ...also])

  const parts = await partsAlone(product)

  return {
    product,
    parts,
    description: described?.description,
    kindWord: kindWords(product.kind).one,
    bodyHtml: product.descriptionMd && renderMarkdown(product.descriptionMd),
    metaDescription: product.summary || markdownToText(product.descriptionMd, 160),
    also: alsoDescribed,
  }
}

/** What a bundle holds, with what each costs alone; [] for anything else. */
async function partsAlone(product: ProductDetail) {
  const ids = await findProductKind(product.kind)?.parts?.(db(), product.id)
  if (!ids) return []
  const [parts, names] = await Promise.all([partsOf(db(), ids), productTitles(db(), ids)])
  return parts.map(({ productId, title, priceMinor }) => {
    const name = names.get(productId)
    return { title, priceMinor, slug: name?.state === 'live' ? name.slug : undefined }
  })
}
