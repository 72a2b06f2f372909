import type { Checkout, CheckoutLine } from '#modules/payments/types.ts'
import type { Tx } from '#modules/platform/server/index.ts'

/**
 * Writes down again what was agreed to, answered and given with a sale that comes back from its note at Stripe. enclosure: as
 * whoever placed the sale had it noted; undefined when there was nothing. Returns what is missing all the same, in words.
 */
export type EnclosureReader = (
  tx: Tx,
  checkout: Checkout,
  lines: readonly CheckoutLine[],
  enclosure: string,
) => Promise<string | undefined>

let reader: EnclosureReader = () =>
  Promise.reject(new Error('Nothing here reads what is enclosed in notes of sales.'))

/** Filled once by boot. */
export function provideEnclosureReader(read: EnclosureReader): void {
  reader = read
}

export const readEnclosure: EnclosureReader = (...what) => reader(...what)
