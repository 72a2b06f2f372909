export type EntitlementState = 'pending' | 'active' | 'suspended' | 'revoked' | 'expired'

/** Why an entitlement is not active. The words for people are in reasons.ts. */
export type EndReason =
  | 'refunded'
  | 'disputed'
  | 'dispute_lost'
  | 'ended'
  | 'reassigned'
  | 'unpaid'
  | 'paused'

/**
 * Where the money behind an entitlement stands: with the shop, disputed just now, taken back by the bank, or given back
 * whole by the shop.
 */
export type MoneyStanding = 'kept' | 'disputed' | 'dispute_lost' | 'refunded'

export interface Entitlement {
  readonly id: string
  readonly customerId: string
  /** The member whose customer it is; undefined while a guest's purchase is unclaimed. */
  readonly memberId: string | undefined
  readonly benefit: string
  readonly subjectId: string
  readonly source: { readonly kind: string; readonly id: string }
  readonly state: EntitlementState
  readonly reason: EndReason | undefined
  readonly startsAt: Date
  /** From then on it opens nothing, without anybody doing anything; undefined: it has no end. */
  readonly endsAt: Date | undefined
}

/** Who changed an entitlement and what made them. */
export interface Cause {
  readonly actor: 'owner' | 'member' | 'system' | 'stripe'
  /** A Stripe event id, 'checkout <id>', 'refund <id>' ... */
  readonly cause: string
}

/** One line of an entitlement's record. */
export interface EntitlementEvent {
  readonly entitlementId: string
  readonly at: Date
  readonly state: EntitlementState
  readonly reason: EndReason | undefined
  readonly actor: Cause['actor']
  readonly cause: string | undefined
}
