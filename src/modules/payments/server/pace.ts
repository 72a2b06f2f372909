import { runtime } from '#modules/platform/server/index.ts'
import { GatewayError, type Lane } from '../gateway.ts'
import { pauseUntil, reserveTurns } from './store.pace.ts'

/** A person waits at most this long for a turn; then the page says that payments are busy. */
const longestWaitMs: Record<Lane, number> = { person: 6_000, event: 30_000, background: 1_000 }

/** Turns bought ahead by this process, so that a large budget does not cost a statement a call. */
let bought: { backendId: number; turns: number[] } | undefined
let buying: Promise<void> = Promise.resolve()

/**
 * Waits until the shared budget allows one more call. All processes draw from one row: turns are spaced evenly,
 * so no second ever holds more than the budget. Background work gives way when people or events are waiting.
 * Throws GatewayError 'rate_limited' when the wait would be too long.
 */
export async function waitForTurn(backendId: number, lane: Lane): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const turn = await nextTurn(backendId, lane)
    const wait = turn - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    // Woken late, when the turns of others have come: calls that were held up together must not go out together.
    if (performance.now() - turn < lateMs || attempt >= mostAttempts) return
  }
}

const lateMs = 50
/** A machine this busy would only burn turns. */
const mostAttempts = 3

async function nextTurn(backendId: number, lane: Lane): Promise<number> {
  for (;;) {
    const ready = bought?.backendId === backendId ? bought.turns.shift() : undefined
    if (ready !== undefined) {
      // A turn that was bought long ago and not used is gone: using it now would crowd this second.
      if (ready >= performance.now() - lateMs) return ready
      continue
    }
    const purchase = buying.then(() => buy(backendId, lane))
    buying = purchase.catch(() => undefined)
    await purchase
  }
}

async function buy(backendId: number, lane: Lane): Promise<void> {
  if (bought?.backendId === backendId && bought.turns.length > 0) return
  const perSecond = runtime().settings.stripeCallsPerSecond
  const spacingMs = 1000 / perSecond
  // At most a twentieth of a second's budget at once: what a process does not use is lost to the others.
  const count = Math.max(1, Math.floor(perSecond / 20))
  const { startsAt, askedAt, pausedForMs } = await reserveTurns(
    backendId,
    count,
    spacingMs,
    longestWaitMs[lane],
  )
  if (startsAt === undefined) {
    throw new GatewayError('rate_limited', 'The call budget is used up for the moment.', {
      retryAfterMs: Math.max(1_000, pausedForMs),
    })
  }
  const start = startsAt + toOurClock(askedAt)
  bought = {
    backendId,
    turns: Array.from({ length: count }, (_, index) => start + index * spacingMs),
  }
}

/**
 * What is added to the database's time to get ours. Each answer tells it too large by the time it was under way, so the
 * least of the last ones counts: turns stay as far apart here as they were given out there, however slow an answer was.
 */
function toOurClock(askedAt: number): number {
  offsets.push(performance.now() - askedAt)
  if (offsets.length > 32) offsets.shift()
  return Math.min(...offsets)
}

const offsets: number[] = []

/** The other side said "too many": nobody calls until its Retry-After (else a second) is over. */
export async function pauseCalls(
  backendId: number,
  retryAfterMs: number | undefined,
): Promise<void> {
  bought = undefined
  await pauseUntil(backendId, Math.min(60_000, Math.max(500, retryAfterMs ?? 1_000)))
}
