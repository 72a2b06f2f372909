import Stripe from 'stripe'
import { handledEventTypes } from '../../../event-groups.ts'
import { GatewayError } from '../../../gateway.ts'
import { apiVersion, asGatewayError, stripeClient, type StripeConnection } from './client.ts'

export type KeyCheck =
  | {
      readonly ok: true
      /** acct_..., and the name it has at Stripe, where the key may read them. */
      readonly account: string | undefined
      readonly accountName: string | undefined
      /** false: Stripe has not let this account take payments yet. undefined: not told. */
      readonly takesPayments: boolean | undefined
      /** What a restricted key may not do that this shop needs, in words. */
      readonly missing: readonly string[]
    }
  | { readonly ok: false; readonly reason: 'refused' | 'unreachable'; readonly words: string }

/** What the shop does at Stripe, each tried by reading one row. */
const needs: readonly {
  readonly words: string
  ask(stripe: Stripe): Promise<unknown>
}[] = [
  {
    words: 'Checkout Sessions: write',
    ask: (stripe) => stripe.checkout.sessions.list({ limit: 1 }),
  },
  { words: 'Payment Intents: read', ask: (stripe) => stripe.paymentIntents.list({ limit: 1 }) },
  { words: 'Charges and Refunds: write', ask: (stripe) => stripe.refunds.list({ limit: 1 }) },
  { words: 'Disputes: write', ask: (stripe) => stripe.disputes.list({ limit: 1 }) },
  { words: 'Events: read', ask: (stripe) => stripe.events.list({ limit: 1 }) },
]

/**
 * Asks Stripe with a key whether it is good: its account by one read, and for a restricted key (or a backend that tells no
 * account) each thing the shop needs. Changes nothing there. Never throws for what the other side says.
 */
export async function checkKey(connection: StripeConnection): Promise<KeyCheck> {
  const stripe = stripeClient(connection)
  let account: Stripe.Account | undefined
  try {
    account = await stripe.accounts.retrieveCurrent()
  } catch (error) {
    const fault = told(error)
    if (fault.fault === 'unreachable' || fault.fault === 'rate_limited')
      return { ok: false, reason: 'unreachable', words: fault.message }
    // A key that is none is refused with 401; one that may not read its account (403), or a backend without it (404), goes on.
    if (statusOf(error) === 401) return { ok: false, reason: 'refused', words: fault.message }
  }
  const missing: string[] = []
  if (!account || connection.key.startsWith('rk_')) {
    for (const need of needs) {
      try {
        await need.ask(stripe)
      } catch (error) {
        const fault = told(error)
        if (fault.fault === 'unreachable' || fault.fault === 'rate_limited')
          return { ok: false, reason: 'unreachable', words: fault.message }
        if (statusOf(error) === 401) return { ok: false, reason: 'refused', words: fault.message }
        missing.push(need.words)
      }
    }
  }
  const name = account?.business_profile?.name ?? account?.settings?.dashboard.display_name
  return {
    ok: true,
    account: account?.id,
    accountName: name ?? undefined,
    takesPayments: account?.charges_enabled,
    missing,
  }
}

export type WebhookRegistered =
  | { readonly ok: true; readonly id: string; readonly secret: string }
  | { readonly ok: false; readonly reason: 'refused' | 'unreachable'; readonly words: string }

const madeBy = 'sundry'

/**
 * Lets Stripe deliver to url from now on: a new endpoint, whose secret is told this once. Endpoints that this program made
 * for the same address before are removed afterwards, or every event would come twice.
 */
export async function registerWebhook(
  connection: StripeConnection,
  url: string,
): Promise<WebhookRegistered> {
  const stripe = stripeClient(connection)
  try {
    const former = (await stripe.webhookEndpoints.list({ limit: 100 })).data.filter(
      (one) => one.url === url && one.metadata?.made_by === madeBy,
    )
    const made = await stripe.webhookEndpoints.create({
      url,
      enabled_events: [...handledEventTypes],
      api_version: apiVersion,
      description: 'Sundry shop',
      metadata: { made_by: madeBy },
    })
    if (!made.secret)
      return { ok: false, reason: 'refused', words: 'Stripe told no secret for the endpoint.' }
    for (const one of former) await stripe.webhookEndpoints.del(one.id)
    return { ok: true, id: made.id, secret: made.secret }
  } catch (error) {
    const fault = told(error)
    return {
      ok: false,
      reason: fault.fault === 'unreachable' ? 'unreachable' : 'refused',
      words: fault.message,
    }
  }
}

function told(error: unknown): GatewayError {
  const known = asGatewayError(error)
  if (known instanceof GatewayError) return known
  throw known
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Stripe.errors.StripeError ? error.statusCode : undefined
}
