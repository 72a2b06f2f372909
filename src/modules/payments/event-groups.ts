/** The events that change something here. Exactly these are subscribed to and polled for. */
export const handledEventTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'charge.refunded',
  'charge.refund.updated',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'radar.early_fraud_warning.created',
  'radar.early_fraud_warning.updated',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.trial_will_end',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'invoice.finalized',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'customer.updated',
  'payment_method.attached',
  'price.updated',
  'price.deleted',
  'product.updated',
  'product.deleted',
] as const

/**
 * Whether this can be one of Stripe's ids, kinds or versions: printable signs, at most 255. Anything else must not reach a
 * column or an index, which refuse a NUL and very long texts, and with them all deliveries of the same commit.
 */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)
}

export type EventSubject =
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'payment'; readonly paymentIntentId: string }
  | { readonly kind: 'subscription'; readonly subscriptionId: string }
  /** A price, or the product that prices are of. */
  | { readonly kind: 'offer'; readonly offerId: string }
  /** What subscriptions are paid with. */
  | { readonly kind: 'customer'; readonly stripeCustomerId: string }
  | { readonly kind: 'nothing' }

/**
 * What an event points at: the one object that is fetched afresh for it. Tolerant: only ids are read, so
 * a payload of another API version, or one with fields missing, still leads to the truth. previous: what was otherwise before,
 * where that is told: of a customer only the card matters here, and most changes are of something else.
 */
export function subjectOf(
  type: string,
  object: Readonly<Record<string, unknown>>,
  previous?: Readonly<Record<string, unknown>>,
): EventSubject {
  if (type.startsWith('checkout.session.')) {
    // A subscription that was begun says itself which checkout of ours it came from: the session need not be asked.
    if (object.mode === 'subscription' && isName(object.subscription))
      return { kind: 'subscription', subscriptionId: object.subscription }
    return isName(object.id) ? { kind: 'session', sessionId: object.id } : { kind: 'nothing' }
  }
  if (/^(?:charge|refund|radar\.early_fraud_warning)\./.test(type)) {
    const intent = object.payment_intent
    if (isName(intent)) return { kind: 'payment', paymentIntentId: intent }
    if (intent && typeof intent === 'object' && 'id' in intent && isName(intent.id)) {
      return { kind: 'payment', paymentIntentId: intent.id }
    }
  }
  if (type.startsWith('customer.subscription.') && isName(object.id))
    return { kind: 'subscription', subscriptionId: object.id }
  if (type.startsWith('invoice.')) {
    const subscriptionId = subscriptionOfInvoice(object)
    if (subscriptionId !== undefined) return { kind: 'subscription', subscriptionId }
  }
  if (/^(?:price|product)\./.test(type) && isName(object.id))
    return { kind: 'offer', offerId: object.id }
  if (type === 'customer.updated' && isName(object.id) && mayTellOfCard(previous))
    return { kind: 'customer', stripeCustomerId: object.id }
  if (type === 'payment_method.attached') {
    const customer = asObject(object.customer)?.id ?? object.customer
    if (isName(customer)) return { kind: 'customer', stripeCustomerId: customer }
  }
  return { kind: 'nothing' }
}

const mayTellOfCard = (previous: Readonly<Record<string, unknown>> | undefined) =>
  previous === undefined || 'invoice_settings' in previous || 'default_source' in previous

/** Where an invoice names its subscription, in this version of the API and in those before; undefined: it is of none. */
function subscriptionOfInvoice(invoice: Readonly<Record<string, unknown>>): string | undefined {
  const parent = asObject(invoice.parent)
  const told = asObject(parent?.subscription_details)?.subscription ?? invoice.subscription
  const id = asObject(told)?.id ?? told
  return isName(id) ? id : undefined
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

/** Whether these events, all of one group, are about a subscription. */
export function isOfSubscription(
  groupKey: string,
  events: readonly { readonly type: string; readonly objectId: string | undefined }[],
): boolean {
  return events.some(
    ({ type, objectId }) =>
      type.startsWith('customer.subscription.') ||
      // What names no object at all is a group of its own, under the event's id.
      (type.startsWith('invoice.') &&
        !groupKey.startsWith('evt_') &&
        !groupKey.startsWith('sha256:')) ||
      (type.startsWith('checkout.session.') && objectId !== groupKey),
  )
}

/** Whether these events, all of one group, are about a price or a product. */
export function isOfOffer(
  groupKey: string,
  events: readonly { readonly type: string; readonly objectId: string | undefined }[],
): boolean {
  return events.some(
    ({ type, objectId }) => /^(?:price|product)\./.test(type) && objectId === groupKey,
  )
}

/** Whether these events, all of one group, are about what a customer pays with. hasDefault: which card is charged may have changed. */
export function customerEvents(
  groupKey: string,
  events: readonly { readonly type: string; readonly objectId: string | undefined }[],
): { readonly areThey: boolean; readonly hasDefault: boolean } {
  const hasDefault = events.some(
    ({ type, objectId }) => type === 'customer.updated' && objectId === groupKey,
  )
  const areThey =
    hasDefault ||
    events.some(
      ({ type }) =>
        type === 'payment_method.attached' &&
        !groupKey.startsWith('evt_') &&
        !groupKey.startsWith('sha256:'),
    )
  return { areThey, hasDefault }
}

/** Events of one group are worked on together, and never at once by two workers. */
export function groupKeyOf(subject: EventSubject, eventId: string): string {
  switch (subject.kind) {
    case 'session':
      return subject.sessionId
    case 'payment':
      return subject.paymentIntentId
    case 'subscription':
      return subject.subscriptionId
    case 'offer':
      return subject.offerId
    case 'customer':
      return subject.stripeCustomerId
    case 'nothing':
      return eventId
  }
}

export function isHandled(type: string): boolean {
  return (handledEventTypes as readonly string[]).includes(type)
}
