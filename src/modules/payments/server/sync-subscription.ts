import { db, log } from '#modules/platform/server/index.ts'
import { GatewayError } from '../gateway.ts'
import { subscriptionDigest } from '../subscription-digest.ts'
import type { InvoiceView, SubscriptionView } from '../types.ts'
import { currentBackend, type Backend } from './backend.ts'
import { endWith, underLease, written, type Lease, type Reason } from './leased-work.ts'
import { bringDriftTurnForward, takeDriftTurn } from './store.disputes.ts'
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
    events.flatMap(({ type, objectId }) =>
      type.startsWith('invoice.') && objectId && objectId !== latestInvoice?.stripeInvoiceId
        ? [objectId]
        : [],
    ),
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
 * Looks a subscription up at Stripe and has it written down, exactly as an event would. busy: somebody else is at it right now.
 * Throws GatewayError when Stripe could not be asked.
 */
export async function syncSubscription(
  stripeSubscriptionId: string,
  reason: Reason,
): Promise<'done' | 'busy'> {
  const backend = await currentBackend()
  return underLease(stripeSubscriptionId, (lease) =>
    settleSubscription(backend, stripeSubscriptionId, lease, reason, []),
  )
}

const everyHours = 24
const turn = 'subscriptions_swept_at'
/** Of 100 each: more than a shop of one has. */
const mostPages = 500
/** Looked up one by one in a sweep; the rest is found by the next one. */
const mostLookedUp = 1_000

export interface Comparison {
  readonly told: number
  /** Ids at Stripe that differed or were unknown here. */
  readonly differing: readonly string[]
}

/**
 * Compares every subscription Stripe lists with ours, once a day in one process, and looks up each that differs: heals what no
 * event ever told of, within the call budget: a call for 100, and one for each that differs. undefined when it was not time.
 */
export async function sweepSubscriptions(): Promise<Comparison | undefined> {
  const backend = await currentBackend()
  if (!(await takeDriftTurn(db('money'), backend.id, everyHours, turn))) return undefined
  try {
    return await healSubscriptions()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ fault: error.fault }, 'subscriptions could not be compared with Stripe')
    // Not a day later: while Stripe is slow or the budget is used up, nothing would ever be healed.
    await bringDriftTurnForward(db('money'), backend.id, everyHours - 1, turn)
    return { told: 0, differing: [] }
  }
}

/** The same at once, for the owner. Throws GatewayError when Stripe cannot be asked. */
export async function healSubscriptions(): Promise<Comparison> {
  const comparison = await compareSubscriptions()
  for (const id of comparison.differing.slice(0, mostLookedUp)) {
    log.warn({ subscription: id }, 'a subscription differs from Stripe without an event')
    await syncSubscription(id, { cause: 'comparison with Stripe', lane: 'background' })
  }
  return comparison
}

/** Lists all and tells which differ; nothing is changed. */
async function compareSubscriptions(): Promise<Comparison> {
  const backend = await currentBackend()
  const unheard = new Set((await toldMirror().digests(db('money'), backend.id, 'live')).keys())
  const differing: string[] = []
  let told = 0
  for (let after: string | undefined, pages = 0; pages < mostPages; pages++) {
    const page = await backend.gateway.listSubscriptions(after, 'background')
    const ids = page.subscriptions.map((one) => one.stripeSubscriptionId)
    const known = await toldMirror().digests(db('money'), backend.id, ids)
    for (const one of page.subscriptions) {
      told++
      unheard.delete(one.stripeSubscriptionId)
      if (known.get(one.stripeSubscriptionId) !== subscriptionDigest(one))
        differing.push(one.stripeSubscriptionId)
    }
    after = page.next
    // Those that are live here and that Stripe does not list are gone there.
    if (after === undefined) return { told, differing: [...differing, ...unheard] }
  }
  return { told, differing }
}
