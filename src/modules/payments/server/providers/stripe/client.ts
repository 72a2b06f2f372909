import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import Stripe from 'stripe'
import { runtime } from '#modules/platform/server/index.ts'
import { GatewayError, type GatewayFault } from '../../../gateway.ts'

export const apiVersion = '2026-10-28.endive'

/** Longest wait for one answer. People are told sooner (see person calls in checkouts.ts). */
const callLimitMs = 8_000

/** Whom to speak to, and as whom. */
export interface StripeConnection {
  readonly key: string
  /** undefined = Stripe's own address. */
  readonly base: string | undefined
}

/** What the settings name right now; undefined in a rehearsal without a sandbox. A gateway keeps its own: ids of one account never go out under the key of another. */
export function stripeConnection(): StripeConnection | undefined {
  const { settings, sandbox } = runtime()
  if (settings.stripe.mode !== 'rehearsal')
    return { key: settings.stripe.secretKey, base: settings.stripeApiBase }
  return sandbox && { key: sandbox.key, base: sandbox.url }
}

let opened: { connection: StripeConnection; client: Stripe } | undefined

/** The SDK, pointed at Stripe, at another Stripe-shaped backend, or at the built-in sandbox. */
export function stripeClient(connection: StripeConnection | undefined): Stripe {
  if (!connection) throw new Error('Rehearsal mode without a sandbox: nothing to speak to.')
  const { key, base } = connection
  if (opened?.connection.key === key && opened.connection.base === base) return opened.client
  const url = base === undefined ? undefined : new URL(base)
  const isPlain = url?.protocol === 'http:'
  const agentOptions = { keepAlive: true, maxSockets: 32, maxFreeSockets: 8 }
  const client = new Stripe(key, {
    apiVersion,
    // One more try after a broken connection or a 5xx, with the same idempotency key; more is for the jobs.
    maxNetworkRetries: 1,
    timeout: callLimitMs,
    telemetry: false,
    httpAgent: isPlain ? new HttpAgent(agentOptions) : new HttpsAgent(agentOptions),
    ...(url && {
      host: url.hostname,
      port: url.port || (isPlain ? '80' : '443'),
      protocol: isPlain ? ('http' as const) : ('https' as const),
    }),
  })
  opened = { connection, client }
  return client
}

/** Says in our words what went wrong. Anything that is not the other side's doing is rethrown as it is. */
export function asGatewayError(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error
  const faults: Record<string, GatewayFault> = {
    StripeConnectionError: 'unreachable',
    StripeAPIError: 'unreachable',
    StripeRateLimitError: 'rate_limited',
    StripeAuthenticationError: 'unauthorised',
    StripePermissionError: 'unauthorised',
    StripeIdempotencyError: 'refused',
    StripeInvalidRequestError: 'refused',
    StripeCardError: 'refused',
  }
  const fault =
    error.statusCode === 402
      ? // A payment that failed, also when the code says that a card is missing.
        'refused'
      : error.code === 'resource_missing' || error.statusCode === 404
        ? 'not_found'
        : error.statusCode === 429
          ? 'rate_limited'
          : (faults[error.type] ?? 'unreachable')
  const retryAfter = Number(error.headers?.['retry-after'])
  return new GatewayError(fault, error.message, {
    cause: error,
    ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
    ...(error.code ? { code: error.code } : {}),
  })
}
