import type { Subscription, SubscriptionItem } from '../objects/subscription.ts'
import type { Params } from '../params.ts'
import type { Work } from '../work.ts'
import type { Change, PaymentBehavior } from './subscription-change.ts'
import { invalidRequest, noSuchPathObject, notInSandbox } from '../../api-error.ts'
import { lineAmount } from '../line-items.ts'
import { orKeep } from '../params.ts'
import { planOf } from './plan.ts'
import { changeSubscription, isEnded, periodOf } from './subscription.ts'
import { makeChange, PAYMENT_BEHAVIOR, planChange, PRORATION } from './subscription-change.ts'
import { endDiscount, grantDiscount, redemptionsOf } from './subscription-discounts.ts'
import { checkItems, itemPrice, itemQuantity, newItem } from './subscription-items.ts'
import {
  cancellationDetails,
  missingMethodOf,
  ownMethod,
  refuseWhatIsNotServed,
  withCancellation,
} from './subscription-params.ts'

/** All that may be sent along with a change that waits for its payment. */
const WITH_PENDING = new Set([
  'expand',
  'items',
  'off_session',
  'payment_behavior',
  'proration_behavior',
  'proration_date',
  'billing_cycle_anchor',
  'trial_end',
  'trial_from_plan',
])

/** The subscription of a path, with the work by its clock. */
export async function subscriptionAtPath(
  accountWork: Work,
  id: string,
): Promise<{ work: Work; subscription: Subscription }> {
  const subscription = await accountWork.get('subscription', id)
  if (subscription === undefined) throw noSuchPathObject('subscription', id, 'id')
  return { work: await accountWork.onClock(subscription.test_clock), subscription }
}

/** `POST /v1/subscriptions/{id}` */
export async function updateSubscription(
  accountWork: Work,
  params: Params,
  id: string,
): Promise<Subscription> {
  const { work, subscription: before } = await subscriptionAtPath(accountWork, id)
  refuseWhatIsNotServed(params)
  if (isEnded(before)) return updateEnded(work, before, params)
  const behavior = params.choice('payment_behavior', PAYMENT_BEHAVIOR) ?? 'allow_incomplete'
  if (behavior === 'pending_if_incomplete') {
    const other = params.names.find((name) => !WITH_PENDING.has(name))
    if (other !== undefined)
      throw invalidRequest(
        `You cannot update \`${other}\` with \`payment_behavior=pending_if_incomplete\`. Send it in a request of its own.`,
        { param: other },
      )
  }
  for (const name of ['add_invoice_items', 'trial_from_plan'])
    if (params.has(name)) throw notInSandbox(`\`${name}\` of a change`, name)
  const simple = changeSubscription(work, before, await withSimpleFields(work, before, params))
  const change = await changeOf(work, simple, params)
  return change === undefined ? simple : applyChange(work, simple, change, behavior)
}

export async function applyChange(
  work: Work,
  before: Subscription,
  change: Change,
  behavior: PaymentBehavior,
): Promise<Subscription> {
  if (before.status === 'incomplete')
    throw invalidRequest(
      'This subscription is incomplete: its first invoice must be paid before it can be changed.',
      { param: 'items' },
    )
  if (before.status === 'paused')
    throw invalidRequest('A paused subscription must be resumed before it can be changed.', {
      param: 'items',
    })
  return makeChange(work, before, await planChange(work, before, change), behavior)
}

async function updateEnded(
  work: Work,
  before: Subscription,
  params: Params,
): Promise<Subscription> {
  const other = params.names.find(
    (name) => !['metadata', 'cancellation_details', 'expand'].includes(name),
  )
  if (other !== undefined)
    throw invalidRequest(
      'A canceled subscription can only update its cancellation_details and metadata.',
      { param: other },
    )
  return changeSubscription(work, before, {
    ...before,
    cancellation_details: cancellationDetails(params, before.cancellation_details),
    metadata: params.metadata(before.metadata),
  })
}

/** Everything that costs nothing. */
async function withSimpleFields(
  work: Work,
  before: Subscription,
  params: Params,
): Promise<Subscription> {
  const { end } = periodOf(before)
  const collection =
    params.choice('collection_method', ['charge_automatically', 'send_invoice'] as const) ??
    before.collection_method
  const after: Subscription = {
    ...before,
    cancellation_details: cancellationDetails(params, before.cancellation_details),
    collection_method: collection,
    days_until_due:
      collection === 'send_invoice'
        ? (params.integer('days_until_due') ?? before.days_until_due ?? 30)
        : null,
    default_payment_method:
      (await ownMethod(work, params, before.customer)) ?? before.default_payment_method,
    description: orKeep(params.settable('description', 500), before.description),
    discounts: await changedDiscounts(work, before, params),
    metadata: params.metadata(before.metadata),
    pause_collection: pauseCollection(work, before, params),
    payment_settings: {
      ...before.payment_settings,
      save_default_payment_method:
        params
          .group('payment_settings')
          ?.choice('save_default_payment_method', ['off', 'on_subscription'] as const) ??
        before.payment_settings.save_default_payment_method,
    },
    trial_settings: {
      end_behavior: {
        ...before.trial_settings.end_behavior,
        missing_payment_method:
          missingMethodOf(params) ?? before.trial_settings.end_behavior.missing_payment_method,
      },
    },
  }
  return withCancellation(work, after, params, end)
}

function pauseCollection(
  work: Work,
  before: Subscription,
  params: Params,
): Subscription['pause_collection'] {
  if (params.isCleared('pause_collection')) return null
  const given = params.group('pause_collection')
  if (given === undefined) return before.pause_collection
  const resumesAt = given.integer('resumes_at')
  if (resumesAt !== undefined && resumesAt <= work.now)
    throw invalidRequest('`resumes_at` must be in the future.', {
      param: given.path('resumes_at'),
    })
  return {
    behavior:
      given.choice('behavior', ['keep_as_draft', 'mark_uncollectible', 'void'] as const) ?? 'void',
    resumes_at: resumesAt ?? null,
  }
}

async function changedDiscounts(
  work: Work,
  before: Subscription,
  params: Params,
): Promise<readonly string[]> {
  if (!params.has('discounts')) return before.discounts
  const kept = (params.groups('discounts') ?? []).flatMap((entry) => {
    const id = entry.text('discount')
    return id === undefined ? [] : [id]
  })
  const unknown = kept.find((id) => !before.discounts.includes(id))
  if (unknown !== undefined)
    throw invalidRequest(`The subscription has no discount ${unknown}.`, { param: 'discounts' })
  for (const id of before.discounts) if (!kept.includes(id)) await endDiscount(work, id)
  const fresh = (params.groups('discounts') ?? []).filter((entry) => !entry.has('discount'))
  const granted: string[] = []
  const subtotal = before.items.data.reduce(
    (sum, item) => sum + lineAmount(item.price, item.quantity),
    0,
  )
  const purchase = { customer: before.customer, currency: before.currency, subtotal }
  for (const redemption of await redemptionsOf(work, fresh, purchase)) {
    const discount = await grantDiscount(work, redemption, {
      customer: before.customer,
      subscription: before.id,
    })
    granted.push(discount.id)
  }
  return [...kept, ...granted]
}

/** What the parameters change that costs or credits something; undefined when nothing does. */
export async function changeOf(
  work: Work,
  before: Subscription,
  params: Params,
): Promise<Change | undefined> {
  const end = params.raw('trial_end')
  const trialEnd = end === 'now' || typeof end === 'number' ? end : undefined
  const startsOver = params.group('billing_cycle_anchor')?.text('type') === 'now'
  if (!params.has('items') && trialEnd === undefined && !startsOver) return undefined
  const items = await changedItems(work, before, params)
  checkItems(items)
  const [first] = items
  if (first !== undefined && first.price.currency !== before.currency)
    throw invalidRequest('The currency of a subscription cannot be changed.', { param: 'items' })
  const isSame =
    JSON.stringify(items) === JSON.stringify(before.items.data) &&
    trialEnd === undefined &&
    !startsOver
  if (isSame) return undefined
  return {
    items,
    trialEnd,
    startsOver,
    proration: params.choice('proration_behavior', PRORATION) ?? 'create_prorations',
    from: params.integer('proration_date') ?? work.now,
  }
}

async function changedItems(
  work: Work,
  before: Subscription,
  params: Params,
): Promise<readonly SubscriptionItem[]> {
  let items = [...before.items.data]
  for (const entry of params.groups('items') ?? []) {
    const id = entry.text('id')
    const old = items.find((one) => one.id === id)
    if (id !== undefined && old === undefined)
      throw invalidRequest(`No such subscription item: '${id}'`, {
        code: 'resource_missing',
        param: entry.path('id'),
      })
    if (entry.flag('deleted') === true) {
      items = items.filter((one) => one !== old)
      continue
    }
    const price = await itemPrice(work, entry)
    if (old === undefined) {
      if (price === undefined) {
        entry.needText('price')
        continue
      }
      items.push(
        newItem(
          work,
          before.id,
          { price, quantity: itemQuantity(entry, 1), metadata: entry.metadata() },
          periodOf(before),
        ),
      )
      continue
    }
    items = items.map((one) => (one === old ? changedItem(old, entry, price) : one))
  }
  return items
}

export function changedItem(
  old: SubscriptionItem,
  entry: Params,
  price: SubscriptionItem['price'] | undefined,
): SubscriptionItem {
  const next = price ?? old.price
  return {
    ...old,
    metadata: entry.metadata(old.metadata),
    plan: planOf(next),
    price: next,
    quantity: itemQuantity(entry, old.quantity),
  }
}
