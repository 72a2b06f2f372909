import type { Price, Recurring } from '../objects/price.ts'
import type { Plan } from '../objects/subscription.ts'
import type { Reading } from '../work.ts'
import { formatMoney } from '../currencies.ts'

/** How often a price is billed; throws for one that is paid once. */
export function rhythmOf(price: Price): Recurring {
  if (price.recurring === null) throw new Error(`${price.id} is not recurring`)
  return price.recurring
}

/** A price as the plan of former versions. */
export function planOf(price: Price): Plan {
  const { interval, interval_count, trial_period_days } = rhythmOf(price)
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval,
    interval_count,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days,
    usage_type: 'licensed',
  }
}

/** `€24.00 / month`, `€60.00 every 3 months`. */
export function priceInWords(price: Price): string {
  const amount = formatMoney(Number(price.unit_amount_decimal), price.currency)
  const recurring = price.recurring
  if (recurring === null) return amount
  return recurring.interval_count === 1
    ? `${amount} / ${recurring.interval}`
    : `${amount} every ${recurring.interval_count} ${recurring.interval}s`
}

/** What a price's product is called. */
export async function productName(reading: Reading, price: Price): Promise<string> {
  const product = await reading.get('product', price.product)
  return product === undefined || 'deleted' in product ? price.product : product.name
}
