import { disputeStanding } from '#modules/payments/dispute.ts'
import type { RefundState } from '#modules/payments/types.ts'
import type { Tx } from '#modules/platform/server/index.ts'
import { moneyOfSubscription, type MoneyOfSubscription } from '../subscription-money.ts'
import { moneyOf, setMoney } from './store.money.ts'

/** Money counts as gone from the moment it is under way; it counts again when the refund fails. */
export const refundCounts = (state: RefundState): boolean =>
  state === 'succeeded' || state === 'pending' || state === 'requires_action'

/** Brings a subscription, which the caller has locked, to where its money stands now. */
export async function settleMoney(tx: Tx, subscriptionId: string): Promise<MoneyOfSubscription> {
  const { invoices, refunds, disputes } = await moneyOf(tx, subscriptionId)
  const stands = moneyOfSubscription(
    invoices,
    refunds.map((refund) => ({ ...refund, counts: refundCounts(refund.state) })),
    disputes.map(disputeStanding),
  )
  await setMoney(tx, subscriptionId, stands)
  return stands
}
