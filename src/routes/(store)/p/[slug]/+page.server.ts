import { error, redirect } from '@sveltejs/kit'
import { storeProduct, storeProducts } from '#modules/catalog/server/index.ts'
import { markdownToText, renderMarkdown } from '#modules/platform/markdown.ts'
import { db, publicData } from '#modules/platform/server/index.ts'
import { describeCards, kindWords } from '../../cards.ts'
import type { PageServerLoad } from './$types'

/** "Also from this shop": one row. */
const alsoCount = 3

export const load: PageServerLoad = async ({ params, url }) => ({
  ...(await publicData(`product ${params.slug}`, () => productAt(params.slug))),
  priceChanged: url.searchParams.get('notice') === 'price-changed',
  /** The buyer came back from the payment page without paying. */
  badAmount: url.searchParams.get('notice') === 'amount',
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

  return {
    product,
    description: described?.description,
    kindWord: kindWords(product.kind).one,
    bodyHtml: product.descriptionMd && renderMarkdown(product.descriptionMd),
    metaDescription: product.summary || markdownToText(product.descriptionMd, 160),
    also: alsoDescribed,
  }
}
