import type { Money } from '#modules/platform/money.ts'

export type ProductState = 'draft' | 'live' | 'archived'

/** A picture ready for a page: every width it exists in, and a tiny stand-in while it loads. */
export interface ImageView {
  readonly id: string
  /** Of the largest variant, for the ratio. */
  readonly width: number
  readonly height: number
  /** data: URL a few pixels wide. */
  readonly blur: string
  readonly alt: string
  readonly sources: readonly { readonly width: number; readonly format: 'webp' | 'jpeg'; readonly url: string }[]
}

/** A product as it stands in a grid. */
export interface ProductCard {
  readonly id: string
  readonly slug: string
  readonly kind: string
  readonly title: string
  readonly summary: string
  /** undefined: nothing to buy it for yet (drafts only). */
  readonly price: (Money & { readonly id: string }) | undefined
  readonly cover: ImageView | undefined
  readonly isExample: boolean
}

export interface ProductDetail extends ProductCard {
  readonly state: ProductState
  /** Markdown as the owner wrote it. */
  readonly descriptionMd: string
  readonly gallery: readonly ImageView[]
  readonly publishedAt: Date | undefined
  readonly updatedAt: Date
  /** The tax the price contains where it is the same everywhere; told beside the price. */
  readonly tax: { readonly basisPoints: number; readonly label: string } | undefined
}
