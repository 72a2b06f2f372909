import type { Params } from '../params.ts'
import type { Price } from '../objects/price.ts'
import type { Subscription } from '../objects/subscription.ts'
import type { Work } from '../work.ts'
import type { ItemDraft } from './subscription-items.ts'
import type { ExtraDraft, SubscriptionPlan } from './subscription-start.ts'
import { invalidRequest, notInSandbox } from '../../api-error.ts'
import { liveCustomer } from '../customer.ts'
import { activePrice, lineAmount } from '../line-items.ts'
import { inlinePrice } from '../price.ts'
import { collect } from './invoice-collection.ts'
import { PAYMENT_BEHAVIOR, PRORATION, refuseUnpaid } from './subscription-change.ts'
import { redemptionsOf } from './subscription-discounts.ts'
import { checkItems, itemPrice, itemQuantity } from './subscription-items.ts'
import {
  missingMethodOf,
  ownMethod,
  refuseWhatIsNotServed,
  trialEndOf,
} from './subscription-params.ts'
import { startSubscription } from './subscription-start.ts'

/** `POST /v1/subscriptions` */
export async function createSubscription(accountWork: Work, params: Params): Promise<Subscription> {
  const customer = await liveCustomer(accountWork, params.needText('customer'), 'customer')
  const work = await accountWork.onClock(customer.test_clock)
  const plan = await subscriptionPlan(work, params)
  const behavior = params.choice('payment_behavior', PAYMENT_BEHAVIOR) ?? 'allow_incomplete'
  if (behavior === 'pending_if_incomplete')
    throw invalidRequest('`pending_if_incomplete` is for changes of a subscription.', {
      param: 'payment_behavior',
    })
  const { subscription, invoice } = await startSubscription(work, plan)
  if (invoice.status !== 'open' || plan.collection !== 'charge_automatically') return subscription
  if (behavior !== 'default_incomplete') {
    const outcome = await collect(work, invoice, { isScheduled: true })
    if (behavior === 'error_if_incomplete') refuseUnpaid(outcome)
  }
  return work.named('subscription', subscription.id, 'subscription')
}

/** What the parameters of a new subscription ask for. */
export async function subscriptionPlan(work: Work, params: Params): Promise<SubscriptionPlan> {
  refuseWhatIsNotServed(params)
  const customer = await liveCustomer(work, params.needText('customer'), 'customer')
  const items: ItemDraft[] = []
  for (const entry of params.groups('items') ?? []) items.push(await itemDraft(work, entry))
  checkItems(items)
  const currency = items[0]?.price.currency ?? 'usd'
  const wanted = params.text('currency')
  if (wanted !== undefined && wanted.toLowerCase() !== currency)
    throw invalidRequest(`The price specified only supports \`${currency}\`.`, {
      param: 'currency',
    })
  const collection =
    params.choice('collection_method', ['charge_automatically', 'send_invoice'] as const) ??
    'charge_automatically'
  const daysUntilDue = params.integer('days_until_due')
  if (collection === 'send_invoice' && daysUntilDue === undefined)
    throw invalidRequest('`days_until_due` is required with `collection_method=send_invoice`.', {
      code: 'parameter_missing',
      param: 'days_until_due',
    })
  const fromPlan =
    params.flag('trial_from_plan') === true
      ? items[0]?.price.recurring?.trial_period_days
      : undefined
  const trialEnd = trialEndOf(work, params)
  const anchor = params.integer('billing_cycle_anchor')
  if (anchor !== undefined && anchor <= work.now)
    throw invalidRequest('`billing_cycle_anchor` must be in the future.', {
      param: 'billing_cycle_anchor',
    })
  return {
    customer,
    items,
    extras: await extrasOf(work, params),
    trialEnd:
      trialEnd === 'now'
        ? null
        : (trialEnd ?? (fromPlan == null ? null : work.now + fromPlan * 86_400)),
    anchor: anchor ?? null,
    prorates: params.choice('proration_behavior', PRORATION) !== 'none',
    redemptions: await redemptionsOf(work, params.groups('discounts') ?? [], {
      customer: customer.id,
      currency,
      subtotal: items.reduce((sum, one) => sum + lineAmount(one.price, one.quantity), 0),
    }),
    collection,
    daysUntilDue: collection === 'send_invoice' ? (daysUntilDue ?? null) : null,
    defaultMethod: (await ownMethod(work, params, customer.id)) ?? null,
    description: params.text('description', 500) ?? null,
    metadata: params.metadata(),
    missingMethod: missingMethodOf(params) ?? 'create_invoice',
    savesMethod:
      params.group('payment_settings')?.text('save_default_payment_method') === 'on_subscription',
    billingMode:
      params.group('billing_mode')?.choice('type', ['classic', 'flexible'] as const) ?? 'flexible',
    cancelAt: cancelAtOf(work, params),
    cancelAtPeriodEnd: params.flag('cancel_at_period_end') ?? false,
  }
}

function cancelAtOf(work: Work, params: Params): SubscriptionPlan['cancelAt'] {
  const at = params.raw('cancel_at')
  if (typeof at === 'number') {
    if (at <= work.now)
      throw invalidRequest('`cancel_at` must be in the future.', { param: 'cancel_at' })
    return at
  }
  return at === 'min_period_end' || at === 'max_period_end' ? at : null
}

async function itemDraft(work: Work, entry: Params): Promise<ItemDraft> {
  const price = await itemPrice(work, entry)
  if (price === undefined)
    throw invalidRequest(`Missing required param: ${entry.path('price')}.`, {
      code: 'parameter_missing',
      param: entry.path('price'),
    })
  return { price, quantity: itemQuantity(entry, 1), metadata: entry.metadata() }
}

/** `add_invoice_items`: what is paid once, with the first invoice. */
async function extrasOf(work: Work, params: Params): Promise<readonly ExtraDraft[]> {
  const extras: ExtraDraft[] = []
  for (const entry of params.groups('add_invoice_items') ?? []) {
    const id = entry.text('price')
    const data = entry.group('price_data')
    if ((id === undefined) === (data === undefined))
      throw invalidRequest('Specify exactly one of price and price_data.', {
        param: entry.path('price'),
      })
    for (const name of ['discounts', 'period', 'tax_rates'])
      if (entry.has(name) && !entry.isCleared(name))
        throw notInSandbox(`\`${name}\` of an added item`, entry.path(name))
    const price: Price =
      data === undefined
        ? await activePrice(work, id ?? '', entry.path('price'))
        : await inlinePrice(work, data)
    if (price.recurring !== null)
      throw invalidRequest('Only one-time prices can be added to an invoice.', {
        param: entry.path('price'),
      })
    extras.push({
      price,
      quantity: itemQuantity(entry, 1),
      metadata: entry.metadata(),
      discountable: entry.flag('discountable') ?? true,
    })
  }
  return extras
}
