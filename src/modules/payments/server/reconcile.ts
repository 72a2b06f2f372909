import { db, log } from '#modules/platform/server/index.ts'
import { GatewayError } from '../gateway.ts'
import { currentBackend, type Backend } from './backend.ts'
import { recoverSession } from './checkouts.ts'
import { receivePolled } from './inbox.ts'
import { sendRefund } from './refunds.ts'
import { takeDueCheckouts } from './store.checkout.ts'
import {
  moveCursor,
  parkForeignEvents,
  readCursor,
  takePollTurn,
  type Cursor,
} from './store.inbox.ts'
import { sendAnswer } from './disputes.ts'
import { unsentAnswers } from './store.disputes.ts'
import { unansweredRefunds } from './store.payment.ts'
import { syncCheckout } from './sync.ts'

/** Quiet: the webhook works and polling only checks. Worried: events were missed lately. Polling only: there is no webhook. */
export const pollEverySeconds = { quiet: 300, worried: 60, pollingOnly: 20 } as const
/** Events can surface late: each poll looks this far back over what it has already seen. */
const overlapMs = 10 * 60_000
/** Stripe keeps events for 30 days; a first look goes back only over what could concern open checkouts. */
const firstLookMs = 3 * 24 * 60 * 60_000
const mostEventsAPoll = 5_000
/** An event that only polling found, this long after it happened, was missed by the webhook. */
const missedAfterMs = 2 * 60_000

/**
 * Reads Stripe's list of events from where the last poll ended and puts unknown ones into the same inbox. At most one process does it,
 * as often as the webhook's health asks for; call it as often as you like. Returns how many events were new, or undefined when it was not time.
 */
export async function pollEvents(now: Date): Promise<number | undefined> {
  const backend = await currentBackend()
  const cursor = await readCursor(db('money'), backend.id)
  const isWorried =
    cursor.lastMissedAt !== undefined && now.getTime() - cursor.lastMissedAt.getTime() < 60 * 60_000
  const every =
    backend.webhookSecrets.length === 0
      ? pollEverySeconds.pollingOnly
      : isWorried || cursor.lastError
        ? pollEverySeconds.worried
        : pollEverySeconds.quiet
  if (!(await takePollTurn(backend.id, every))) return undefined
  try {
    return await poll(backend, cursor, now)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ error: error.message, fault: error.fault }, 'events could not be polled')
    await moveCursor(backend.id, { error: error.message.slice(0, 500) })
    return 0
  }
}

async function poll(backend: Backend, cursor: Cursor, now: Date): Promise<number> {
  const events = await listFrom(backend, cursor, now)
  const fresh = await receivePolled(events, backend)
  const missed = fresh.filter((event) => now.getTime() - event.createdAt.getTime() > missedAfterMs)
  // The cursor stays behind by the overlap, so that the next poll sees again what might have surfaced late.
  const settled = events.findLast((event) => event.createdAt.getTime() < now.getTime() - overlapMs)
  await moveCursor(backend.id, {
    error: null,
    ...(settled ? { lastEventId: settled.id, lastEventAt: settled.createdAt } : {}),
    // Without a webhook everything comes by polling, and the first look ever finds what was before us: no fault in either.
    ...(backend.webhookSecrets.length > 0 && missed.length > 0 && cursor.polledAt
      ? { missed: missed.length }
      : {}),
  })
  return fresh.length
}

async function listFrom(backend: Backend, { lastEventId: after, lastEventAt }: Cursor, now: Date) {
  const firstLook = now.getTime() - firstLookMs
  // Where the event the cursor stands on is gone, everything since is read that Stripe still keeps.
  const lastLook = lastEventAt ? lastEventAt.getTime() - overlapMs : firstLook
  const fromStart = { since: new Date(Math.min(firstLook, lastLook)) }
  if (after === undefined)
    return backend.gateway.listEvents(fromStart, mostEventsAPoll, 'background')
  try {
    return await backend.gateway.listEvents({ after }, mostEventsAPoll, 'background')
  } catch (error) {
    // The event the cursor stands on is no longer kept there: begin again from what is.
    if (
      error instanceof GatewayError &&
      (error.fault === 'not_found' || error.fault === 'refused')
    ) {
      return backend.gateway.listEvents(fromStart, mostEventsAPoll, 'background')
    }
    throw error
  }
}

const mostCheckoutsASweep = 20
const mostRefundsASweep = 20
/** After a change of keys another process may have the former ones for a while. */
const foreignAfterMs = 10 * 60_000
const mostForeignASweep = 500

/**
 * Looks after what no event told of: checkouts whose session was never heard of or that should have ended, refunds Stripe
 * has not answered; and puts events where the owner looks that nobody works on since the keys were changed.
 * Several processes may sweep at once; each row is taken by one. Returns how many were looked at.
 */
export async function sweepPayments(): Promise<number> {
  const backend = await currentBackend()
  const checkouts = await takeDueCheckouts(db('money'), backend.id, mostCheckoutsASweep)
  await parkForeignEvents(backend.id, foreignAfterMs, mostForeignASweep)
  const refunds = await unansweredRefunds(db('money'), backend.id, mostRefundsASweep)
  const answers = await unsentAnswers(db('money'), backend.id, mostRefundsASweep)
  const failures: unknown[] = []
  for (const checkout of checkouts) {
    await tolerate(failures, 'checkout', checkout.id, async () => {
      if (!checkout.sessionId && !(await recoverSession(checkout))) return
      await syncCheckout(checkout.id, { cause: 'sweep', lane: 'background' })
    })
  }
  for (const refundId of refunds)
    await tolerate(failures, 'refund', refundId, () => sendRefund(refundId))
  for (const disputeId of answers)
    await tolerate(failures, 'dispute', disputeId, () => sendAnswer(disputeId))
  if (failures.length > 0) throw failures[0]
  return checkouts.length + refunds.length + answers.length
}

/**
 * One that cannot be done is no reason to leave the others; it is taken up again by a later sweep. A fault that is not
 * Stripe's is put aside until all had their turn, and then makes the sweep fail.
 */
async function tolerate(
  failures: unknown[],
  kind: string,
  id: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof GatewayError)) {
      log.error({ kind, id, err: error }, 'sweep failed here')
      failures.push(error)
      return
    }
    log.warn({ kind, id, fault: error.fault, error: error.message }, 'sweep could not ask Stripe')
  }
}
