import { setTimeout as pause } from 'node:timers/promises'
import { operations, type Operation } from '../schema/index.ts'
import { Coverage } from './coverage.ts'
import type { Journey } from './journeys/traveller.ts'
import { controlOf } from './journeys/traveller.ts'
import { type Listener, listen } from './listener.ts'
import { recordedClient } from './recorder.ts'

export interface Run {
  coverage: Coverage
  /** Journeys that did not reach their end, and why. */
  broken: { journey: string; why: string }[]
  /** Operations the sandbox answers at all, described ones only. */
  served: readonly Operation[]
}

const maxEventPages = 50
const deliveryPatienceMs = 20_000

/**
 * Goes every journey on the sandbox at `url`, each in an account of its own, and holds every
 * answer, every event in the list and every delivered event against the description.
 */
export async function runJourneys(url: string, journeys: readonly Journey[]): Promise<Run> {
  const coverage = new Coverage()
  const broken: Run['broken'] = []
  const listener = await listen()
  try {
    for (const [index, journey] of journeys.entries()) {
      const key = `sk_test_journey${index}`
      const why = await goOne(url, key, journey, coverage, listener)
      if (why !== undefined) broken.push({ journey: journey.name, why })
    }
  } finally {
    await listener.close()
  }
  return { coverage, broken, served: await servedOperations(url) }
}

async function goOne(
  url: string,
  key: string,
  journey: Journey,
  coverage: Coverage,
  listener: Listener,
): Promise<string | undefined> {
  const { stripe, exchanges } = recordedClient(url, key)
  try {
    await stripe.webhookEndpoints.create({ url: listener.url, enabled_events: ['*'] })
    await journey.go({ stripe, control: controlOf(url, key) })
    const events = await allEvents(url, key)
    for (const event of events) coverage.addEvent(event)
    const missing = await waitForDeliveries(events.map(idOf), listener)
    for (const event of listener.take()) coverage.addEvent(event)
    return missing.length === 0 ? undefined : `not delivered: ${missing.join(', ')}`
  } catch (error) {
    // A journey that breaks is a result of the run: the others still go.
    return error instanceof Error ? error.message : String(error)
  } finally {
    for (const exchange of exchanges) coverage.addExchange(exchange)
  }
}

/** The account's events as they stand in the list, unread by the SDK. */
export async function allEvents(url: string, key: string): Promise<unknown[]> {
  const { stripe, exchanges } = recordedClient(url, key)
  let pages = 0
  let after: string | undefined
  for (;;) {
    const page = await stripe.events.list({
      limit: 100,
      ...(after ? { starting_after: after } : {}),
    })
    pages += 1
    after = page.data.at(-1)?.id
    if (!page.has_more) break
    if (pages >= maxEventPages) throw new Error(`More than ${maxEventPages} pages of events`)
  }
  return exchanges.flatMap(({ body }) => dataOf(body))
}

/** Ids that had not arrived when patience ended. */
async function waitForDeliveries(ids: readonly string[], listener: Listener): Promise<string[]> {
  const end = Date.now() + deliveryPatienceMs
  for (;;) {
    const missing = ids.filter((id) => !listener.ids.has(id))
    if (missing.length === 0 || Date.now() > end) return missing
    await pause(20)
  }
}

/** Asks for every described operation with an id that does not exist, in an account of its own. */
export async function servedOperations(url: string): Promise<Operation[]> {
  const served: Operation[] = []
  for (const operation of operations.values()) {
    const answer = await fetch(url + operation.path.replace(/\{\w+\}/g, 'none'), {
      method: operation.method,
      headers: { authorization: 'Bearer sk_test_served' },
    })
    const text = await answer.text()
    if (!text.includes('Unrecognized request URL')) served.push(operation)
  }
  return served
}

function dataOf(body: unknown): unknown[] {
  const data = typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined
  return Array.isArray(data) ? data : []
}

function idOf(object: unknown): string {
  const id = typeof object === 'object' && object !== null && 'id' in object ? object.id : undefined
  return String(id)
}
