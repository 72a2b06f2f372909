/** Why a key, or a request about one, does not do. */
export type LicenceReason =
  | 'mistyped'
  | 'unknown'
  | 'other_product'
  | 'refunded'
  | 'disputed'
  | 'ended'
  | 'not_activated'
  | 'no_seats'
  | 'bad_request'
  | 'too_many'

/** What software is answered: always with all of these fields. Documented in docs/licences.md. */
export interface LicenceAnswer {
  readonly valid: boolean
  readonly reason: LicenceReason | null
  /** For people. */
  readonly message: string
  /** The product's id, which never changes, and its address, which may. */
  readonly product_id: string | null
  readonly product: string | null
  readonly seats: number | null
  readonly activations: number | null
  /** Whether the instance that was named has a seat. */
  readonly activated: boolean
  /** Bought with play money. */
  readonly rehearsal: boolean
}

export const reasonWords = {
  mistyped: 'This is not a licence key: a letter is wrong or missing.',
  unknown: 'No such licence key was given out here.',
  other_product: 'This licence key is for another product.',
  refunded: 'The purchase was refunded.',
  disputed: 'The payment is disputed with the buyer’s bank.',
  ended: 'This licence has ended.',
  not_activated: 'This licence key is not activated here.',
  no_seats: 'All seats of this licence key are in use.',
  bad_request: 'The request cannot be read.',
  too_many: 'Too many requests. Please try again later.',
} as const satisfies Record<LicenceReason, string>

/** An answer that knows nothing of any key. */
export function refusal(
  reason: LicenceReason,
  message: string = reasonWords[reason],
): LicenceAnswer {
  return {
    valid: false,
    reason,
    message,
    product_id: null,
    product: null,
    seats: null,
    activations: null,
    activated: false,
    rehearsal: false,
  }
}
