import { isId } from '#modules/platform/ids.ts'
import { db, log, stopwatch } from '#modules/platform/server/index.ts'
import { GatewayError } from '../gateway.ts'
import type { Checkout } from '../types.ts'
import { findCheckout, recentlySynced } from './store.checkout.ts'
import { isLeased } from './store.inbox.ts'
import { syncCheckout } from './sync.ts'
import { within } from './within.ts'

/** A page that is opened again and again asks Stripe at most this often. */
const freshMs = 3_000
/** Somebody waits for the page: after this long it shows what is known here. */
const personLimitMs = 4_000

/** Often the event of this very payment is being worked on at the same moment: its end is waited for, in steps of this. */
const stepMs = 100

/**
 * The checkout as it stands, after a look at Stripe when it is not finished and nobody looked just now. The look is the
 * same one that events and the sweep use; this only waits for it, and not for long. Stripe away or slow: what is known.
 * undefined for an id that is none.
 */
export async function lookAtCheckout(
  id: string,
  limitMs = personLimitMs,
): Promise<Checkout | undefined> {
  const known = isId(id) ? await findCheckout(db(), id) : undefined
  if (!known || (known.state !== 'open' && known.state !== 'awaiting_payment')) return known
  if (!known.sessionId || (await recentlySynced(db(), id, freshMs))) return known
  const elapsed = stopwatch()
  if (await look(id, limitMs)) {
    while (elapsed() < limitMs && (await isLeased(db(), known.sessionId)))
      await new Promise((resolve) => setTimeout(resolve, stepMs))
  }
  return findCheckout(db(), id)
}

/** Returns false when Stripe could not be asked. */
async function look(id: string, limitMs: number): Promise<boolean> {
  try {
    await within(limitMs, syncCheckout(id, { cause: 'return page', lane: 'person' }))
    return true
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ checkout: id, fault: error.fault }, 'return page could not ask Stripe')
    return false
  }
}
