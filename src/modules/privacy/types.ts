/** A member, with all customers and addresses that are them. */
export interface Person {
  readonly memberId: string
  readonly email: string
  readonly customerIds: readonly string[]
  /** Canonical, the present one among them. */
  readonly addresses: readonly string[]
}

/** Why somebody cannot leave right now. */
export type Hindrance = 'owner' | 'payment' | 'refund' | 'dispute' | 'withdrawal'

/** What leaving does, before it is done. */
export interface Leaving {
  readonly hindrance: Hindrance | undefined
  readonly orders: number
  /** Ended at once. */
  readonly subscriptions: readonly { readonly id: string; readonly title: string }[]
}
