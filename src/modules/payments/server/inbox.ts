import { log } from '#modules/platform/server/index.ts'
import { isHandled } from '../event-groups.ts'
import type { IncomingEvent } from '../types.ts'
import { currentBackend, type Backend } from './backend.ts'
import { noteWebhook, storeEvents, type EventToStore } from './store.inbox.ts'
import { wakeWorker } from './wake.ts'

export type WebhookResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_configured' | 'bad_signature' | 'malformed' }

/**
 * Takes one delivery: verifies the raw bytes against every secret, stores the event, and only then returns.
 * ok = it is committed; the caller answers 2xx. Throws when it could not be stored: the caller answers 5xx and
 * Stripe delivers again. Nothing else happens here: no call to Stripe, no mail.
 */
export async function receiveWebhook(
  body: Uint8Array,
  signature: string | null,
): Promise<WebhookResult> {
  const backend = await currentBackend()
  if (backend.webhookSecrets.length === 0) return { ok: false, reason: 'not_configured' }
  const verified =
    signature === null
      ? ({ ok: false, reason: 'bad_signature' } as const)
      : backend.gateway.verify(body, signature, backend.webhookSecrets)
  if (!verified.ok) {
    health.refused++
    scheduleHealthNote(backend.id)
    return verified
  }
  await store(toStore(verified.event, backend, 'webhook'))
  health.received++
  scheduleHealthNote(backend.id)
  return { ok: true }
}

/** Stores polled events; returns those that no webhook had brought. */
export async function receivePolled(
  events: readonly IncomingEvent[],
  backend: Backend,
): Promise<readonly IncomingEvent[]> {
  const fresh: IncomingEvent[] = []
  // After a long absence there are thousands: one statement for all would run into its time limit, at each poll anew.
  for (let start = 0; start < events.length; start += mostPolledInOneCommit) {
    const part = events.slice(start, start + mostPolledInOneCommit)
    const ids = await storeEvents(part.map((event) => toStore(event, backend, 'poll')))
    if (ids.size > 0) wakeWorker()
    fresh.push(...part.filter((event) => ids.has(event.id)))
  }
  return fresh
}

const mostPolledInOneCommit = 500

function toStore(event: IncomingEvent, backend: Backend, source: 'webhook' | 'poll'): EventToStore {
  const common = { ...event, backendId: backend.id, source, deliveries: 1 }
  if (event.livemode !== (backend.mode === 'live')) {
    return {
      ...common,
      state: 'quarantined',
      outcome: 'It belongs to another mode (live and test must not meet).',
    }
  }
  if (!isHandled(event.type))
    return { ...common, state: 'ignored', outcome: 'Nothing here depends on events of this kind.' }
  return { ...common, state: 'pending', outcome: undefined }
}

/**
 * Deliveries that arrive at the same moment, or while all writers are at a commit, share the next one: one fsync for all of
 * them. Nobody waits for company; a lone delivery is committed at once.
 */
interface Waiting {
  readonly event: EventToStore
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}
let waiting: Waiting[] = []
let writers = 0
let isGathering = false
/** PostgreSQL lets commits at the same time share an fsync too; more writers than this only make batches smaller. */
const mostWriters = 3
/** Past this, senders are told to come back: memory stays bounded while the database is away. */
const mostWaiting = 2_000
const mostInOneCommit = 100

function store(event: EventToStore): Promise<void> {
  if (waiting.length >= mostWaiting)
    return Promise.reject(new Error('Too many deliveries are waiting for the database.'))
  return new Promise((resolve, reject) => {
    waiting.push({ event, resolve, reject })
    if (isGathering || writers >= mostWriters) return
    isGathering = true
    // After all that has already arrived was read.
    setImmediate(() => {
      isGathering = false
      void write()
    })
  })
}

async function write(): Promise<void> {
  writers++
  while (waiting.length > 0) {
    const batch = waiting.slice(0, mostInOneCommit)
    waiting = waiting.slice(batch.length)
    // The same event twice in one statement would be refused by the database: counted instead.
    const events = new Map<string, EventToStore>()
    for (const { event } of batch) {
      const same = events.get(event.id)
      events.set(event.id, same ? { ...same, deliveries: same.deliveries + 1 } : event)
    }
    try {
      const fresh = await storeEvents([...events.values()])
      for (const { resolve } of batch) resolve()
      if ([...fresh].some((id) => events.get(id)?.state === 'pending')) wakeWorker()
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  writers--
}

/** When the last webhook came is for people to read: written at most every ten seconds, off the path of the answer. */
const health = { received: 0, refused: 0 }
let noting: NodeJS.Timeout | undefined

function scheduleHealthNote(backendId: number): void {
  noting ??= setTimeout(() => {
    noting = undefined
    void writeHealthNote(backendId)
  }, 1_000)
  noting.unref()
}

async function writeHealthNote(backendId: number): Promise<void> {
  const { received, refused } = health
  health.received = 0
  health.refused = 0
  try {
    if (received > 0) await noteWebhook(backendId, 'received', received)
    if (refused > 0) await noteWebhook(backendId, 'refused', refused)
  } catch (error) {
    // The events themselves are stored; this is only the page's "last heard". The next note tells the same.
    log.warn({ error: String(error) }, 'webhook health not noted')
  }
}
