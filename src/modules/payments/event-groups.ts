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
  | { readonly kind: 'nothing' }

/**
 * What an event points at: the one object that is fetched afresh for it. Tolerant: only ids are read, so
 * a payload of another API version, or one with fields missing, still leads to the truth.
 */
export function subjectOf(type: string, object: Readonly<Record<string, unknown>>): EventSubject {
  if (type.startsWith('checkout.session.')) {
    return isName(object.id) ? { kind: 'session', sessionId: object.id } : { kind: 'nothing' }
  }
  if (/^(?:charge|refund|radar\.early_fraud_warning)\./.test(type)) {
    const intent = object.payment_intent
    if (isName(intent)) return { kind: 'payment', paymentIntentId: intent }
    if (intent && typeof intent === 'object' && 'id' in intent && isName(intent.id)) {
      return { kind: 'payment', paymentIntentId: intent.id }
    }
  }
  return { kind: 'nothing' }
}

/** Events of one group are worked on together, and never at once by two workers. */
export function groupKeyOf(subject: EventSubject, eventId: string): string {
  switch (subject.kind) {
    case 'session':
      return subject.sessionId
    case 'payment':
      return subject.paymentIntentId
    case 'nothing':
      return eventId
  }
}

export function isHandled(type: string): boolean {
  return (handledEventTypes as readonly string[]).includes(type)
}
