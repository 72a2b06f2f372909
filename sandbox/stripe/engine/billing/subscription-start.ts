import type { Customer } from '../objects/customer.ts'
import type { Invoice } from '../objects/invoice.ts'
import type { PaymentIntent } from '../objects/payment-intent.ts'
import type { Debit, MissingMethod, Subscription } from '../objects/subscription.ts'
import type { Metadata } from '../params.ts'
import type { Redemption } from '../promotion-code.ts'
import type { Work } from '../work.ts'
import type { LineDraft } from './invoice-lines.ts'
import type { ItemDraft } from './subscription-items.ts'
import { lineAmount } from '../line-items.ts'
import { boundaryAfter, boundaryBefore } from './calendar.ts'
import { assertCurrency } from './invoice.ts'
import { itemLine, pricingOf } from './invoice-lines.ts'
import { noteToBill } from './invoice-notes.ts'
import { finalizeInvoice } from './invoice-collection.ts'
import { productName, rhythmOf } from './plan.ts'
import { restOf } from './proration.ts'
import { grantDiscount } from './subscription-discounts.ts'
import { newItem } from './subscription-items.ts'
import { planSubscription, TRIAL_NOTICE_SECONDS } from './subscription-tasks.ts'
import { billSubscription, dropUsedUp } from './subscription-invoice.ts'

/** Something that is paid once, with a subscription's first invoice. */
export type ExtraDraft = ItemDraft & { discountable: boolean }

/** What a new subscription is to be. Instants in unix seconds. */
export type SubscriptionPlan = {
  customer: Customer
  items: readonly ItemDraft[]
  /** Billed with the first invoice only. */
  extras: readonly ExtraDraft[]
  trialEnd: number | null
  /** Periods count from here instead of now. */
  anchor: number | null
  prorates: boolean
  redemptions: readonly (Pick<Redemption, 'coupon'> & {
    code: { id: string } | null
    id?: string
  })[]
  session?: string
  collection: Subscription['collection_method']
  daysUntilDue: number | null
  defaultMethod: string | null
  description: string | null
  metadata: Metadata
  missingMethod: MissingMethod
  savesMethod: boolean
  billingMode: 'classic' | 'flexible'
  cancelAt: number | 'min_period_end' | 'max_period_end' | null
  cancelAtPeriodEnd: boolean
}

/**
 * Makes a subscription and its first invoice, open or (of nothing) paid. Nothing is collected yet,
 * unless `paidBy` has already taken the money.
 * @param paidBy how a checkout took the money before there was a subscription
 */
export async function startSubscription(
  work: Work,
  plan: SubscriptionPlan,
  paidBy?: { intent: PaymentIntent | null },
): Promise<{ subscription: Subscription; invoice: Invoice }> {
  const { customer } = plan
  const [first] = plan.items
  if (first === undefined) throw new Error('A subscription without items')
  assertCurrency(customer, first.price.currency)
  const id = work.id('sub')
  const isTrial = plan.trialEnd !== null && plan.trialEnd > work.now
  const anchor = (isTrial ? plan.trialEnd : plan.anchor) ?? work.now
  const natural = boundaryAfter(anchor, rhythmOf(first.price), work.now)
  const end = anchor > work.now ? Math.min(anchor, natural) : natural
  const period = { start: work.now, end }
  const items = plan.items.map((draft) => newItem(work, id, draft, period))
  const discounts = []
  for (const redemption of plan.redemptions)
    discounts.push(
      await grantDiscount(work, redemption, {
        ...(redemption.id === undefined ? {} : { id: redemption.id }),
        customer: customer.id,
        subscription: id,
        ...(plan.session === undefined ? {} : { session: plan.session }),
      }),
    )
  for (const extra of plan.extras)
    noteToBill(work, {
      amount: lineAmount(extra.price, extra.quantity),
      currency: extra.price.currency,
      customer: customer.id,
      description: await productName(work, extra.price),
      discountable: extra.discountable,
      metadata: extra.metadata,
      period: { start: work.now, end: work.now },
      pricing: pricingOf(extra.price),
      quantity: extra.quantity,
      subscription: { id },
      testClock: customer.test_clock,
    })
  const lines: LineDraft[] = []
  for (const item of items)
    lines.push(
      await itemLine(work, item, period, {
        isTrial,
        ...(isTrial || anchor <= work.now
          ? {}
          : { amount: firstPart(plan, item, anchor, period, work.now) }),
      }),
    )
  const isAutomatic = plan.collection === 'charge_automatically'
  const cancelAt = typeof plan.cancelAt === 'string' ? end : plan.cancelAt
  const blank: Subscription = {
    ...blankSubscription(work, id, plan),
    billing_cycle_anchor: anchor,
    cancel_at: cancelAt ?? (plan.cancelAtPeriodEnd ? end : null),
    cancel_at_period_end: plan.cancelAtPeriodEnd,
    canceled_at: cancelAt !== null || plan.cancelAtPeriodEnd ? work.now : null,
    currency: first.price.currency,
    discounts: discounts.map((one) => one.id),
    items: {
      object: 'list',
      data: items,
      has_more: false,
      url: `/v1/subscription_items?subscription=${id}`,
    },
    trial_end: isTrial ? plan.trialEnd : null,
    trial_start: isTrial ? work.now : null,
  }
  const invoice = await billSubscription(work, blank, {
    reason: 'subscription_create',
    lines,
    period: { start: work.now, end: work.now },
    autoAdvance: isAutomatic,
    onlyOwnNotes: paidBy !== undefined,
  })
  const isPaid = paidBy !== undefined || invoice.amount_due === 0
  const subscription: Subscription = {
    ...blank,
    latest_invoice: invoice.id,
    status: isTrial ? 'trialing' : isPaid || !isAutomatic ? 'active' : 'incomplete',
  }
  work.put('_subscription', {
    id,
    object: '_subscription',
    created: work.now,
    debits: debitsOf(invoice),
    pending: null,
  })
  work.put('subscription', subscription)
  if (paidBy === undefined) work.emit('customer.subscription.created', subscription)
  await announceShortTrial(work, subscription)
  planSubscription(work, subscription)
  const final = await finalizeInvoice(work, invoice, paidBy?.intent ?? undefined)
  // A checkout tells of the subscription at its very end; what changes it comes after that.
  if (paidBy === undefined) await dropUsedUp(work, id, final)
  return { subscription: await work.named('subscription', id, 'subscription'), invoice: final }
}

/** A first period that is cut short by its anchor costs its part, or nothing. */
function firstPart(
  plan: SubscriptionPlan,
  item: { price: ItemDraft['price']; quantity: number },
  anchor: number,
  period: { start: number; end: number },
  now: number,
): number {
  if (!plan.prorates) return 0
  const start = boundaryBefore(anchor, rhythmOf(item.price), period.end)
  return restOf(lineAmount(item.price, item.quantity), { start, end: period.end }, now)
}

/** What each item was billed with an invoice, by item: what later credits are parts of. */
export function debitsOf(invoice: Invoice): Record<string, Debit> {
  const debits: Record<string, Debit> = {}
  for (const line of invoice.lines.data) {
    const item = line.parent.subscription_item_details?.subscription_item
    if (item === undefined || line.amount <= 0) continue
    debits[item] = {
      amount: line.amount - line.discount_amounts.reduce((sum, one) => sum + one.amount, 0),
      ...line.period,
      invoice: invoice.id,
      line: line.id,
    }
  }
  return debits
}

/** A trial that is no longer than the notice of its end is announced at once. */
export async function announceShortTrial(work: Work, subscription: Subscription): Promise<void> {
  if (subscription.status !== 'trialing' || subscription.trial_end === null) return
  if (subscription.trial_end - TRIAL_NOTICE_SECONDS <= work.now)
    work.emit('customer.subscription.trial_will_end', subscription)
}

function blankSubscription(work: Work, id: string, plan: SubscriptionPlan): Subscription {
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: work.now,
    billing_cycle_anchor_config: null,
    billing_mode:
      plan.billingMode === 'flexible'
        ? { flexible: { proration_discounts: 'included' }, type: 'flexible' }
        : { flexible: null, type: 'classic' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      reason: null,
    },
    collection_method: plan.collection,
    created: work.now,
    currency: 'usd',
    customer: plan.customer.id,
    customer_account: null,
    days_until_due: plan.daysUntilDue,
    default_payment_method: plan.defaultMethod,
    default_source: null,
    default_tax_rates: [],
    description: plan.description,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: { object: 'list', data: [], has_more: false, url: '' },
    latest_invoice: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: plan.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: plan.savesMethod ? 'on_subscription' : 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: work.now,
    status: 'active',
    test_clock: plan.customer.test_clock,
    transfer_data: null,
    trial_end: null,
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: plan.missingMethod,
      },
    },
    trial_start: null,
  }
}
