import type Stripe from 'stripe'
import { isId } from '#modules/platform/ids.ts'
import { GatewayError } from '../../../gateway.ts'
import { groupKeyOf, isName, subjectOf } from '../../../event-groups.ts'
import type {
  DisputeView,
  IncomingEvent,
  PaidFacts,
  PaymentView,
  RefundState,
  RefundView,
  SessionView,
} from '../../../types.ts'

/** A backend that answers something else than what was asked for is not to be believed. */
export function assertObject(answer: { readonly object?: string }, wanted: string): void {
  if (answer.object !== wanted) {
    throw new GatewayError(
      'refused',
      `This backend answered ${answer.object ?? 'something unknown'} where a ${wanted} was asked for.`,
    )
  }
}

export function sessionView(session: Stripe.Checkout.Session): SessionView {
  assertObject(session, 'checkout.session')
  return {
    sessionId: session.id,
    url: session.url ?? undefined,
    expiresAt: session.expires_at ? new Date(session.expires_at * 1000) : undefined,
    checkoutId: session.client_reference_id ?? session.metadata?.checkout_id ?? undefined,
    standing: standingOf(session),
    note: session.metadata ?? {},
    email: session.customer_details?.email ?? undefined,
    paid: isPaid(session) ? paidFacts(session) : undefined,
    isForSubscription: session.mode === 'subscription',
    stripeSubscriptionId: idOf(session.subscription),
  }
}

/** The id of what is told as an id or as a whole. */
export function idOf(
  told: string | { readonly id: string } | null | undefined,
): string | undefined {
  return typeof told === 'string' ? told : told?.id
}

function isPaid(session: Stripe.Checkout.Session): boolean {
  return session.payment_status === 'paid' || session.payment_status === 'no_payment_required'
}

function standingOf(session: Stripe.Checkout.Session): SessionView['standing'] {
  if (session.status === 'expired') return 'expired'
  if (session.status !== 'complete') return 'open'
  if (isPaid(session)) return 'paid'
  // Complete and unpaid: a delayed method. Whether it failed only the payment intent tells.
  const intent = typeof session.payment_intent === 'object' ? session.payment_intent : undefined
  return intent?.status === 'requires_payment_method' || intent?.status === 'canceled'
    ? 'failed'
    : 'processing'
}

function paidFacts(session: Stripe.Checkout.Session): PaidFacts {
  const intent =
    typeof session.payment_intent === 'object' ? (session.payment_intent ?? undefined) : undefined
  const charge =
    typeof intent?.latest_charge === 'object' ? (intent.latest_charge ?? undefined) : undefined
  const details = charge?.payment_method_details ?? undefined
  const country =
    session.customer_details?.address?.country ??
    charge?.billing_details?.address?.country ??
    undefined
  return {
    amountMinor: session.amount_total ?? 0,
    currency: (session.currency ?? '').toUpperCase(),
    paymentIntentId:
      typeof session.payment_intent === 'string' ? session.payment_intent : intent?.id,
    chargeId: typeof intent?.latest_charge === 'string' ? intent.latest_charge : charge?.id,
    method: details?.type,
    methodDetail: details?.card
      ? `${details.card.brand ?? 'card'} ${details.card.last4 ?? ''}`.trim()
      : undefined,
    email: session.customer_details?.email ?? undefined,
    buyerName: session.customer_details?.name ?? undefined,
    country: country && /^[A-Za-z]{2}$/.test(country) ? country.toUpperCase() : undefined,
  }
}

const refundStates = new Set(['pending', 'requires_action', 'succeeded', 'failed', 'canceled'])

export function refundView(refund: Stripe.Refund): RefundView {
  assertObject(refund, 'refund')
  return {
    stripeRefundId: refund.id,
    // Whoever refunds at Stripe's side may note there what they like: only an id of our form can be one of ours.
    refundId: isId(refund.metadata?.refund_id ?? '') ? refund.metadata?.refund_id : undefined,
    amountMinor: refund.amount,
    currency: refund.currency.toUpperCase(),
    // A state that is newer than this program counts as still under way.
    state: (refundStates.has(refund.status ?? '') ? refund.status : 'pending') as Exclude<
      RefundState,
      'requested'
    >,
    failure: refund.failure_reason ?? undefined,
  }
}

export function disputeView(dispute: Stripe.Dispute): DisputeView {
  assertObject(dispute, 'dispute')
  return {
    stripeDisputeId: dispute.id,
    amountMinor: dispute.amount,
    currency: dispute.currency.toUpperCase(),
    reason: dispute.reason,
    state: dispute.status,
    evidenceDueAt: dispute.evidence_details?.due_by
      ? new Date(dispute.evidence_details.due_by * 1000)
      : undefined,
  }
}

export function paymentView(
  intent: Stripe.PaymentIntent,
  refunds: readonly Stripe.Refund[],
  disputes: readonly Stripe.Dispute[],
  warnings: readonly Stripe.Radar.EarlyFraudWarning[] | undefined,
): PaymentView {
  assertObject(intent, 'payment_intent')
  const charge = intent.latest_charge
  return {
    paymentIntentId: intent.id,
    chargeId: typeof charge === 'string' ? charge : charge?.id,
    checkoutId: intent.metadata?.checkout_id ?? undefined,
    note: intent.metadata ?? {},
    refunds: refunds.map(refundView),
    disputes: disputes.map(disputeView),
    warnings: warnings?.map((warning) => ({
      stripeWarningId: warning.id,
      fraudType: warning.fraud_type,
      isActionable: warning.actionable,
    })),
  }
}

/** The year 9999: later is no time of an event. */
const latestSecond = 253_402_300_800

/** bodyDigest names an event that came without an id of its own. */
export function incomingEvent(
  event: Readonly<Record<string, unknown>>,
  payload: string,
  bodyDigest: () => string,
): IncomingEvent | undefined {
  const type = event.type
  if (!isName(type) || type.length > 200) return undefined
  const id = isName(event.id) ? event.id : `sha256:${bodyDigest()}`
  const data = event.data
  const object = (
    data &&
    typeof data === 'object' &&
    'object' in data &&
    data.object &&
    typeof data.object === 'object'
      ? data.object
      : {}
  ) as Record<string, unknown>
  const previous =
    data &&
    typeof data === 'object' &&
    'previous_attributes' in data &&
    data.previous_attributes &&
    typeof data.previous_attributes === 'object'
      ? (data.previous_attributes as Record<string, unknown>)
      : undefined
  const created =
    typeof event.created === 'number' && event.created > 0 && event.created < latestSecond
      ? event.created
      : undefined
  return {
    id,
    type,
    objectType: isName(object.object) ? object.object : undefined,
    objectId: isName(object.id) ? object.id : undefined,
    groupKey: groupKeyOf(subjectOf(type, object, previous), id),
    createdAt: created === undefined ? new Date(Number.NaN) : new Date(created * 1000),
    apiVersion: isName(event.api_version) ? event.api_version : undefined,
    // Some Stripe-shaped backends write booleans as text.
    livemode: event.livemode === true || event.livemode === 'true',
    payload,
  }
}
