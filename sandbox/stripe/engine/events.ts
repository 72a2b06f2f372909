import { API_VERSION } from '../api-version.ts'

/** The events this sandbox causes. */
export type EventType =
  | 'billing_portal.configuration.created'
  | 'billing_portal.configuration.updated'
  | 'billing_portal.session.created'
  | 'charge.captured'
  | 'charge.dispute.closed'
  | 'charge.dispute.created'
  | 'charge.dispute.funds_reinstated'
  | 'charge.dispute.funds_withdrawn'
  | 'charge.dispute.updated'
  | 'charge.expired'
  | 'charge.failed'
  | 'charge.pending'
  | 'charge.refund.updated'
  | 'charge.refunded'
  | 'charge.succeeded'
  | 'charge.updated'
  | 'checkout.session.async_payment_failed'
  | 'checkout.session.async_payment_succeeded'
  | 'checkout.session.completed'
  | 'checkout.session.expired'
  | 'coupon.created'
  | 'coupon.deleted'
  | 'coupon.updated'
  | 'customer.created'
  | 'customer.deleted'
  | 'customer.discount.created'
  | 'customer.discount.deleted'
  | 'customer.subscription.created'
  | 'customer.subscription.deleted'
  | 'customer.subscription.paused'
  | 'customer.subscription.pending_update_applied'
  | 'customer.subscription.pending_update_expired'
  | 'customer.subscription.resumed'
  | 'customer.subscription.trial_will_end'
  | 'customer.subscription.updated'
  | 'customer.updated'
  | 'invoice.created'
  | 'invoice.deleted'
  | 'invoice.finalized'
  | 'invoice.marked_uncollectible'
  | 'invoice.overdue'
  | 'invoice.paid'
  | 'invoice.payment_action_required'
  | 'invoice.payment_failed'
  | 'invoice.payment_succeeded'
  | 'invoice.sent'
  | 'invoice.upcoming'
  | 'invoice.updated'
  | 'invoice.voided'
  | 'invoice_payment.paid'
  | 'invoiceitem.created'
  | 'invoiceitem.deleted'
  | 'payment_intent.amount_capturable_updated'
  | 'payment_intent.canceled'
  | 'payment_intent.created'
  | 'payment_intent.payment_failed'
  | 'payment_intent.processing'
  | 'payment_intent.requires_action'
  | 'payment_intent.succeeded'
  | 'payment_method.attached'
  | 'payment_method.automatically_updated'
  | 'payment_method.detached'
  | 'payment_method.updated'
  | 'price.created'
  | 'price.updated'
  | 'product.created'
  | 'product.deleted'
  | 'product.updated'
  | 'promotion_code.created'
  | 'promotion_code.updated'
  | 'radar.early_fraud_warning.created'
  | 'radar.early_fraud_warning.updated'
  | 'refund.created'
  | 'refund.failed'
  | 'refund.updated'
  | 'setup_intent.canceled'
  | 'setup_intent.created'
  | 'setup_intent.requires_action'
  | 'setup_intent.setup_failed'
  | 'setup_intent.succeeded'
  | 'test_helpers.test_clock.advancing'
  | 'test_helpers.test_clock.created'
  | 'test_helpers.test_clock.deleted'
  | 'test_helpers.test_clock.ready'

/** An object as an event carries it: the state right after the change. */
export type Snapshotted = Readonly<{ id: string; object: string }>

export type StripeEvent = {
  id: string
  object: 'event'
  api_version: string
  created: number
  data: { object: Snapshotted; previous_attributes?: Readonly<Record<string, unknown>> }
  livemode: false
  pending_webhooks: number
  request: { id: string | null; idempotency_key: string | null }
  type: EventType
}

export function eventOf(happening: {
  id: string
  type: EventType
  object: Snapshotted
  previous: Snapshotted | undefined
  created: number
  origin: RequestOrigin
  pendingWebhooks: number
}): StripeEvent {
  const { object, previous } = happening
  return {
    id: happening.id,
    object: 'event',
    api_version: API_VERSION,
    created: happening.created,
    data:
      previous === undefined
        ? { object }
        : { object, previous_attributes: changedAttributes(previous, object) },
    livemode: false,
    pending_webhooks: happening.pendingWebhooks,
    request: { id: happening.origin.id, idempotency_key: happening.origin.idempotencyKey },
    type: happening.type,
  }
}

/**
 * What an object was before, only where it changed. Inside nested hashes only the changed keys
 * appear (a new metadata key appears as null); lists appear whole. As Stripe's
 * `data.previous_attributes`.
 */
export function changedAttributes(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const changed: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[key]
    const now = after[key]
    if (JSON.stringify(old) === JSON.stringify(now)) continue
    changed[key] = isHash(old) && isHash(now) ? changedAttributes(old, now) : (old ?? null)
  }
  return changed
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The API request behind a change, as events name it. */
export type RequestOrigin = { id: string | null; idempotencyKey: string | null }
