import { inTransaction, log } from '#modules/platform/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { GatewayError } from '../gateway.ts'
import { waitAfter, waitForSale } from '../retry.ts'
import { currentBackend } from './backend.ts'
import { claimGroups, giveBackLease, postponeEvents, type ClaimedGroup } from './store.inbox.ts'
import { LostLeaseError } from './leased-work.ts'
import { SaleUnderWayError, syncGroup } from './sync.ts'
import { onWake, wakeWorker } from './wake.ts'

/** Objects worked on at once by one process. Most of them wait for Stripe; how many write at once is limited by quiet-turns.ts. */
const concurrency = 16
/** Places that have to be free before the inbox is asked again: one statement for several objects. */
const placesAtOnce = 4
const leaseSeconds = 60
/** The worker is woken by every delivery; it looks by itself for what another process left behind. */
const idleMs = 3_000

/** An object, because it is changed from outside while the loop below runs. */
const state = { stopping: false }
let running: Promise<void> | undefined

/** Starts working on the inbox, once a process. */
export function startWorker(): void {
  state.stopping = false
  running ??= loop()
}

/** Finishes the objects under way and stops. */
export async function stopWorker(): Promise<void> {
  state.stopping = true
  wakeWorker()
  await running
  running = undefined
}

async function loop(): Promise<void> {
  const under = new Set<Promise<void>>()
  let pauseMs = idleMs
  // Whether something may be waiting that was not looked for yet.
  let mayWait = true
  let timesTold = 0
  let endPause: (() => void) | undefined
  onWake(() => {
    timesTold++
    mayWait = true
    endPause?.()
  })
  while (!state.stopping) {
    const room = concurrency - under.size
    if (mayWait && room >= placesAtOnce) {
      mayWait = false
      const toldBefore = timesTold
      const holder = newId()
      const groups = await claim(holder, room)
      pauseMs = groups ? idleMs : Math.min(pauseMs * 2, 10_000)
      for (const group of groups ?? []) {
        const work: Promise<void> = handle(group, holder).finally(() => {
          under.delete(work)
          // What came meanwhile may be of this object, and was not to be had while it was worked on.
          mayWait ||= timesTold > toldBefore
          endPause?.()
        })
        under.add(work)
      }
      // As many as were asked for: there may be more.
      mayWait ||= groups?.length === room
      continue
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        mayWait = true
        resolve()
      }, pauseMs)
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    endPause = undefined
  }
  await Promise.all(under)
}

/** undefined: the database cannot be asked now. */
async function claim(holder: string, most: number): Promise<ClaimedGroup[] | undefined> {
  try {
    const backend = await currentBackend()
    return await claimGroups(holder, backend.id, most, leaseSeconds)
  } catch (error) {
    log.warn({ error: String(error) }, 'inbox cannot be read; trying again')
    return undefined
  }
}

async function handle(group: ClaimedGroup, holder: string): Promise<void> {
  try {
    await syncGroup(group, holder)
  } catch (error) {
    if (error instanceof LostLeaseError) return // somebody else works on it and will finish the events
    await postpone(group, holder, error)
  }
}

async function postpone(group: ClaimedGroup, holder: string, error: unknown): Promise<void> {
  const words = error instanceof Error ? error.message : String(error)
  const isOurs = !(error instanceof GatewayError)
  const isUnderWay = error instanceof SaleUnderWayError
  log.warn(
    { group: group.groupKey, events: group.events.map((event) => event.id), error: words },
    'event not handled yet',
  )
  if (isOurs) log.error({ err: error }, 'event failed here')
  try {
    await inTransaction(async (tx) => {
      for (const event of group.events) {
        // Being told to slow down, or finding the key refused, says nothing about the event: it waits without losing a try.
        const isOnlyWaiting =
          error instanceof GatewayError &&
          (error.fault === 'rate_limited' || error.fault === 'unauthorised')
        const wait = isOnlyWaiting
          ? {
              waitMs: Math.max(
                2_000,
                error.retryAfterMs ?? (error.fault === 'unauthorised' ? 60_000 : 2_000),
              ),
              countsAsAttempt: false,
            }
          : isUnderWay
            ? waitForSale(event.attempts)
            : waitOf(event.attempts + 1)
        await postponeEvents(tx, [event.id], wait, words.slice(0, 1_000))
      }
      await giveBackLease(tx, group.groupKey, holder)
    }, 'money')
    if (isUnderWay) wakeAfter(waitForSale(Math.min(...group.events.map((event) => event.attempts))))
  } catch (failure) {
    // The database is away: the lease runs out and the events are taken up again.
    log.warn({ error: String(failure) }, 'event could not be postponed')
  }
}

/** Sooner than the worker would look by itself. */
function wakeAfter({ waitMs }: { readonly waitMs: number }): void {
  setTimeout(wakeWorker, waitMs + 50).unref()
}

function waitOf(attempt: number): { waitMs: number; countsAsAttempt: boolean } | 'park' {
  const wait = waitAfter(attempt, Math.random())
  return wait === 'park' ? 'park' : { waitMs: wait, countsAsAttempt: true }
}
