import { setTimeout as pause } from 'node:timers/promises'
import { syncPayment, syncSubscription, within } from '#modules/payments/server/index.ts'

/** Somebody waits: after this long they are told that Stripe cannot be reached; what was asked may still be done. */
export const personLimitMs = 8_000
/** Between two looks at what somebody else is at. */
export const busyPauseMs = 150
const mostTries = 20

/**
 * Brings the mirror to what Stripe says now, for somebody who has just changed it there. Whoever is at the same subscription may have
 * asked Stripe before the change: it is waited for them, so that the next page shows what was done. Throws GatewayError.
 */
export async function lookNow(stripeSubscriptionId: string, cause: string): Promise<void> {
  await within(
    personLimitMs,
    untilDone(() => syncSubscription(stripeSubscriptionId, { cause, lane: 'person' })),
  )
}

/** The same for a payment: what went back of it, and what is argued about it. false: it was still being worked on by somebody else. */
export async function lookAtPayment(paymentIntentId: string, cause: string): Promise<boolean> {
  return untilDone(() => syncPayment(paymentIntentId, { cause, lane: 'person' }))
}

async function untilDone(look: () => Promise<'done' | 'busy'>): Promise<boolean> {
  for (let tries = 0; tries < mostTries; tries++) {
    if ((await look()) === 'done') return true
    await pause(busyPauseMs)
  }
  return false
}
