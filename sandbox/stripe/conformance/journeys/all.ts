import { oneTimeSale } from './one-time-sale.ts'
import { subscriptionSale } from './subscriptions.ts'
import type { Journey } from './traveller.ts'

/** Everything a shop does with Stripe, each journey on its own. */
export const allJourneys: readonly Journey[] = [...oneTimeSale, ...subscriptionSale]
