import type { PaymentMethod } from '../objects/payment-method.ts'
import type { Subscription, SubscriptionItem, SubscriptionRecord } from '../objects/subscription.ts'
import type { Reading, Work } from '../work.ts'
import type { Rhythm } from './calendar.ts'
import { planSubscription } from './subscription-tasks.ts'
import { rhythmOf } from './plan.ts'

/** Over for good: nothing about it changes any more. */
export function isEnded(subscription: Subscription): boolean {
  return subscription.status === 'canceled' || subscription.status === 'incomplete_expired'
}

/** Puts a subscription, tells of it, and plans what falls due for it from now on. */
export function changeSubscription(
  work: Work,
  before: Subscription,
  after: Subscription,
): Subscription {
  if (JSON.stringify(before) === JSON.stringify(after)) return before
  work.put('subscription', after)
  work.emit('customer.subscription.updated', after, before)
  planSubscription(work, after)
  return after
}

/** All items of a subscription are billed in one rhythm. */
export function rhythmOfAll(subscription: Pick<Subscription, 'items'>): Rhythm {
  return rhythmOf(firstItem(subscription).price)
}

export function firstItem(subscription: Pick<Subscription, 'items'>): SubscriptionItem {
  const [item] = subscription.items.data
  if (item === undefined) throw new Error('A subscription without items')
  return item
}

/** The period a subscription is in, unix seconds. */
export function periodOf(subscription: Subscription): { start: number; end: number } {
  const item = firstItem(subscription)
  return { start: item.current_period_start, end: item.current_period_end }
}

/** The same items in another period. */
export function itemsIn(
  items: readonly SubscriptionItem[],
  period: { start: number; end: number },
): readonly SubscriptionItem[] {
  return items.map((item) => ({
    ...item,
    current_period_start: period.start,
    current_period_end: period.end,
  }))
}

export function withItems(
  subscription: Subscription,
  items: readonly SubscriptionItem[],
): Subscription {
  return { ...subscription, items: { ...subscription.items, data: items } }
}

export async function recordOf(reading: Reading, id: string): Promise<SubscriptionRecord> {
  const record = await reading.get('_subscription', id)
  if (record === undefined) throw new Error(`${id} has no record`)
  return record
}

/** What a subscription is paid with: its own method, or its customer's; undefined when there is none. */
export async function methodFor(
  reading: Reading,
  subscription: Pick<Subscription, 'default_payment_method' | 'customer'>,
): Promise<PaymentMethod | undefined> {
  const customer = await reading.get('customer', subscription.customer)
  const fallback =
    customer === undefined || 'deleted' in customer
      ? null
      : customer.invoice_settings.default_payment_method
  for (const id of [subscription.default_payment_method, fallback]) {
    if (id === null) continue
    const method = await reading.get('payment_method', id)
    // A method that was detached since can no longer be charged.
    if (method !== undefined && method.customer === subscription.customer) return method
  }
  return undefined
}
