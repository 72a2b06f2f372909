import type Stripe from 'stripe'
import { sha256 } from '#modules/platform/server/index.ts'
import { isHandled } from '../../../event-groups.ts'
import {
  GatewayError,
  type Gateway,
  type Lane,
  type NewSession,
  type SignatureResult,
} from '../../../gateway.ts'
import type { IncomingEvent } from '../../../types.ts'
import { countCall } from '../../call-figures.ts'
import { pauseCalls, waitForTurn } from '../../pace.ts'
import { asGatewayError, stripeClient, stripeConnection, type StripeConnection } from './client.ts'
import { stripeSubscriptions, type Call } from './subscriptions.ts'
import { disputeView, incomingEvent, paymentView, refundView, sessionView } from './translate.ts'

/** What is fetched with a session, so that one call tells all. */
const sessionParts = ['payment_intent.latest_charge']

/** Of 100 events each: how far a list is followed at once. */
const mostPages = 2_000

/** Stripe, by its SDK. backendId: whose budget the calls use; connection: its key, kept as long as the gateway is. */
export function stripeGateway(
  backendId: number,
  connection: StripeConnection | undefined = stripeConnection(),
): Gateway {
  async function call<Answer>(
    lane: Lane,
    ask: (stripe: Stripe) => Promise<Answer>,
  ): Promise<Answer> {
    await waitForTurn(backendId, lane)
    try {
      const answer = await ask(stripeClient(connection))
      countCall('ok')
      return answer
    } catch (error) {
      const told = asGatewayError(error)
      if (told instanceof GatewayError) countCall(told.fault)
      if (told instanceof Error && 'fault' in told && told.fault === 'rate_limited') {
        await pauseCalls(
          backendId,
          'retryAfterMs' in told && typeof told.retryAfterMs === 'number'
            ? told.retryAfterMs
            : undefined,
        )
      }
      throw told
    }
  }

  return {
    ...stripeSubscriptions(call),

    async createSession(session, lane) {
      const coupon =
        session.discount && (await discountCoupon(call, lane, session, session.discount))
      return call(lane, async (stripe) =>
        sessionView(
          await stripe.checkout.sessions.create(
            {
              mode: 'payment',
              client_reference_id: session.checkoutId,
              line_items: session.lines.map((line) => ({
                quantity: line.quantity,
                price_data: {
                  currency: session.currency.toLowerCase(),
                  unit_amount: line.unitMinor,
                  product_data: {
                    name: line.title,
                    ...(line.description ? { description: line.description } : {}),
                  },
                },
              })),
              ...(coupon ? { discounts: [{ coupon }] } : {}),
              ...(session.email ? { customer_email: session.email } : {}),
              success_url: session.successUrl,
              cancel_url: session.cancelUrl,
              expires_at: Math.floor(session.expiresAt.getTime() / 1000),
              metadata: { ...session.note, checkout_id: session.checkoutId },
              payment_intent_data: {
                metadata: { ...session.paymentNote, checkout_id: session.checkoutId },
              },
            },
            { idempotencyKey: `checkout-${session.checkoutId}` },
          ),
        ),
      )
    },

    readSession: (sessionId, lane) =>
      call(lane, async (stripe) =>
        sessionView(await stripe.checkout.sessions.retrieve(sessionId, { expand: sessionParts })),
      ),

    async expireSession(sessionId, lane) {
      try {
        return sessionView(
          await call(lane, (stripe) =>
            stripe.checkout.sessions.expire(sessionId, { expand: sessionParts }),
          ),
        )
      } catch (error) {
        // Only open sessions can be expired; a finished one is told as it stands.
        const session = sessionView(
          await call(lane, (stripe) =>
            stripe.checkout.sessions.retrieve(sessionId, { expand: sessionParts }),
          ),
        )
        if (session.standing === 'open') throw error
        return session
      }
    },

    async readPayment(paymentIntentId, lane, options = {}) {
      const intent = await call(lane, (stripe) =>
        stripe.paymentIntents.retrieve(paymentIntentId, { expand: ['latest_charge.refunds'] }),
      )
      const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : undefined
      const refunds =
        charge?.refunds && !charge.refunds.has_more
          ? charge.refunds
          : await call(lane, (stripe) =>
              stripe.refunds.list({ payment_intent: paymentIntentId, limit: 100 }),
            )
      const disputes = charge?.disputed
        ? (
            await call(lane, (stripe) =>
              stripe.disputes.list({ payment_intent: paymentIntentId, limit: 10 }),
            )
          ).data
        : []
      const warnings = options.withWarnings
        ? await call(lane, (stripe) =>
            stripe.radar.earlyFraudWarnings.list({ payment_intent: paymentIntentId, limit: 10 }),
          )
        : undefined
      return paymentView(intent, refunds.data, disputes, warnings?.data)
    },

    sendEvidence: (dispute, lane) =>
      call(lane, async (stripe) =>
        disputeView(
          await stripe.disputes.update(
            dispute.stripeDisputeId,
            { evidence: dispute.evidence, submit: true },
            { idempotencyKey: `evidence-${dispute.stripeDisputeId}` },
          ),
        ),
      ),

    acceptDispute: (stripeDisputeId, lane) =>
      call(lane, async (stripe) =>
        disputeView(
          await stripe.disputes.close(
            stripeDisputeId,
            {},
            { idempotencyKey: `accept-${stripeDisputeId}` },
          ),
        ),
      ),

    async listMoneyBack(since, most, lane) {
      const created = { gte: Math.floor(since.getTime() / 1000) }
      const refunds = await pagesOf(most, (after) =>
        call(lane, (stripe) =>
          stripe.refunds.list({ created, limit: 100, ...(after ? { starting_after: after } : {}) }),
        ),
      )
      const disputes = await pagesOf(most, (after) =>
        call(lane, (stripe) =>
          stripe.disputes.list({
            created,
            limit: 100,
            ...(after ? { starting_after: after } : {}),
          }),
        ),
      )
      return [...refunds, ...disputes].flatMap((one) => {
        const intent =
          typeof one.payment_intent === 'string' ? one.payment_intent : one.payment_intent?.id
        return intent ? [{ paymentIntentId: intent, id: one.id, state: one.status ?? '' }] : []
      })
    },

    createRefund: (refund, lane) =>
      call(lane, async (stripe) =>
        refundView(
          await stripe.refunds.create(
            {
              payment_intent: refund.paymentIntentId,
              amount: refund.amountMinor,
              reason: 'requested_by_customer',
              metadata: { refund_id: refund.refundId },
            },
            { idempotencyKey: `refund-${refund.refundId}` },
          ),
        ),
      ),

    verify(body, signature, secrets): SignatureResult {
      const stripe = stripeClient(connection)
      const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
      const holds = secrets.some((secret) => {
        try {
          return stripe.webhooks.signature?.verifyHeader(text, signature, secret, 300) ?? false
        } catch {
          return false // a bad signature is thrown by the SDK; another secret may still fit
        }
      })
      if (!holds) return { ok: false, reason: 'bad_signature' }
      const event = readEvent(text.toString('utf8'))
      return event ? { ok: true, event } : { ok: false, reason: 'malformed' }
    },

    async listEvents(from, most, lane) {
      const found: IncomingEvent[] = []
      // Every page is a call of its own and waits for its own turn. A page stands newest first.
      let cursor: { ending_before: string } | { starting_after: string } | undefined =
        'after' in from ? { ending_before: from.after } : undefined
      const since =
        'since' in from ? { created: { gte: Math.floor(from.since.getTime() / 1000) } } : {}
      for (let pages = 0; pages < mostPages; pages++) {
        // Of all kinds: no more than 20 can be asked for by name, and asking twice costs twice.
        const page: Stripe.ApiList<Stripe.Event> = await call(lane, (stripe) =>
          stripe.events.list({ limit: 100, ...since, ...cursor }),
        )
        const [newest, oldest] = [page.data[0], page.data.at(-1)]
        const isNewestOfAll = 'after' in from ? !page.has_more : pages === 0
        const events = page.data
          .filter((event) => isHandled(event.type) || (isNewestOfAll && event === newest))
          .map(asIncoming)
          .filter((event) => event !== undefined)
        if ('after' in from) {
          found.push(...events.reverse()) // walking from older to newer
          if (newest) cursor = { ending_before: newest.id }
        } else {
          found.unshift(...events.reverse()) // walking back in time: the oldest come last
          found.length = Math.min(found.length, most)
          if (oldest) cursor = { starting_after: oldest.id }
        }
        if (!page.has_more || !newest || ('after' in from && found.length >= most)) break
      }
      return found.slice(0, most)
    },
  }
}

function readEvent(text: string): IncomingEvent | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!parsed || typeof parsed !== 'object' || Array.isArray(parsed)) return undefined
  return incomingEvent(parsed as Record<string, unknown>, text, () => sha256(text))
}

function asIncoming(event: Stripe.Event): IncomingEvent | undefined {
  const text = JSON.stringify(event)
  return incomingEvent(event as unknown as Record<string, unknown>, text, () => sha256(text))
}

/**
 * A sum off one session is a coupon of its own at Stripe, good for that session alone. Its id is made from the checkout's, so
 * that asking again after a lost answer finds the same one, also when the key is long forgotten.
 */
async function discountCoupon(
  call: Call,
  lane: Lane,
  session: NewSession,
  discount: { readonly name: string; readonly amountMinor: number },
): Promise<string> {
  const id = `sundry_${session.checkoutId}`
  try {
    const made = await call(lane, (stripe) =>
      stripe.coupons.create(
        {
          id,
          amount_off: discount.amountMinor,
          currency: session.currency.toLowerCase(),
          duration: 'once',
          max_redemptions: 1,
          name: discount.name.slice(0, 40),
          metadata: { checkout_id: session.checkoutId },
        },
        { idempotencyKey: `coupon-${session.checkoutId}` },
      ),
    )
    return made.id
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'resource_already_exists') return id
    throw error
  }
}

/** Reads a list to its end, or to `most` rows. */
async function pagesOf<Row extends { readonly id: string }>(
  most: number,
  page: (after: string | undefined) => Promise<{ data: Row[]; has_more: boolean }>,
): Promise<Row[]> {
  const rows: Row[] = []
  for (let after: string | undefined; rows.length < most;) {
    const { data, has_more } = await page(after)
    rows.push(...data)
    after = data.at(-1)?.id
    if (!has_more || after === undefined) break
  }
  return rows.slice(0, most)
}
