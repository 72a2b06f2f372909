import { createHmac } from 'node:crypto'

/**
 * The value of `Stripe-Signature`: `t=<unix seconds>,v1=<hmac>` with one v1 for each secret.
 * docs.stripe.com/webhooks#verify-manually
 */
export function signatureHeader(body: string, secrets: readonly string[], at: number): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`,
  )
  return [`t=${at}`, ...signatures].join(',')
}
