import type { ImageView, ProductDetail } from '#modules/catalog/types.ts'
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
  const pictures = [product.cover, ...product.gallery].flatMap((image) => jpegOf(image)?.url ?? [])
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
        // Where buyers say the price, `price` is the least they may say.
        ...(product.price.isOpen && {
          priceSpecification: {
            '@type': 'PriceSpecification',
            minPrice: moneyToInput(product.price),
            priceCurrency: product.price.currency,
            valueAddedTaxIncluded: true,
          },
        }),
        availability: 'https://schema.org/InStock',
        seller: { '@type': 'Organization', name: shop },
      },
    }),
  }
}

/** The picture beside a shared link: the owner's own, else one drawn with the title in it. */
export function shareImage(product: ProductDetail): {
  path: string
  width: number
  height: number
} {
  const own = jpegOf(product.cover)
  if (product.cover && own) {
    const height = Math.round((own.width * product.cover.height) / product.cover.width)
    return { path: own.url, width: own.width, height }
  }
  return { path: `/pictures/${product.slug}.png`, width: 1200, height: 630 }
}

/** Networks and search engines read JPEG everywhere; the widest is the one for them. */
function jpegOf(image: ImageView | undefined) {
  return image?.sources
    .filter((source) => source.format === 'jpeg')
    .toSorted((one, other) => other.width - one.width)[0]
}
