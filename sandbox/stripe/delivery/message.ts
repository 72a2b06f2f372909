import type { Delivery } from '../store/store.ts'
import type { StripeEvent } from '../engine/events.ts'
import { signatureHeader } from './signature.ts'

export type Message = { body: string; headers: Readonly<Record<string, string>> }

/** Old enough that every receiver's tolerance of 300 s refuses it. */
const STALE_SECONDS = 480

/** A version before the changes that shape today's objects. */
const OLD_VERSION = '2024-06-20'

/**
 * What is sent to an endpoint for an event, with the faults the delivery carries.
 * @param now unix seconds by the sandbox's clock: each attempt signs anew
 */
export function messageOf(
  event: StripeEvent,
  secrets: readonly string[],
  faults: Delivery['faults'],
  now: number,
): Message {
  const has = (fault: Delivery['faults'][number]): boolean => faults.includes(fault)
  const shown = {
    ...event,
    api_version: has('old_api_version') ? OLD_VERSION : event.api_version,
    livemode: has('wrong_livemode') ? true : event.livemode,
  }
  // Stripe writes its bodies indented, so whoever parses and re-serialises them breaks the signature.
  const whole = JSON.stringify(shown, null, 2)
  const signedAt = has('stale_timestamp') ? now - STALE_SECONDS : now
  const signature = signatureHeader(
    whole,
    has('bad_signature') ? ['whsec_somebody_else'] : secrets,
    signedAt,
  )
  return {
    body: has('truncated_body') ? whole.slice(0, Math.floor(whole.length / 2)) : whole,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      accept: '*/*; q=0.5, application/xml',
      'cache-control': 'no-cache',
      'stripe-signature': signature,
    },
  }
}
