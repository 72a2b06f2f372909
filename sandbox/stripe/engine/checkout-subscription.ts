import type {
  CheckoutRecord,
  CheckoutSession,
  SubscriptionWish,
} from './objects/checkout-session.ts'
import type { Invoice } from './objects/invoice.ts'
import type { PaymentIntent } from './objects/payment-intent.ts'
import type { Subscription } from './objects/subscription.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { DAY_SECONDS } from './billing/calendar.ts'
import { conclude } from './billing/invoice-collection.ts'
import { dropUsedUp } from './billing/subscription-invoice.ts'
import { MISSING_METHOD, trialEndOf } from './billing/subscription-params.ts'
import { startSubscription } from './billing/subscription-start.ts'
import { liveCustomer } from './customer.ts'
import { Params as Parameters } from './params.ts'

/** Refused whatever their value. */
const NOT_SERVED = [
  'application_fee_percent',
  'billing_cycle_anchor',
  'billing_cycle_anchor_config',
  'default_tax_rates',
  'invoice_settings',
  'on_behalf_of',
  'pending_invoice_item_interval',
  'proration_behavior',
  'transfer_data',
]

/** A checkout's trial must outlast the checkout (docs.stripe.com/payments/checkout/free-trials). */
const SHORTEST_TRIAL_SECONDS = 2 * DAY_SECONDS

/** Reads `subscription_data` of a checkout. */
export function subscriptionWish(work: Work, given: Params | undefined): SubscriptionWish {
  const data = given ?? new Parameters({}, 'subscription_data')
  const refused = NOT_SERVED.find((name) => data.has(name) && !data.isCleared(name))
  if (refused !== undefined)
    throw notInSandbox(`\`${refused}\` of a checkout's subscription`, data.path(refused))
  const trialEnd = trialEndOf(work, data)
  if (typeof trialEnd === 'number' && data.has('trial_end')) {
    if (trialEnd < work.now + SHORTEST_TRIAL_SECONDS)
      throw invalidRequest('The `trial_end` date has to be at least 2 days in the future.', {
        param: data.path('trial_end'),
      })
  }
  return {
    trialDays: data.integer('trial_period_days') ?? null,
    trialEnd: data.integer('trial_end') ?? null,
    missingMethod:
      data
        .group('trial_settings')
        ?.group('end_behavior')
        ?.choice('missing_payment_method', MISSING_METHOD) ?? 'create_invoice',
    description: data.text('description', 500) ?? null,
    metadata: data.metadata(),
    billingMode:
      data.group('billing_mode')?.choice('type', ['classic', 'flexible'] as const) ?? 'flexible',
  }
}

export function isTrialWished(wish: SubscriptionWish | undefined): boolean {
  return wish !== undefined && (wish.trialDays !== null || wish.trialEnd !== null)
}

/**
 * Makes the subscription of a checkout, its money already taken or on its way.
 * @param paid the intent that took the money; null when nothing was to be paid
 */
export async function startFromCheckout(
  accountWork: Work,
  session: CheckoutSession,
  record: CheckoutRecord,
  paid: { intent: PaymentIntent | null; isSettled: boolean; method: string | null },
): Promise<{ subscription: Subscription; invoice: Invoice }> {
  const wish = record.subscription
  if (wish === undefined || session.customer === null)
    throw new Error(`${session.id} wants no subscription`)
  const customer = await liveCustomer(accountWork, session.customer, 'customer')
  const work = await accountWork.onClock(customer.test_clock)
  const { discount } = record
  const coupon = discount === undefined ? undefined : await work.get('coupon', discount.coupon)
  const lines = record.lineItems
  const { subscription } = await startSubscription(
    work,
    {
      customer,
      items: lines
        .filter((line) => line.price.recurring !== null)
        .map(({ price, quantity, metadata }) => ({ price, quantity, metadata })),
      extras: lines
        .filter((line) => line.price.recurring === null)
        .map(({ price, quantity, metadata }) => ({
          price,
          quantity,
          metadata,
          discountable: true,
        })),
      trialEnd:
        wish.trialEnd ?? (wish.trialDays === null ? null : work.now + wish.trialDays * DAY_SECONDS),
      anchor: null,
      prorates: true,
      redemptions:
        discount === undefined || coupon === undefined
          ? []
          : [
              {
                coupon,
                code: discount.promotionCode === null ? null : { id: discount.promotionCode },
                id: discount.id,
              },
            ],
      session: session.id,
      collection: 'charge_automatically',
      daysUntilDue: null,
      defaultMethod: paid.method,
      description: wish.description,
      metadata: wish.metadata,
      missingMethod: wish.missingMethod,
      savesMethod: false,
      billingMode: wish.billingMode,
      cancelAt: null,
      cancelAtPeriodEnd: false,
    },
    { intent: paid.intent },
  )
  if (paid.intent !== null && paid.isSettled && subscription.latest_invoice !== null)
    await conclude(work, subscription.latest_invoice, { result: 'succeeded', intent: paid.intent })
  const made = await work.named('subscription', subscription.id, 'subscription')
  work.emit('customer.subscription.created', made)
  const invoice = await work.named('invoice', made.latest_invoice ?? '', 'invoice')
  if ('deleted' in invoice) throw new Error(`${invoice.id} is deleted`)
  await dropUsedUp(work, made.id, invoice)
  return { subscription: made, invoice }
}
