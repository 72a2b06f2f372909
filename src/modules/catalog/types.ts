import type { OwnerActor } from '#modules/accounts/types.ts'
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
  readonly sources: readonly {
    readonly width: number
    readonly format: 'webp' | 'jpeg'
    readonly url: string
  }[]
}

/** What a product costs now. */
export interface OfferedPrice extends Money {
  readonly id: string
  /** The buyer pays what they want: `minor` is the least. */
  readonly isOpen: boolean
  /** What the field holds at first, where the owner suggests something. */
  readonly suggestedMinor: number | undefined
}

/** Something the owner wants to know before the purchase. */
/** When a product's buyers are asked: before they pay, or when they book a time of it. */
export type Asked = 'buying' | 'booking'

export interface Question {
  readonly id: string
  readonly question: string
  readonly help: string
  readonly answerKind: 'line' | 'lines' | 'choice' | 'yes_no'
  readonly choices: readonly string[]
  readonly isRequired: boolean
}

/** A product as it stands in a grid. */
export interface ProductCard {
  readonly id: string
  readonly slug: string
  readonly kind: string
  readonly title: string
  readonly summary: string
  /** undefined: nothing to buy it for yet (drafts only). */
  readonly price: OfferedPrice | undefined
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
  /** How many of it one order may hold. */
  readonly mostPerOrder: number
}

/** Who may change the range: the owner, or the program itself when it lays out the example shop. */
export type Keeper = OwnerActor | 'system'

/** What can be bought now: what a line of a checkout is made from. Nothing of it comes from a form. */
export interface Offer {
  readonly productId: string
  readonly slug: string
  readonly kind: string
  readonly title: string
  readonly summary: string
  readonly price: OfferedPrice
  readonly mostPerOrder: number
  readonly questions: readonly Question[]
}

/** What a product is called, for pages that only name it; of every state. */
export interface ProductName {
  readonly title: string
  readonly slug: string
  readonly kind: string
  readonly state: ProductState
}

export type FoundProduct =
  | { readonly found: 'product'; readonly product: ProductDetail }
  /** Now at another address. */
  | { readonly found: 'moved'; readonly slug: string }
  /** No longer sold; who bought it keeps it. */
  | { readonly found: 'archived'; readonly title: string }
  | { readonly found: 'none' }

/** A product in the owner's list. */
export interface OwnerProductRow extends ProductCard {
  readonly state: ProductState
  readonly updatedAt: Date
}

/** A product in the owner's editor. */
export interface OwnerProduct extends ProductDetail {
  readonly position: number
  /** Cover first. */
  readonly pictures: readonly ImageView[]
  readonly formerSlugs: readonly string[]
  readonly createdAt: Date
  readonly archivedAt: Date | undefined
}
