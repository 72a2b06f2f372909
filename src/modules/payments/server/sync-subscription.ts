import { GatewayError } from '../gateway.ts'
import type { InvoiceView, SubscriptionView } from '../types.ts'
import { currentBackend, type Backend } from './backend.ts'
import { endWith, underLease, written, type Lease, type Reason } from './leased-work.ts'
import { type ClaimedEvent } from './store.inbox.ts'
import { toldMirror } from './subscription-mirrors.ts'

/** Of older invoices than the latest, so many are fetched at once; a burst about more is rare, and the sweep finds the rest. */
const mostInvoices = 20

/**
 * Fetches a leased subscription afresh, with the invoices its events were about, and has it written down in one transaction.
 * Returns what was done, in words.
 */
export async function settleSubscription(
  backend: Backend,
  stripeSubscriptionId: string,
  lease: Lease,
  reason: Reason,
  events: readonly ClaimedEvent[],
  alsoInvoices: readonly string[] = [],
): Promise<string> {
  const ids = events.map((event) => event.id)
  let subscription: SubscriptionView
  try {
    subscription = await backend.gateway.readSubscription(stripeSubscriptionId, reason.lane)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.fault !== 'not_found') throw error
    return written(reason, async (tx) => {
      const gone = { backendId: backend.id, stripeSubscriptionId, cause: reason.cause }
      const words = await toldMirror().onGone(tx, gone)
      await endWith(tx, lease, ids, 'ignored', words)
      return words
    })
  }
  const { latestInvoice } = subscription
  const others = new Set(
    [
      ...alsoInvoices,
      ...events.flatMap(({ type, objectId }) =>
        type.startsWith('invoice.') && objectId ? [objectId] : [],
      ),
    ].filter((id) => id !== latestInvoice?.stripeInvoiceId),
  )
  const invoices: InvoiceView[] = latestInvoice ? [latestInvoice] : []
  for (const id of [...others].slice(0, mostInvoices)) {
    const invoice = await backend.gateway.readInvoice(id, reason.lane).catch((error: unknown) => {
      // A draft that was deleted.
      if (error instanceof GatewayError && error.fault === 'not_found') return undefined
      throw error
    })
    if (invoice?.stripeSubscriptionId === stripeSubscriptionId) invoices.push(invoice)
  }
  return written(reason, async (tx) => {
    const words = await toldMirror().onSubscription(tx, {
      backendId: backend.id,
      mode: backend.mode,
      subscription,
      invoices,
      cause: reason.cause,
    })
    await endWith(tx, lease, ids, 'done', words)
    return words
  })
}

/** Has it noted that a price or a product was changed at Stripe: whose it is looks there by itself, soon. */
export async function settleOffer(
  backend: Backend,
  offerId: string,
  lease: Lease,
  reason: Reason,
  events: readonly string[],
): Promise<string> {
  return written(reason, async (tx) => {
    const isOurs = await toldMirror().onOfferChanged(tx, { backendId: backend.id, offerId })
    const words = isOurs ? 'The plans are looked at.' : 'It is of no plan here.'
    await endWith(tx, lease, events, isOurs ? 'done' : 'ignored', words)
    return words
  })
}

/**
 * Looks a subscription up at Stripe and has it written down, exactly as an event would, with its latest invoice and those that are
 * named. busy: somebody else is at it right now. Throws GatewayError when Stripe could not be asked.
 */
export async function syncSubscription(
  stripeSubscriptionId: string,
  reason: Reason,
  alsoInvoices: readonly string[] = [],
): Promise<'done' | 'busy'> {
  const backend = await currentBackend()
  return underLease(stripeSubscriptionId, (lease) =>
    settleSubscription(backend, stripeSubscriptionId, lease, reason, [], alsoInvoices),
  )
}
