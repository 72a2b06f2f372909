import type { Operation } from '../operation.ts'
import type { Subscription, SubscriptionItem } from '../objects/subscription.ts'
import type { Params } from '../params.ts'
import type { Reading, Work } from '../work.ts'
import { invalidRequest, noSuchObject, noSuchPathObject, notInSandbox } from '../../api-error.ts'
import { pageOfWhole } from '../lists.ts'
import { pathParam } from '../operation.ts'
import { isEnded, periodOf } from './subscription.ts'
import { PAYMENT_BEHAVIOR, PRORATION } from './subscription-change.ts'
import { checkItems, itemPrice, itemQuantity, newItem } from './subscription-items.ts'
import { applyChange, changedItem, subscriptionAtPath } from './subscription-update.ts'

export const subscriptionItemOperations: readonly Operation[] = [
  { route: 'POST /v1/subscription_items', write: (work, params) => addItem(work, params) },
  {
    route: 'GET /v1/subscription_items/{item}',
    read: async (reading, _params, path) =>
      (await itemAtPath(reading, pathParam(path, 'item'))).item,
  },
  {
    route: 'POST /v1/subscription_items/{item}',
    async write(work, params, path) {
      const { item } = await itemAtPath(work, pathParam(path, 'item'))
      const price = await itemPrice(work, params)
      const next = changedItem(item, params, price)
      const changed = await withChangedItems(work, params, item.subscription, (items) =>
        items.map((one) => (one.id === item.id ? next : one)),
      )
      return changed.items.data.find((one) => one.id === item.id) ?? next
    },
  },
  {
    route: 'DELETE /v1/subscription_items/{item}',
    async write(work, params, path) {
      const { item } = await itemAtPath(work, pathParam(path, 'item'))
      await withChangedItems(work, params, item.subscription, (items) =>
        items.filter((one) => one.id !== item.id),
      )
      return { id: item.id, object: 'subscription_item', deleted: true }
    },
  },
  {
    route: 'GET /v1/subscription_items',
    async read(reading, params) {
      const id = params.needText('subscription')
      const subscription = await reading.get('subscription', id)
      if (subscription === undefined) throw noSuchObject('subscription', id, 'subscription')
      return pageOfWhole(subscription.items.data, '/v1/subscription_items', params)
    },
  },
]

async function itemAtPath(
  reading: Reading,
  id: string,
): Promise<{ item: SubscriptionItem; subscription: Subscription }> {
  const record = await reading.get('_item', id)
  const subscription =
    record === undefined ? undefined : await reading.get('subscription', record.subscription)
  const item = subscription?.items.data.find((one) => one.id === id)
  if (subscription === undefined || item === undefined)
    throw noSuchPathObject('subscription_item', id, 'item')
  return { item, subscription }
}

async function addItem(work: Work, params: Params): Promise<SubscriptionItem> {
  const id = params.needText('subscription')
  const found = await work.named('subscription', id, 'subscription')
  const price = await itemPrice(work, params)
  if (price === undefined)
    throw invalidRequest('Missing required param: price.', {
      code: 'parameter_missing',
      param: 'price',
    })
  const item = newItem(
    work,
    id,
    { price, quantity: itemQuantity(params, 1), metadata: params.metadata() },
    periodOf(found),
  )
  const changed = await withChangedItems(work, params, id, (items) => [...items, item])
  return changed.items.data.find((one) => one.id === item.id) ?? item
}

async function withChangedItems(
  accountWork: Work,
  params: Params,
  id: string,
  change: (items: readonly SubscriptionItem[]) => readonly SubscriptionItem[],
): Promise<Subscription> {
  const { work, subscription } = await subscriptionAtPath(accountWork, id)
  if (isEnded(subscription))
    throw invalidRequest('The items of a subscription that is over cannot be changed.')
  const behavior = params.choice('payment_behavior', PAYMENT_BEHAVIOR) ?? 'allow_incomplete'
  if (behavior === 'pending_if_incomplete' && params.has('metadata'))
    throw notInSandbox('Metadata with a change that waits for its payment', 'metadata')
  const items = change(subscription.items.data)
  checkItems(items, 'price')
  return applyChange(
    work,
    subscription,
    {
      items,
      trialEnd: undefined,
      startsOver: false,
      proration: params.choice('proration_behavior', PRORATION) ?? 'create_prorations',
      from: params.integer('proration_date') ?? work.now,
    },
    behavior,
  )
}
