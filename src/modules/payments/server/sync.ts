import { db, inTransaction, log, type Tx } from '#modules/platform/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { disputeStateWords } from '../dispute-words.ts'
import { disputeStanding } from '../dispute.ts'
import { customerEvents, isOfOffer, isOfSubscription } from '../event-groups.ts'
import { GatewayError } from '../gateway.ts'
import type { Payable } from '../payable.ts'
import type { Checkout, PaymentView, RefundState, SessionView } from '../types.ts'
import { currentBackend, type Backend } from './backend.ts'
import { endWith, finish, underLease, written, type Lease, type Reason } from './leased-work.ts'
import { payableOf } from './payables.ts'
import { isOwnPayment, readSaleNote } from './sale-note.ts'
import { sweepsOf } from './store.backend.ts'
import {
  findCheckout,
  insertCheckout,
  lockCheckout,
  noteSynced,
  setCheckoutState,
  unknownOf,
} from './store.checkout.ts'
import { amountDiffers, wasPaidOddly } from './store.health.ts'
import { isLeased, type ClaimedGroup } from './store.inbox.ts'
import {
  disputesOf,
  findPaymentOfIntent,
  firstTime,
  lockPayment,
  refundsOf,
  setRefunded,
  settlePaid,
  upsertDisputes,
  upsertRefunds,
  upsertWarnings,
} from './store.payment.ts'
import { settleOffer, settleSubscription, syncSubscription } from './sync-subscription.ts'
import { toldMirror } from './subscription-mirrors.ts'

/** What is told of a payment has to wait for its sale, which is being settled at this very moment. */
export class SaleUnderWayError extends GatewayError {
  override name = 'SaleUnderWayError'

  constructor() {
    super('unreachable', 'Its sale is being settled.')
  }
}

type DisputeChange = Parameters<Payable['onDisputed']>[1]['changes'][number]

/** Works on the events of one object: fetches it afresh and writes everything in one transaction. */
export async function syncGroup(group: ClaimedGroup, holder: string): Promise<void> {
  const backend = await currentBackend()
  const lease = { groupKey: group.groupKey, holder }
  const first = group.events[0]
  if (!first) return
  const reason: Reason = { cause: first.id, lane: 'event' }
  const ids = group.events.map((event) => event.id)
  const ofCustomer = customerEvents(group.groupKey, group.events)
  const outcome = isOfSubscription(group.groupKey, group.events)
    ? await settleSubscription(backend, group.groupKey, lease, reason, group.events)
    : isOfOffer(group.groupKey, group.events)
      ? await settleOffer(backend, group.groupKey, lease, reason, ids)
      : ofCustomer.areThey
        ? await settleCustomer(backend, group.groupKey, lease, reason, ids, ofCustomer.hasDefault)
        : group.groupKey.startsWith('cs_') || first.type.startsWith('checkout.session.')
          ? await settleSession(backend, group.groupKey, lease, reason, ids)
          : first.groupKey === first.id
            ? await finish(lease, ids, 'ignored', 'It names no object of ours.')
            : await settlePayment(backend, group.groupKey, lease, reason, ids, {
                withWarnings: group.events.some((event) => event.type.startsWith('radar.')),
              })
  log.info({ group: group.groupKey, events: ids, outcome }, 'event handled')
}

/**
 * Looks a checkout up at Stripe and settles it, exactly as an event would: used by the return page, the sweep and
 * the owner. Returns the checkout as it stands afterwards; unchanged when somebody else is at it right now.
 * Throws GatewayError when Stripe could not be asked.
 */
export async function syncCheckout(
  checkoutId: string,
  reason: Reason,
): Promise<Checkout | undefined> {
  const checkout = await findCheckout(db('money'), checkoutId)
  if (!checkout?.sessionId || checkout.state === 'paid') return checkout
  const backend = await currentBackend()
  if (checkout.backendId !== backend.id) return checkout
  const { sessionId } = checkout
  await underLease(sessionId, (lease) => settleSession(backend, sessionId, lease, reason, []))
  return findCheckout(db('money'), checkoutId)
}

/** Looks a payment's refunds and disputes up at Stripe and writes them down, as an event would. */
export async function syncPayment(
  paymentIntentId: string,
  reason: Reason,
): Promise<'done' | 'busy'> {
  const backend = await currentBackend()
  return underLease(paymentIntentId, (lease) =>
    settlePayment(backend, paymentIntentId, lease, reason, []),
  )
}

// ---- sessions ----

async function settleSession(
  backend: Backend,
  sessionId: string,
  lease: Lease,
  reason: Reason,
  events: readonly string[],
): Promise<string> {
  let session: SessionView
  try {
    session = await backend.gateway.readSession(sessionId, reason.lane)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.fault !== 'not_found') throw error
    return finishUnknown(backend, sessionId, lease, events)
  }
  if (session.isForSubscription)
    return settleSubscriptionSession(backend, session, lease, reason, events)
  return written(reason, async (tx) => {
    const outcome = await applySession(tx, backend, session, reason.cause)
    await endWith(tx, lease, events, outcome.isOurs ? 'done' : 'ignored', outcome.words)
    return outcome.words
  })
}

/** Of a session for a subscription: what it has begun is looked up by itself, and only its end without one is told here. */
async function settleSubscriptionSession(
  backend: Backend,
  session: SessionView,
  lease: Lease,
  reason: Reason,
  events: readonly string[],
): Promise<string> {
  if (session.stripeSubscriptionId !== undefined) {
    if ((await syncSubscription(session.stripeSubscriptionId, reason)) === 'busy')
      throw new SaleUnderWayError()
    return finish(lease, events, 'done', 'Its subscription was looked up.')
  }
  if (session.standing !== 'expired')
    return finish(lease, events, 'ignored', 'Nobody has paid there yet.')
  return written(reason, async (tx) => {
    const words = await toldMirror().onSessionExpired(tx, {
      backendId: backend.id,
      stripeSessionId: session.sessionId,
    })
    await endWith(tx, lease, events, 'done', words)
    return words
  })
}

/** What a customer pays with may have changed: their subscriptions are looked up, each by itself, and tell which card is charged now. */
async function settleCustomer(
  backend: Backend,
  stripeCustomerId: string,
  lease: Lease,
  reason: Reason,
  events: readonly string[],
  hasDefault: boolean,
): Promise<string> {
  const subscriptions = await toldMirror().ofCustomer(
    db('money'),
    backend.id,
    stripeCustomerId,
    hasDefault ? 'live' : 'owing',
  )
  for (const id of subscriptions)
    if ((await syncSubscription(id, reason)) === 'busy') throw new SaleUnderWayError()
  return subscriptions.length > 0
    ? finish(lease, events, 'done', 'What it subscribes to was looked up.')
    : finish(lease, events, 'ignored', 'Nothing here is paid with it.')
}

/** No money will come for this checkout, and Stripe has no session that could say so: it is over, and what it held is free. */
export async function giveUp(
  tx: Tx,
  checkoutId: string,
  failure: string,
  cause: string,
): Promise<void> {
  const known = await lockCheckout(tx, { id: checkoutId })
  if (known?.checkout.state !== 'open' && known?.checkout.state !== 'awaiting_payment') return
  await setCheckoutState(tx, checkoutId, { state: 'failed', failure })
  if (await firstTime(tx, { kind: 'given_up', key: checkoutId, cause }))
    await payableOf(known.checkout.payable).onFailed(tx, known.checkout, known.lines, {
      reason: 'expired',
      email: known.checkout.email,
    })
}

/** A checkout whose session is gone at Stripe can neither be paid nor asked after: it is over. */
async function finishUnknown(
  backend: Backend,
  sessionId: string,
  lease: Lease,
  events: readonly string[],
): Promise<string> {
  const words = 'Stripe does not know this session (any more).'
  await inTransaction(async (tx) => {
    const known = await lockCheckout(tx, { backendId: backend.id, sessionId })
    if (known) await giveUp(tx, known.checkout.id, words, sessionId)
    await endWith(tx, lease, events, 'ignored', words)
  }, 'money')
  return words
}

type Known = NonNullable<Awaited<ReturnType<typeof lockCheckout>>>

/** Settles a session's checkout, which is made anew where this database does not know the sale. */
async function applySession(
  tx: Tx,
  backend: Backend,
  session: SessionView,
  cause: string,
): Promise<{ isOurs: boolean; words: string }> {
  const { checkoutId } = session
  const known =
    (await lockCheckout(tx, { backendId: backend.id, sessionId: session.sessionId })) ??
    // The answer that brought the session's id was lost; the session itself says whose it is.
    (checkoutId && isId(checkoutId) ? await lockCheckout(tx, { id: checkoutId }) : undefined)
  const again =
    !known && checkoutId && isId(checkoutId)
      ? await takeUpAgain(tx, backend, session, checkoutId)
      : undefined
  const sale = known ?? again?.sale
  if (
    !sale ||
    sale.checkout.backendId !== backend.id ||
    (sale.checkout.sessionId && sale.checkout.sessionId !== session.sessionId)
  ) {
    return { isOurs: false, words: 'This session was not made by this shop.' }
  }
  const words = await bringTo(tx, backend, session, sale, cause)
  return { isOurs: true, words: again ? `${again.words} ${words}` : words }
}

/**
 * Brings a checkout to where its session stands. Every step is guarded by the row's lock and by payment_effect, so
 * it makes no difference who comes first, how often, or in which order. Returns what was done, in words.
 */
async function bringTo(
  tx: Tx,
  backend: Backend,
  session: SessionView,
  { checkout, lines }: Known,
  cause: string,
): Promise<string> {
  const payable = payableOf(checkout.payable)

  switch (session.standing) {
    case 'paid': {
      if (checkout.state === 'paid') return 'Already fulfilled.'
      const facts = session.paid
      if (!facts) throw new Error(`Session ${session.sessionId} is paid but tells no amount.`)
      if (facts.amountMinor !== checkout.totalMinor || facts.currency !== checkout.currency) {
        // Somebody changed the session outside, or it is not what we asked for. Money is there, goods are not given by guess.
        const words = `The amount differs: asked ${checkout.totalMinor} ${checkout.currency}, paid ${facts.amountMinor} ${facts.currency}. Nothing was granted; look at it and refund or grant by hand.`
        await setCheckoutState(tx, checkout.id, { state: 'failed', failure: words, session })
        if (await firstTime(tx, { kind: amountDiffers, key: checkout.id, cause }))
          await payable.onFailed(tx, checkout, lines, { reason: 'put_aside', email: undefined })
        return words
      }
      const payment = {
        id: newId(),
        checkoutId: checkout.id,
        backendId: backend.id,
        session,
        facts,
      }
      if (!(await settlePaid(tx, { ...payment, cause }))) return 'Already fulfilled.'
      await payable.onPaid(tx, { checkout, lines, facts, mode: backend.mode, cause })
      return 'Fulfilled.'
    }
    case 'processing': {
      if (checkout.state === 'paid') return 'Already fulfilled.'
      if (checkout.state === 'awaiting_payment') {
        await noteSynced(tx, checkout.id)
        return 'Still waiting for the payment.'
      }
      // Also one that was given up here: the buyer has promised to pay all the same.
      await setCheckoutState(tx, checkout.id, { state: 'awaiting_payment', session })
      if (await firstTime(tx, { kind: 'awaiting', key: checkout.id, cause })) {
        await payable.onAwaiting(tx, checkout, lines, { email: session.email })
      }
      return 'Waiting for the payment to arrive.'
    }
    case 'failed':
    case 'expired': {
      if (
        checkout.state === 'paid' ||
        checkout.state === 'expired' ||
        checkout.state === 'failed'
      ) {
        return `Already ${checkout.state}.`
      }
      const reasonOfEnd = session.standing === 'expired' ? 'expired' : 'payment_failed'
      await setCheckoutState(tx, checkout.id, {
        state: session.standing,
        failure:
          session.standing === 'expired'
            ? 'The buyer did not pay in time.'
            : 'The bank refused the payment.',
        session,
      })
      if (await firstTime(tx, { kind: reasonOfEnd, key: checkout.id, cause })) {
        await payable.onFailed(tx, checkout, lines, {
          reason: reasonOfEnd,
          email: session.email ?? checkout.email,
        })
      }
      return session.standing === 'expired' ? 'Expired unpaid.' : 'The delayed payment failed.'
    }
    case 'open':
      await noteSynced(tx, checkout.id)
      return 'Still open.'
  }
}

/**
 * A session that this shop made and its database does not know: the database came back from a copy older than the sale. What
 * was noted beside the session makes the checkout anew. undefined: it is not this shop's, was swept
 * away, or nobody paid it.
 */
async function takeUpAgain(
  tx: Tx,
  backend: Backend,
  session: SessionView,
  checkoutId: string,
): Promise<{ readonly sale: Known; readonly words: string } | undefined> {
  if (session.standing !== 'paid' && session.standing !== 'processing') return undefined
  const sale = readSaleNote(checkoutId, session.note, await sweepsOf(tx, backend.id))
  if (!sale) return undefined
  const unknown = await unknownOf(tx, sale)
  if (unknown.titles.length > 0)
    throw new Error(
      `Session ${session.sessionId} is a sale of "${unknown.titles.join('", "')}", which this database does not know: it came back from a copy that is older. Refund it at Stripe, or restore a newer copy and work on this event again.`,
    )
  await insertCheckout(tx, {
    id: checkoutId,
    backendId: backend.id,
    payable: sale.payable,
    // Whoever made an account after the copy was taken claims the purchase by proving the address again.
    memberId: unknown.isMemberUnknown ? undefined : sale.memberId,
    email: undefined,
    visitor: undefined,
    offer: undefined,
    currency: sale.currency,
    couponCode: sale.couponCode,
    lines: sale.lines,
    enclosure: undefined,
  })
  const known = await lockCheckout(tx, { id: checkoutId })
  if (!known) throw new Error(`Checkout ${checkoutId} vanished.`)
  const missing = await payableOf(sale.payable).onTakenUp(
    tx,
    known.checkout,
    known.lines,
    sale.enclosure,
  )
  log.warn(
    { checkout: checkoutId, session: session.sessionId, missing },
    'a sale unknown here was taken up again',
  )
  return {
    sale: known,
    words: `Taken up again from its note at Stripe${missing === undefined ? '' : `, but ${missing}`}.`,
  }
}

// ---- refunds and disputes ----

async function settlePayment(
  backend: Backend,
  paymentIntentId: string,
  lease: Lease,
  reason: Reason,
  events: readonly string[],
  options: { readonly withWarnings?: boolean } = {},
): Promise<string> {
  let view: PaymentView
  try {
    view = await backend.gateway.readPayment(paymentIntentId, reason.lane, options)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.fault !== 'not_found') throw error
    return finish(lease, events, 'ignored', 'Stripe does not know this payment (any more).')
  }
  if (!(await findPaymentOfIntent(db('money'), backend.id, paymentIntentId))) {
    if (await isOfInvoice(backend, view, reason))
      return written(reason, async (tx) => {
        const told = { backendId: backend.id, payment: view, cause: reason.cause }
        const words = await toldMirror().onPayment(tx, told)
        await endWith(tx, lease, events, 'done', words)
        return words
      })
    // The refund was heard of before the sale: settle the sale first, then go on.
    const checkout =
      view.checkoutId && isId(view.checkoutId)
        ? await saleOfPayment(view.checkoutId, reason)
        : undefined
    const sweeps = await sweepsOf(db('money'), backend.id)
    if (!checkout && !(view.checkoutId && isOwnPayment(view.checkoutId, view.note, sweeps)))
      return finish(lease, events, 'ignored', 'This payment was not made through this shop.')
    if (checkout?.state === 'failed' && (await wasPaidOddly(db('money'), checkout.id)))
      return finish(lease, events, 'ignored', 'This payment was put aside: its amount differs.')
    if (checkout?.state !== 'paid')
      throw new GatewayError('unreachable', 'Its sale is not settled yet.')
  }
  return written(reason, async (tx) => {
    const words = await applyPayment(tx, backend, view, reason.cause)
    await endWith(tx, lease, events, 'done', words)
    return words
  })
}

/**
 * Whether a payment is one of a subscription. Where its invoice was not heard of yet the subscription is looked up with it first, so that
 * what is told of the payment finds it.
 */
async function isOfInvoice(backend: Backend, view: PaymentView, reason: Reason): Promise<boolean> {
  const { paymentIntentId } = view
  const isKnown = () => toldMirror().knowsPayment(db('money'), backend.id, paymentIntentId)
  if (await isKnown()) return true
  if (view.checkoutId !== undefined) return false
  const invoice = await backend.gateway.findInvoiceOfPayment(paymentIntentId, reason.lane)
  const { stripeSubscriptionId, stripeInvoiceId } = invoice ?? {}
  if (stripeSubscriptionId === undefined || stripeInvoiceId === undefined) return false
  const looked = await syncSubscription(stripeSubscriptionId, reason, [stripeInvoiceId])
  if (looked === 'busy') throw new SaleUnderWayError()
  return isKnown()
}

/**
 * The checkout of a payment, looked up at Stripe where it is not settled. Throws SaleUnderWayError while somebody else settles
 * it: the two are often heard of in the same moment.
 */
async function saleOfPayment(checkoutId: string, reason: Reason): Promise<Checkout | undefined> {
  const checkout = await syncCheckout(checkoutId, reason)
  if (!checkout?.sessionId || checkout.state === 'paid') return checkout
  if (await isLeased(db('money'), checkout.sessionId)) throw new SaleUnderWayError()
  return findCheckout(db('money'), checkoutId)
}

async function applyPayment(
  tx: Tx,
  backend: Backend,
  view: PaymentView,
  cause: string,
): Promise<string> {
  const known = await findPaymentOfIntent(tx, backend.id, view.paymentIntentId)
  if (!known) throw new Error(`Payment ${view.paymentIntentId} vanished.`)
  const payment = await lockPayment(tx, known.id)
  const done: string[] = []

  const former = await refundsOf(tx, payment.id)
  await upsertRefunds(tx, payment, view.refunds, newId)
  const refunds = await refundsOf(tx, payment.id)
  // One may have failed while another was made: the sum alone would not tell.
  const { goneMinor, backMinor } = movedBetween(former, refunds)
  if (goneMinor > 0 || backMinor > 0) {
    const refundedMinor = refunds.reduce((sum, refund) => sum + goneOf(refund), 0)
    await setRefunded(tx, payment.id, Math.min(refundedMinor, payment.amountMinor))
    await firstTime(tx, {
      kind: backMinor > 0 ? 'refund_failed' : 'refund',
      key: `${payment.id}:${refundedMinor}:${cause}`,
      cause,
    })
    await payableOf(await payableName(tx, payment.checkoutId)).onRefunded(tx, {
      checkoutId: payment.checkoutId,
      refundedMinor,
      paidMinor: payment.amountMinor,
      goneMinor,
      backMinor,
      refunds: refunds.map(({ id, amountMinor, state }) => ({
        id,
        amountMinor,
        counts: refundCounts(state),
      })),
      cause,
    })
    if (backMinor > 0) done.push('A refund failed; the money is back here.')
    if (goneMinor > 0) done.push(`Refunded ${refundedMinor} of ${payment.amountMinor}.`)
  }

  const changes = await upsertDisputes(tx, payment, view.disputes, newId)
  const told: DisputeChange[] = []
  for (const { dispute, before, id } of changes) {
    const standing = disputeStanding(dispute.state)
    if (before !== undefined && disputeStanding(before) === standing) continue
    await firstTime(tx, { kind: `dispute_${standing}`, key: dispute.stripeDisputeId, cause })
    told.push({
      disputeId: id,
      standing,
      reason: dispute.reason,
      amountMinor: dispute.amountMinor,
      evidenceDueAt: dispute.evidenceDueAt,
    })
    done.push(`Dispute: ${disputeStateWords(dispute.state).toLowerCase()}.`)
  }
  if (told.length > 0) {
    // A payment may be disputed more than once: what is told is where all of them stand, not the last one that moved.
    const standings = (await disputesOf(tx, payment.id)).map(({ state }) => disputeStanding(state))
    await payableOf(await payableName(tx, payment.checkoutId)).onDisputed(tx, {
      checkoutId: payment.checkoutId,
      isOpen: standings.includes('open'),
      isLost: standings.includes('lost'),
      changes: told,
      cause,
    })
  }
  for (const warning of await upsertWarnings(tx, payment, view.warnings ?? [], newId)) {
    await payableOf(await payableName(tx, payment.checkoutId)).onFraudWarning(tx, {
      checkoutId: payment.checkoutId,
      warningId: warning.id,
      fraudType: warning.fraudType,
    })
    done.push('The card’s bank warns of fraud.')
  }
  return done.length > 0 ? done.join(' ') : 'Nothing new.'
}

/** Money counts as returned from the moment it is under way; it comes back to the sum when the refund fails. */
function refundCounts(state: RefundState): boolean {
  return state === 'succeeded' || state === 'pending' || state === 'requires_action'
}

type KnownRefund = Awaited<ReturnType<typeof refundsOf>>[number]

const goneOf = (refund: KnownRefund | undefined) =>
  refund && refundCounts(refund.state) ? refund.amountMinor : 0

/** What went out and what came back of a payment's refunds, from what was known before to what is known now. */
function movedBetween(former: readonly KnownRefund[], now: readonly KnownRefund[]) {
  const before = new Map(former.map((refund) => [refund.id, refund]))
  const moves = now.map((refund) => goneOf(refund) - goneOf(before.get(refund.id)))
  return {
    goneMinor: moves.reduce((sum, move) => sum + Math.max(0, move), 0),
    backMinor: moves.reduce((sum, move) => sum + Math.max(0, -move), 0),
  }
}

async function payableName(tx: Tx, checkoutId: string): Promise<string> {
  const checkout = await findCheckout(tx, checkoutId)
  if (!checkout) throw new Error(`Checkout ${checkoutId} vanished.`)
  return checkout.payable
}
