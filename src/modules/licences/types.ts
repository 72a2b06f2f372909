/** Whether and how a product gives keys. */
export interface LicenceOffer {
  readonly isOn: boolean
  /** For each one bought. */
  readonly seats: number
  /** Stands before the code; '' for none. */
  readonly prefix: string
}

/** Where a key is in use. */
export interface Activation {
  readonly id: string
  readonly instance: string
  readonly name: string
  readonly since: Date
  /** To the hour. */
  readonly seenAt: Date
}

/** A licence as its holder and the owner see it. */
export interface Licence {
  readonly id: string
  readonly key: string
  readonly productId: string
  readonly title: string
  readonly source: { readonly kind: 'order_line' | 'comp'; readonly id: string }
  readonly seats: number
  readonly seatsUsed: number
  /** Seen last first, at most 100. */
  readonly activations: readonly Activation[]
}
