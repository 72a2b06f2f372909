import { createHash } from 'node:crypto'
import type { SubscriptionView } from './types.ts'

/**
 * Of all that a list of subscriptions tells and that is written down here: two that differ have drifted apart. Invoices and cards are not in
 * lists and not in it.
 */
export function subscriptionDigest(view: SubscriptionView): string {
  const {
    latestInvoice: _,
    cardFingerprint: __,
    card: ___,
    note: ____,
    methodId: _____,
    items,
    ...rest
  } = view
  return createHash('sha256')
    .update(
      JSON.stringify([
        // A discount that is none is not in it: most have none, and those were digested before there were any.
        Object.entries(rest)
          .filter(([name, value]) => name !== 'discount' || value !== undefined)
          .toSorted(([one], [other]) => (one < other ? -1 : 1)),
        items
          .toSorted((one, other) => (one.stripeItemId < other.stripeItemId ? -1 : 1))
          .map((item) => Object.entries(item).toSorted(([one], [other]) => (one < other ? -1 : 1))),
      ]),
    )
    .digest('base64url')
    .slice(0, 22)
}
