import { createHash } from 'node:crypto'
import {
  db,
  inTransaction,
  log,
  runtime,
  sign,
  stopwatch,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { GatewayError, type Gateway, type NewSession } from '../gateway.ts'
import type { Checkout, CheckoutLine } from '../types.ts'
import { currentBackend } from './backend.ts'
import { payableOf } from './payables.ts'
import { paymentNote, saleNote } from './sale-note.ts'
import { sessionLines } from './session-lines.ts'
import { sweepsOf } from './store.backend.ts'
import {
  enclosureOf,
  findCheckout,
  findJustGiven,
  findReusable,
  insertCheckout,
  linesOf,
  openCheckoutsOf,
  storeSession,
} from './store.checkout.ts'
import { settleFree } from './store.payment.ts'
import { giveUp, syncCheckout } from './sync.ts'
import { within } from './within.ts'

/** A person who pressed "Buy" is told after this long that payments cannot be reached; the checkout is kept. */
const personLimitMs = 8_000
/** How long a session takes payment. Stripe allows 30 minutes to 24 hours. */
const openForMs = 2 * 60 * 60_000
/** An open checkout keeps a coupon's use from others, so it is shorter; Stripe takes no less than 30 minutes. */
const openWithCouponMs = 45 * 60_000

export interface Purchase {
  readonly payable: string
  readonly currency: string
  readonly lines: readonly CheckoutLine[]
  /** The code whose discount the lines carry. */
  readonly couponCode: string | undefined
  /** A signed-in buyer; the purchase lands with them whatever address is typed. */
  readonly member: { readonly id: string; readonly email: string } | undefined
  /** Canonical; what a guest typed before paying. It is fixed at Stripe. */
  readonly email: string | undefined
  /** Random id of the browser, so that a second click finds the first one's session; a new one has none to find. */
  readonly visitor: { readonly id: string; readonly isNew: boolean } | undefined
  /** What else makes this purchase another one: answers, consent, a gift's words. */
  readonly also: string
}

export type StartResult =
  | { readonly ok: true; readonly checkoutId: string; readonly url: string }
  | { readonly ok: false; readonly reason: 'unreachable' | 'refused' }

/** A checkout that is committed, or about to be, and of which Stripe has not heard yet. */
export interface OpenedCheckout {
  readonly id: string
  readonly purchase: Purchase
  readonly madeAt: Date
  /** What its note at Stripe encloses (enclosureRoom). */
  readonly enclosure: string | undefined
}

/**
 * Starts a purchase: commits our checkout first, then asks Stripe for the session, with the checkout's id as key.
 * Prices come from the caller's database rows, never from a form. unreachable: nothing was charged and nothing is lost;
 * a session whose answer was lost is found again by the sweep.
 */
export async function startCheckout(purchase: Purchase): Promise<StartResult> {
  return (
    (await sessionAlreadyOpen(purchase)) ?? sendToPay(await openCheckout(db('money'), purchase))
  )
}

/** The session that this browser opened for exactly the same, good for ten more minutes at least. */
export async function sessionAlreadyOpen(
  purchase: Purchase,
): Promise<Extract<StartResult, { ok: true }> | undefined> {
  if (!purchase.visitor || purchase.visitor.isNew) return undefined
  const backend = await currentBackend()
  const open = await findReusable(db('money'), {
    backendId: backend.id,
    visitor: purchase.visitor.id,
    offer: offerOf(purchase),
  })
  return open?.sessionUrl ? { ok: true, checkoutId: open.id, url: open.sessionUrl } : undefined
}

/** Writes the checkout down. Stripe is asked by sendToPay, once this is committed. */
export async function openCheckout(
  on: Db | Tx,
  purchase: Purchase,
  {
    id = newId(),
    enclosure,
  }: { readonly id?: string; readonly enclosure?: string | undefined } = {},
): Promise<OpenedCheckout> {
  const backend = await currentBackend()
  const madeAt = await insertCheckout(on, {
    id,
    backendId: backend.id,
    payable: purchase.payable,
    memberId: purchase.member?.id,
    email: purchase.member?.email ?? purchase.email,
    visitor: purchase.visitor?.id,
    offer: offerOf(purchase),
    currency: purchase.currency,
    couponCode: purchase.couponCode,
    lines: purchase.lines,
    enclosure,
  })
  return { id, purchase, madeAt, enclosure }
}

/** Asks Stripe for the session of a committed checkout. */
export async function sendToPay(opened: OpenedCheckout): Promise<StartResult> {
  const { id, purchase } = opened
  const backend = await currentBackend()
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
            email: purchase.member?.email ?? purchase.email,
            couponCode: purchase.couponCode,
            enclosure: opened.enclosure,
          },
          purchase.lines,
          opened.madeAt,
          await sweepsOf(db('money'), backend.id),
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
 * Settles a checkout that costs nothing, in the transaction that opened it: Stripe is not asked, no card is needed, and what
 * was bought is given exactly as if money had come. email: canonical. Throws for one that costs something.
 */
export async function completeFree(
  tx: Tx,
  opened: OpenedCheckout,
  buyer: { readonly email: string; readonly name: string | undefined },
): Promise<void> {
  const checkout = await findCheckout(tx, opened.id)
  if (!checkout || checkout.totalMinor !== 0)
    throw new Error(`Checkout ${opened.id} is not one that costs nothing.`)
  const backend = await currentBackend()
  const facts = {
    amountMinor: 0,
    currency: checkout.currency,
    paymentIntentId: undefined,
    chargeId: undefined,
    method: undefined,
    methodDetail: undefined,
    email: buyer.email,
    buyerName: buyer.name,
    country: undefined,
  }
  await settleFree(tx, { id: newId(), checkout })
  await payableOf(checkout.payable).onPaid(tx, {
    checkout,
    lines: opened.purchase.lines,
    facts,
    mode: backend.mode,
    cause: 'nothing to pay',
  })
}

/** The checkout of exactly the same that this browser got for nothing a moment ago: pressing twice at once is once. */
export async function justGiven(tx: Tx, purchase: Purchase): Promise<OpenedCheckout | undefined> {
  if (!purchase.visitor || purchase.visitor.isNew) return undefined
  const given = await findJustGiven(tx, {
    backendId: (await currentBackend()).id,
    visitor: purchase.visitor.id,
    offer: offerOf(purchase),
  })
  return given && { ...given, purchase, enclosure: undefined }
}

/**
 * Closes what this browser left open at Stripe, so that coupon uses and times held for it are free again before it starts
 * anew. Those that were paid meanwhile are settled as paid. Looks at the newest few; Stripe away: they stay as they are.
 */
export async function leaveOpenCheckouts(visitorId: string): Promise<void> {
  const backend = await currentBackend()
  for (const checkout of await openCheckoutsOf(db('money'), backend.id, visitorId, 3)) {
    if (!checkout.sessionId) continue
    try {
      await within(personLimitMs, closeAndSettle(backend.gateway, checkout.id, checkout.sessionId))
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      log.warn({ checkout: checkout.id, fault: error.fault }, 'an open checkout was not closed')
    }
  }
}

/** The event of the very closing is often being worked on at the same moment: its end is waited for, in steps of this. */
const stepMs = 50

async function closeAndSettle(
  gateway: Gateway,
  checkoutId: string,
  sessionId: string,
): Promise<void> {
  await gateway.expireSession(sessionId, 'person')
  const elapsed = stopwatch()
  for (;;) {
    const now = await syncCheckout(checkoutId, { cause: 'started anew', lane: 'person' })
    if (now?.state !== 'open' || elapsed() > personLimitMs) return
    await new Promise((resolve) => setTimeout(resolve, stepMs))
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
  const enclosure = await enclosureOf(db('money'), checkout.id)
  try {
    const session = await backend.gateway.createSession(
      sessionOf(
        { ...checkout, enclosure },
        lines,
        checkout.createdAt,
        await sweepsOf(db('money'), backend.id),
      ),
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
        giveUp(tx, checkout.id, `Stripe made no session: ${error.message}`.slice(0, 500), 'sweep'),
      'money',
    )
    return false
  }
}

/** Every attempt for the same checkout must ask for exactly the same, or the key is refused. */
function sessionOf(
  checkout: Pick<Checkout, 'id' | 'payable' | 'currency' | 'memberId' | 'email' | 'couponCode'> & {
    readonly enclosure: string | undefined
  },
  lines: readonly CheckoutLine[],
  startedAt: Date,
  sweeps: number,
): NewSession {
  const { origin } = runtime().settings
  const discountMinor = lines.reduce((sum, line) => sum + line.discountMinor, 0)
  return {
    checkoutId: checkout.id,
    currency: checkout.currency,
    lines: sessionLines(lines),
    discount:
      discountMinor > 0
        ? { name: checkout.couponCode ?? 'Discount', amountMinor: discountMinor }
        : undefined,
    email: checkout.email,
    note: saleNote(checkout.id, { ...checkout, lines }, sweeps),
    paymentNote: paymentNote(checkout.id, sweeps),
    successUrl: `${origin}${orderPath(checkout.id)}`,
    // The way back goes through the checkout's own page, which knows the product.
    cancelUrl: `${origin}/checkout/${checkout.id}/back?t=${orderToken(checkout.id)}`,
    expiresAt: new Date(
      startedAt.getTime() + (checkout.couponCode === undefined ? openForMs : openWithCouponMs),
    ),
  }
}

/** The same for the same purchase and for no other. */
function offerOf(purchase: Purchase): string {
  return createHash('sha256')
    .update(
      JSON.stringify([
        purchase.payable,
        purchase.currency,
        purchase.couponCode,
        purchase.member?.id,
        purchase.member?.email ?? purchase.email,
        purchase.lines.map((line) => [
          line.productId,
          line.priceId,
          line.title,
          line.quantity,
          line.unitMinor,
          line.discountMinor,
          line.bundle?.productId,
          line.bundle?.at,
        ]),
        purchase.also,
      ]),
    )
    .digest('base64url')
}

/**
 * What proves that somebody was sent here by us for this checkout: knowing a Stripe session id proves nothing. version: how
 * often the order has been moved to another address; links from before open nothing any more.
 */
export function orderToken(checkoutId: string, version = 0): string {
  return version === 0 ? sign('order', checkoutId) : sign('order', checkoutId, String(version))
}

/** The page of one purchase, openable by whoever has the link. */
export function orderPath(checkoutId: string, version = 0): string {
  return `/checkout/${checkoutId}?t=${orderToken(checkoutId, version)}`
}

/** A checkout with its lines; undefined for an id that is none. */
export async function checkoutWithLines(
  id: string,
): Promise<{ checkout: Checkout; lines: readonly CheckoutLine[] } | undefined> {
  if (!isId(id)) return undefined
  const checkout = await findCheckout(db(), id)
  return checkout && { checkout, lines: await linesOf(db(), id) }
}
