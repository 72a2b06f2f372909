import type { Price } from '../objects/price.ts'
import type { SubscriptionItem } from '../objects/subscription.ts'
import type { Metadata, Params } from '../params.ts'
import type { Work } from '../work.ts'
import { invalidRequest, notInSandbox } from '../../api-error.ts'
import { activePrice } from '../line-items.ts'
import { inlinePrice } from '../price.ts'
import { isSameRhythm } from './calendar.ts'
import { planOf, rhythmOf } from './plan.ts'

/** Stripe takes at most so many items on one subscription. */
export const MOST_ITEMS = 20

const MOST_OF_ONE = 999_999

/** What an item is to be, before it has a subscription. */
export type ItemDraft = { price: Price; quantity: number; metadata: Metadata }

const NOT_SERVED = ['billing_thresholds', 'current_trial', 'discounts', 'tax_rates', 'clear_usage']

/** Reads one entry of `items` that names a price; undefined when it names none. */
export async function itemPrice(work: Work, entry: Params): Promise<Price | undefined> {
  const refused = NOT_SERVED.find((name) => entry.has(name) && !entry.isCleared(name))
  if (refused !== undefined)
    throw notInSandbox(`\`${refused}\` of a subscription item`, entry.path(refused))
  const id = entry.text('price') ?? entry.text('plan')
  const data = entry.group('price_data')
  if (id !== undefined && data !== undefined)
    throw invalidRequest('You may only specify one of these parameters: price, price_data.', {
      param: entry.path('price'),
    })
  const param = entry.path(entry.has('price') ? 'price' : 'plan')
  const price =
    data !== undefined
      ? await inlinePrice(work, data)
      : id === undefined
        ? undefined
        : await activePrice(work, id, param)
  if (price !== undefined && price.recurring === null)
    throw invalidRequest(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      { param: entry.path(data === undefined ? 'price' : 'price_data') },
    )
  return price
}

export function itemQuantity(entry: Params, usual: number): number {
  const quantity = entry.integer('quantity') ?? usual
  if (quantity < 0 || quantity > MOST_OF_ONE)
    throw invalidRequest(`The quantity of an item is from 0 to ${MOST_OF_ONE}.`, {
      param: entry.path('quantity'),
    })
  return quantity
}

/** Refuses items that cannot be on one subscription: two of a price, several rhythms or currencies. */
export function checkItems(items: readonly Pick<ItemDraft, 'price'>[], param = 'items'): void {
  const [first] = items
  if (first === undefined)
    throw invalidRequest('A subscription needs at least one item.', {
      code: 'parameter_missing',
      param,
    })
  if (items.length > MOST_ITEMS)
    throw invalidRequest(`A subscription has at most ${MOST_ITEMS} items.`, { param })
  const seen = new Set<string>()
  for (const { price } of items) {
    if (seen.has(price.id))
      throw invalidRequest(
        `Cannot add multiple subscription items with the same price: ${price.id}`,
        { param },
      )
    seen.add(price.id)
    if (price.currency !== first.price.currency)
      throw invalidRequest('All prices of a subscription must be in one currency.', { param })
    if (!isSameRhythm(rhythmOf(price), rhythmOf(first.price)))
      throw notInSandbox('A subscription whose items are billed in different intervals', param)
  }
}

export function newItem(
  work: Work,
  subscription: string,
  draft: ItemDraft,
  period: { start: number; end: number },
): SubscriptionItem {
  const id = work.id('si')
  work.put('_item', { id, object: '_item', created: work.now, subscription })
  return {
    id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: work.now,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: draft.metadata,
    plan: planOf(draft.price),
    price: draft.price,
    quantity: draft.quantity,
    subscription,
    tax_rates: [],
  }
}
