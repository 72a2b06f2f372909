import type { CheckoutSession } from './objects/checkout-session.ts'
import type { Discount } from './objects/discount.ts'
import type { LineItem } from './objects/line-item.ts'
import type { Reading } from './work.ts'
import { discountAmounts } from './discounts.ts'
import { moneyOf } from './session-money.ts'

type Amounts = readonly { amount: number; discount: Discount }[]

export type ShownLine = LineItem & { discounts?: Amounts; taxes?: readonly [] }

/** A session's lines, with those of `discounts` and `taxes` that were asked for. */
export async function linesOf(
  reading: Reading,
  session: CheckoutSession,
  asked: readonly (string | undefined)[] = [],
): Promise<readonly ShownLine[]> {
  const record = await reading.get('_checkout', session.id)
  return (record?.lineItems ?? []).map((line) => ({
    ...line,
    ...(asked.includes('discounts')
      ? { discounts: discountAmounts(record?.discount, session, line.amount_discount) }
      : {}),
    ...(asked.includes('taxes') ? { taxes: [] as const } : {}),
  }))
}

/** `total_details.breakdown` of a session. */
export async function breakdownOf(
  reading: Reading,
  session: CheckoutSession,
): Promise<{ discounts: Amounts; taxes: readonly [] }> {
  const record = await reading.get('_checkout', session.id)
  const { discount } = moneyOf(session)
  return { discounts: discountAmounts(record?.discount, session, discount), taxes: [] }
}
