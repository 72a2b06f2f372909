import type { SubscriptionGateway } from './subscription-gateway.ts'
import type { DisputeView, IncomingEvent, PaymentView, RefundView, SessionView } from './types.ts'

export interface NewSession {
  /** Our checkout's id: the idempotency key, client_reference_id and metadata of all that comes of it. */
  readonly checkoutId: string
  readonly currency: string
  readonly lines: readonly {
    readonly title: string
    readonly description: string | undefined
    readonly unitMinor: number
    readonly quantity: number
  }[]
  /** Comes off the sum of the lines, once. name: what the buyer sees beside it. */
  readonly discount: { readonly name: string; readonly amountMinor: number } | undefined
  /** Fixed: the buyer cannot type another. */
  readonly email: string | undefined
  readonly successUrl: string
  readonly cancelUrl: string
  /** Kept beside the session, and beside its payment, and told again with them. */
  readonly note: Readonly<Record<string, string>>
  readonly paymentNote: Readonly<Record<string, string>>
  /** After it the buyer cannot pay any more. Providers take 30 minutes to 24 hours. */
  readonly expiresAt: Date
}

export type GatewayFault =
  /** Not reached, no answer in time, or the answer was lost: it may or may not have been done. */
  | 'unreachable'
  | 'rate_limited'
  /** Key refused or revoked. */
  | 'unauthorised'
  | 'not_found'
  /** Understood and refused, or not served by this backend. */
  | 'refused'

/** Thrown by every gateway for what the other side did or did not do. */
export class GatewayError extends Error {
  override name = 'GatewayError'
  readonly fault: GatewayFault
  /** When the other side said how long to wait. */
  readonly retryAfterMs: number | undefined
  /** The other side's own code, e.g. charge_already_refunded. */
  readonly code: string | undefined

  constructor(
    fault: GatewayFault,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number; code?: string } = {},
  ) {
    super(message, { cause: options.cause })
    this.fault = fault
    this.retryAfterMs = options.retryAfterMs
    this.code = options.code
  }
}

/** How urgent a call is when the budget is short: people first. */
export type Lane = 'person' | 'event' | 'background'

export type SignatureResult =
  | { readonly ok: true; readonly event: IncomingEvent }
  | { readonly ok: false; readonly reason: 'bad_signature' | 'malformed' }

/** The only thing that speaks to a payment provider. All calls may throw GatewayError. */
export interface Gateway extends SubscriptionGateway {
  /** Makes the session; called again with the same checkout it gives the same session. */
  createSession(session: NewSession, lane: Lane): Promise<SessionView>
  readSession(sessionId: string, lane: Lane): Promise<SessionView>
  /** Closes it to payment. An already finished session is left as it is and told as it stands. */
  expireSession(sessionId: string, lane: Lane): Promise<SessionView>
  /** withWarnings: also what card banks warn of; a call more. */
  readPayment(
    paymentIntentId: string,
    lane: Lane,
    options?: { readonly withWarnings?: boolean },
  ): Promise<PaymentView>
  /** Answers a dispute: the texts by the provider's own names for them, sent for good. */
  sendEvidence(
    dispute: {
      readonly stripeDisputeId: string
      readonly evidence: Readonly<Record<string, string>>
    },
    lane: Lane,
  ): Promise<DisputeView>
  /** Lets a dispute go: the money stays with the buyer. */
  acceptDispute(stripeDisputeId: string, lane: Lane): Promise<DisputeView>
  /** Refunds and disputes made since, newest first, at most `most` of each: to find what no event told of. */
  listMoneyBack(
    since: Date,
    most: number,
    lane: Lane,
  ): Promise<
    readonly { readonly paymentIntentId: string; readonly id: string; readonly state: string }[]
  >
  /** Called again with the same refundId it gives the same refund. */
  createRefund(
    refund: {
      readonly refundId: string
      readonly paymentIntentId: string
      readonly amountMinor: number
    },
    lane: Lane,
  ): Promise<RefundView>
  /** Checks the signature over the raw bytes against every secret. */
  verify(body: Uint8Array, signature: string, secrets: readonly string[]): SignatureResult
  /**
   * Events of the kinds we handle, oldest first, after the event `after` (or from `since`); the `most` oldest of them. The newest
   * of all may be among them whatever its kind, so that the next look begins there.
   */
  listEvents(
    from: { readonly after: string } | { readonly since: Date },
    most: number,
    lane: Lane,
  ): Promise<readonly IncomingEvent[]>
}
