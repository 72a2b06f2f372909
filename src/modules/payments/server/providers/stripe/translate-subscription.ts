import type Stripe from 'stripe'
import { isId } from '#modules/platform/ids.ts'
import type { ChangePreview, PriceView } from '../../../subscription-gateway.ts'
import type {
  CardOnFile,
  DiscountView,
  Interval,
  IntervalUnit,
  InvoiceStatus,
  InvoiceView,
  SubscriptionItemView,
  SubscriptionStatus,
  SubscriptionView,
} from '../../../types.ts'
import { assertObject, idOf } from './translate.ts'

const statuses: readonly string[] = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'paused',
  'canceled',
] satisfies readonly SubscriptionStatus[]

const invoiceStatuses: readonly string[] = [
  'draft',
  'open',
  'paid',
  'uncollectible',
  'void',
] satisfies readonly InvoiceStatus[]

const durations = ['once', 'repeating', 'forever'] as const

/** What the id of a plan's coupon begins with; its key follows. */
export const planCouponPrefix = 'sundry_plan_'

const at = (seconds: number | null | undefined) => (seconds ? new Date(seconds * 1000) : undefined)

/** Some Stripe-shaped backends write booleans as text. */
const isTrue = (told: unknown) => told === true || told === 'true'

export function subscriptionView(subscription: Stripe.Subscription): SubscriptionView {
  assertObject(subscription, 'subscription')
  const invoice = subscription.latest_invoice
  const method = methodOf(subscription)
  const card = typeof method === 'object' ? method.card : undefined
  // The end that was asked for "at the period's end" is told as a date as well; older backends tell the flag alone.
  const byPeriod = isTrue(subscription.cancel_at_period_end)
  const items = subscription.items.data.map((item) => itemView(item, subscription))
  const ends = items.flatMap(({ periodEndsAt }) => (periodEndsAt ? [periodEndsAt.getTime()] : []))
  const cancelsAt =
    at(subscription.cancel_at) ??
    (byPeriod && ends.length > 0 ? new Date(Math.max(...ends)) : undefined)
  return {
    stripeSubscriptionId: subscription.id,
    stripeCustomerId: idOf(subscription.customer) ?? '',
    note: subscription.metadata ?? {},
    status: (statuses.includes(subscription.status)
      ? subscription.status
      : 'unknown') as SubscriptionStatus,
    currency: subscription.currency.toUpperCase(),
    startedAt: new Date(subscription.created * 1000),
    items,
    trialEndsAt: at(subscription.trial_end),
    discount: discountView(subscription),
    cancelsAt,
    cancelsBy: cancelsAt && (byPeriod ? 'period_end' : 'date'),
    endedAt: at(subscription.ended_at),
    isPaused: subscription.pause_collection != null || subscription.status === 'paused',
    resumesAt: at(subscription.pause_collection?.resumes_at),
    card: card && cardOnFile(card),
    cardFingerprint: card?.fingerprint ?? undefined,
    methodId: idOf(method),
    latestInvoice: invoice && typeof invoice === 'object' ? invoiceView(invoice) : undefined,
  }
}

/** The first discount, which is the only one that we ever give. Known only where its coupon was asked for with it. */
function discountView(subscription: Stripe.Subscription): DiscountView | undefined {
  const first = subscription.discounts?.[0]
  if (!first || typeof first === 'string') return undefined
  // Before 2025-09-30 the coupon stood on the discount.
  const former = first as { readonly coupon?: Stripe.Coupon | string | null }
  const coupon = first.source?.coupon ?? former.coupon
  if (!coupon || typeof coupon === 'string') return undefined
  const terms = {
    couponKey: coupon.id.startsWith(planCouponPrefix)
      ? coupon.id.slice(planCouponPrefix.length)
      : undefined,
    name: (coupon.name ?? coupon.id).slice(0, 200),
    duration: durations.find((known) => known === coupon.duration) ?? 'forever',
    endsAt: at(first.end),
  }
  if (coupon.percent_off !== null)
    return { ...terms, reduction: { basisPoints: Math.round(coupon.percent_off * 100) } }
  return coupon.amount_off === null
    ? undefined
    : {
        ...terms,
        reduction: {
          amountMinor: coupon.amount_off,
          currency: (coupon.currency ?? subscription.currency).toUpperCase(),
        },
      }
}

/** What is charged: the subscription's own, else what its customer pays everything with. */
function methodOf(subscription: Stripe.Subscription): string | Stripe.PaymentMethod | undefined {
  const { default_payment_method: own, customer } = subscription
  const ofCustomer =
    typeof customer === 'object' && !('deleted' in customer && customer.deleted)
      ? customer.invoice_settings?.default_payment_method
      : undefined
  return own ?? ofCustomer ?? undefined
}

function cardOnFile(card: Stripe.PaymentMethod.Card): CardOnFile | undefined {
  if (!/^\d{4}$/.test(card.last4 ?? '')) return undefined
  const month = String(card.exp_month).padStart(2, '0')
  return {
    brand: card.brand.slice(0, 40),
    last4: card.last4 ?? '',
    expires: `${month}/${card.exp_year}`,
  }
}

function itemView(
  item: Stripe.SubscriptionItem,
  subscription: Stripe.Subscription,
): SubscriptionItemView {
  // Before 2025-03-31 the period stood on the subscription.
  const former = subscription as {
    readonly current_period_start?: number
    readonly current_period_end?: number
  }
  const planId = item.price.metadata?.plan_id ?? ''
  return {
    stripeItemId: item.id,
    stripePriceId: item.price.id,
    planId: isId(planId) ? planId : undefined,
    quantity: item.quantity ?? 1,
    amountMinor: item.price.unit_amount ?? 0,
    interval: intervalOf(item.price),
    periodStartsAt: at(item.current_period_start ?? former.current_period_start),
    periodEndsAt: at(item.current_period_end ?? former.current_period_end),
  }
}

function intervalOf(price: Stripe.Price): Interval {
  return {
    unit: (price.recurring?.interval ?? 'month') as IntervalUnit,
    count: price.recurring?.interval_count ?? 1,
  }
}

export function invoiceView(invoice: Stripe.Invoice): InvoiceView {
  assertObject(invoice, 'invoice')
  // The line that reaches furthest is what is paid for; what is credited lies before it.
  const line = invoice.lines.data.reduce<Stripe.InvoiceLineItem | undefined>(
    (furthest, one) =>
      furthest === undefined || one.period.end > furthest.period.end ? one : furthest,
    undefined,
  )
  const former = invoice as { readonly subscription?: string | { readonly id: string } }
  const paid = invoice.payments?.data.find((one) => one.status === 'paid')
  return {
    stripeInvoiceId: invoice.id ?? '',
    stripeSubscriptionId: idOf(
      invoice.parent?.subscription_details?.subscription ?? former.subscription,
    ),
    number: invoice.number ?? undefined,
    status: (invoiceStatuses.includes(invoice.status ?? '')
      ? invoice.status
      : 'unknown') as InvoiceStatus,
    reason: invoice.billing_reason ?? 'unknown',
    dueMinor: invoice.amount_due,
    paidMinor: Math.max(0, invoice.amount_paid),
    discountMinor: (invoice.total_discount_amounts ?? []).reduce((sum, one) => sum + one.amount, 0),
    currency: invoice.currency.toUpperCase(),
    periodStartsAt: at(line?.period.start),
    periodEndsAt: at(line?.period.end),
    paymentIntentId: idOf(paid?.payment.payment_intent),
    attempts: invoice.attempt_count,
    refusedMethodId: refusedMethodOf(invoice),
    nextAttemptAt: at(invoice.next_payment_attempt),
    hostedUrl: invoice.hosted_invoice_url ?? undefined,
    pdfUrl: invoice.invoice_pdf ?? undefined,
    madeAt: new Date(invoice.created * 1000),
    paidAt: at(invoice.status_transitions?.paid_at),
  }
}

/** Known only where the intents of its payments were asked for with it. */
function refusedMethodOf(invoice: Stripe.Invoice): string | undefined {
  for (const { payment } of invoice.payments?.data ?? []) {
    const intent = payment.payment_intent
    if (intent && typeof intent === 'object') {
      const id = idOf(intent.last_payment_error?.payment_method)
      if (id !== undefined) return id
    }
  }
  return undefined
}

/** Known only where the product was asked for with its price. */
function isArchived(product: Stripe.Price['product']): boolean {
  if (typeof product === 'string') return false
  return product.deleted === true || !isTrue(product.active)
}

export function priceView(price: Stripe.Price): PriceView {
  assertObject(price, 'price')
  return {
    stripePriceId: price.id,
    isActive: isTrue(price.active) && !isArchived(price.product),
    title: price.nickname ?? '',
    amountMinor: price.unit_amount ?? 0,
    currency: price.currency.toUpperCase(),
    interval: intervalOf(price),
  }
}

export function changePreview(invoice: Stripe.Invoice): ChangePreview {
  assertObject(invoice, 'invoice')
  const credits = invoice.lines.data.filter((line) => line.amount < 0)
  const ends = invoice.lines.data.filter((line) => line.amount >= 0).map((line) => line.period.end)
  return {
    dueMinor: invoice.amount_due,
    creditMinor: -credits.reduce((sum, line) => sum + line.amount, 0),
    currency: invoice.currency.toUpperCase(),
    periodEndsAt: ends.length > 0 ? new Date(Math.max(...ends) * 1000) : undefined,
  }
}
