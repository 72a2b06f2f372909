import type { ProductDetail } from '#modules/catalog/types.ts'
import { moneyToInput } from '#modules/platform/money.ts'

interface Surroundings {
  readonly shop: string
  readonly origin: string
  readonly description: string
}

/** A product for search engines: schema.org Product with its Offer. No price, no offer. */
export function productData(
  product: ProductDetail,
  { shop, origin, description }: Surroundings,
): object {
  const url = `${origin}/p/${product.slug}`
  const pictures = [product.cover, ...product.gallery].flatMap(
    (image) => image?.sources.findLast((source) => source.format === 'jpeg')?.url ?? [],
  )
  return {
    '@context': 'https://schema.org',
    '@type': 'Product',
    name: product.title,
    ...(description && { description }),
    sku: product.id,
    url,
    image:
      pictures.length > 0
        ? pictures.map((path) => origin + path)
        : [`${origin}/pictures/${product.slug}.png`],
    brand: { '@type': 'Brand', name: shop },
    ...(product.price && {
      offers: {
        '@type': 'Offer',
        url,
        price: moneyToInput(product.price),
        priceCurrency: product.price.currency,
        availability: 'https://schema.org/InStock',
        seller: { '@type': 'Organization', name: shop },
      },
    }),
  }
}
