import { db, inTransaction, log, runtime, sign } from '#modules/platform/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { GatewayError, type NewSession } from '../gateway.ts'
import type { Checkout, CheckoutLine } from '../types.ts'
import { currentBackend } from './backend.ts'
import { paymentNote, saleNote } from './sale-note.ts'
import {
  findCheckout,
  findReusable,
  insertCheckout,
  linesOf,
  setCheckoutState,
  storeSession,
} from './store.checkout.ts'
import { within } from './within.ts'

/** A person who pressed "Buy" is told after this long that payments cannot be reached; the checkout is kept. */
const personLimitMs = 8_000
/** How long a session takes payment. Stripe allows 30 minutes to 24 hours. */
const openForMs = 2 * 60 * 60_000

export interface Purchase {
  readonly payable: string
  readonly currency: string
  readonly lines: readonly CheckoutLine[]
  /** A signed-in buyer; the purchase lands with them whatever address is typed. */
  readonly member: { readonly id: string; readonly email: string } | undefined
  /** Random id of the browser, so that a second click finds the first one's session; a new one has none to find. */
  readonly visitor: { readonly id: string; readonly isNew: boolean } | undefined
}

export type StartResult =
  | { readonly ok: true; readonly checkoutId: string; readonly url: string }
  | { readonly ok: false; readonly reason: 'unreachable' | 'refused' }

/**
 * Starts a purchase: commits our checkout first, then asks Stripe for the session, with the checkout's id as key.
 * Prices come from the caller's database rows, never from a form. unreachable: nothing was charged and nothing is lost;
 * a session whose answer was lost is found again by the sweep.
 */
export async function startCheckout(purchase: Purchase): Promise<StartResult> {
  const backend = await currentBackend()
  const [only] = purchase.lines
  if (purchase.visitor && !purchase.visitor.isNew && only && purchase.lines.length === 1) {
    const open = await findReusable(
      db('money'),
      backend.id,
      { visitor: purchase.visitor.id, memberId: purchase.member?.id },
      only,
    )
    if (open?.sessionUrl) return { ok: true, checkoutId: open.id, url: open.sessionUrl }
  }
  const id = newId()
  const madeAt = await insertCheckout(db('money'), {
    id,
    backendId: backend.id,
    payable: purchase.payable,
    memberId: purchase.member?.id,
    email: purchase.member?.email,
    visitor: purchase.visitor?.id,
    currency: purchase.currency,
    lines: purchase.lines,
  })
  try {
    const session = await within(
      personLimitMs,
      backend.gateway.createSession(
        sessionOf(
          {
            id,
            payable: purchase.payable,
            currency: purchase.currency,
            memberId: purchase.member?.id,
            email: purchase.member?.email,
          },
          purchase.lines,
          madeAt,
        ),
        'person',
      ),
    )
    await storeSession(db('money'), id, session)
    if (!session.url) return { ok: false, reason: 'refused' }
    return { ok: true, checkoutId: id, url: session.url }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn(
      { checkout: id, fault: error.fault, error: error.message },
      'checkout session not made',
    )
    return {
      ok: false,
      reason:
        error.fault === 'refused' || error.fault === 'unauthorised' ? 'refused' : 'unreachable',
    }
  }
}

/**
 * Asks again for the session of a checkout whose answer was lost: the same key gives the same session (Stripe keeps keys
 * for a day). A session nobody was sent to is closed, unless it was paid all the same. Returns false when Stripe never
 * made one and will not any more: the checkout is then over.
 */
export async function recoverSession(checkout: Checkout): Promise<boolean> {
  const backend = await currentBackend()
  const lines = await linesOf(db('money'), checkout.id)
  try {
    const session = await backend.gateway.createSession(
      sessionOf(checkout, lines, checkout.createdAt),
      'background',
    )
    await storeSession(db('money'), checkout.id, session)
    if (session.standing === 'open')
      await backend.gateway.expireSession(session.sessionId, 'background')
    return true
  } catch (error) {
    if (!(error instanceof GatewayError) || error.fault !== 'refused') throw error
    await inTransaction(
      (tx) =>
        setCheckoutState(tx, checkout.id, {
          state: 'failed',
          failure: `Stripe made no session: ${error.message}`.slice(0, 500),
        }),
      'money',
    )
    return false
  }
}

/** Every attempt for the same checkout must ask for exactly the same, or the key is refused. */
function sessionOf(
  checkout: Pick<Checkout, 'id' | 'payable' | 'currency' | 'memberId' | 'email'>,
  lines: readonly CheckoutLine[],
  startedAt: Date,
): NewSession {
  const { origin } = runtime().settings
  return {
    checkoutId: checkout.id,
    currency: checkout.currency,
    lines: lines.map((line) => ({
      title: line.title,
      description: undefined,
      unitMinor: line.unitMinor,
      quantity: line.quantity,
    })),
    email: checkout.email,
    note: saleNote(checkout.id, { ...checkout, lines }),
    paymentNote: paymentNote(checkout.id),
    successUrl: `${origin}${orderPath(checkout.id)}`,
    // The way back goes through the checkout's own page, which knows the product.
    cancelUrl: `${origin}/checkout/${checkout.id}/back?t=${orderToken(checkout.id)}`,
    expiresAt: new Date(startedAt.getTime() + openForMs),
  }
}

/** What proves that somebody was sent here by us for this checkout: knowing a Stripe session id proves nothing. */
export function orderToken(checkoutId: string): string {
  return sign('order', checkoutId)
}

/** The page of one purchase, openable by whoever has the link. */
export function orderPath(checkoutId: string): string {
  return `/checkout/${checkoutId}?t=${orderToken(checkoutId)}`
}

/** A checkout with its lines; undefined for an id that is none. */
export async function checkoutWithLines(
  id: string,
): Promise<{ checkout: Checkout; lines: readonly CheckoutLine[] } | undefined> {
  if (!isId(id)) return undefined
  const checkout = await findCheckout(db(), id)
  return checkout && { checkout, lines: await linesOf(db(), id) }
}
