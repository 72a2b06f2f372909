import type { Delivery, DeliveryOutcome, Store } from '../store/store.ts'
import type { DeliveryProfile } from './profiles.ts'
import type { SendResult } from './send.ts'
import type { EndpointRecord, WebhookEndpoint } from '../engine/webhook-endpoints.ts'
import type { StripeEvent } from '../engine/events.ts'
import type { Dice } from '../chaos/dice.ts'
import { performance } from 'node:perf_hooks'
import { Reading } from '../engine/work.ts'
import type { EngineSettings } from '../engine/work.ts'
import { messageOf } from './message.ts'
import { waitAfter } from './profiles.ts'
import { Sender } from './send.ts'

/** Real time after which another process may take a delivery over. */
const LEASE_BEYOND_TIMEOUT_MS = 20_000

/** How long nothing may pass before looking again for what another process left or planned. */
const POLL_MS = 500

/** An endpoint that takes nothing for so long (sandbox time) is disabled, as Stripe does. */
const DISABLE_AFTER_MS = 5 * 86_400_000

export type DispatcherOptions = {
  profile: DeliveryProfile
  /** Deliveries to one endpoint at the same time. */
  parallel: number
  timeoutMs: number
}

/**
 * Brings events to their endpoints: takes what is due, sends it, writes down what came of it.
 * Several dispatchers may work over one store; a delivery is with one of them at a time, and one
 * whose process dies is taken over when its lease ends.
 */
export class Dispatcher {
  readonly #store: Store
  readonly #settings: EngineSettings
  readonly #options: DispatcherOptions
  readonly #sender: Sender
  readonly #dice: Dice
  /** Deliveries under way, by endpoint. */
  readonly #busy = new Map<string, number>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #onEndpointFailing: (account: string, endpoint: string) => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #isTaking = false
  #isWoken = false
  #isClosed = false

  constructor(given: {
    store: Store
    settings: EngineSettings
    options: DispatcherOptions
    dice: Dice
    /** Called when an endpoint has failed for so long that it is to be disabled. */
    onEndpointFailing: (account: string, endpoint: string) => Promise<void>
  }) {
    this.#store = given.store
    this.#settings = given.settings
    this.#options = given.options
    this.#dice = given.dice
    this.#onEndpointFailing = given.onEndpointFailing
    this.#sender = new Sender(given.options.timeoutMs)
  }

  /** Something may be due now. */
  wake(): void {
    if (this.#isClosed) return
    this.#isWoken = true
    if (!this.#isTaking) this.#keep(this.#takeAll())
  }

  /** Sends these at once, whatever their turn, and waits until each was tried. */
  async deliverNow(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    const taken = await this.#store.claimDeliveries({
      untilMs: await this.#store.nowMs(),
      perEndpoint: ids.length + this.#options.parallel,
      busy: new Map(),
      leaseMs: this.#leaseMs,
      only: ids,
    })
    await Promise.all(taken.map((delivery) => this.#deliver(delivery)))
  }

  /** Resolves when nothing is due any more and nothing is under way, or when time is up. */
  async settled(untilMs: number, withinMs: number): Promise<void> {
    const giveUpAt = performance.now() + withinMs
    while (performance.now() < giveUpAt && !this.#isClosed) {
      this.wake()
      await Promise.race([Promise.all(this.#underWay), pause(50)])
      if (this.#underWay.size === 0 && (await this.#store.dueDeliveries(untilMs)) === 0) return
    }
  }

  /** Waits for what is under way, and takes nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await Promise.all(this.#underWay)
    this.#sender.close()
  }

  get #leaseMs(): number {
    return this.#options.timeoutMs + LEASE_BEYOND_TIMEOUT_MS
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true
    clearTimeout(this.#timer)
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false
        const taken = await this.#store.claimDeliveries({
          untilMs: await this.#store.nowMs(),
          perEndpoint: this.#options.parallel,
          busy: this.#busy,
          leaseMs: this.#leaseMs,
        })
        for (const delivery of taken) this.#keep(this.#deliver(delivery).then(() => this.wake()))
      }
    } finally {
      this.#isTaking = false
      if (!this.#isClosed) this.#timer = setTimeout(() => this.wake(), POLL_MS)
    }
  }

  #keep(work: Promise<void>): void {
    this.#underWay.add(work)
    const done = (): void => {
      this.#underWay.delete(work)
    }
    work.then(done, (error: unknown) => {
      done()
      // The store is gone; without it nothing can be sent. The process must not live on half dead,
      // except when it is being closed anyway.
      if (!this.#isClosed) throw error
    })
  }

  async #deliver(delivery: Delivery): Promise<void> {
    this.#busy.set(delivery.endpoint, (this.#busy.get(delivery.endpoint) ?? 0) + 1)
    try {
      await this.#attempt(delivery)
    } finally {
      const left = (this.#busy.get(delivery.endpoint) ?? 1) - 1
      if (left > 0) this.#busy.set(delivery.endpoint, left)
      else this.#busy.delete(delivery.endpoint)
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const reading = new Reading(await this.#store.read(delivery.account), this.#settings)
    const endpoint = await reading.get('webhook_endpoint', delivery.endpoint)
    const record = await reading.get('_endpoint', delivery.endpoint)
    const event = await reading.get('event', delivery.event)
    const startedAt = performance.now()
    const result =
      endpoint === undefined || 'deleted' in endpoint || record === undefined || event === undefined
        ? undefined
        : await this.#send(endpoint, record, event, delivery, reading.now)
    const isTaken = result !== undefined && result.status >= 200 && result.status < 300
    const failed = delivery.attempts.length + 1
    const wait =
      result === undefined ? undefined : waitAfter(this.#options.profile, failed, this.#dice.next())
    const outcome: DeliveryOutcome = {
      account: delivery.account,
      id: delivery.id,
      status: isTaken ? 'succeeded' : wait === undefined ? 'failed' : 'pending',
      nextAtMs: isTaken || wait === undefined ? delivery.nextAtMs : reading.nowMs + wait,
      attempt: {
        atMs: reading.nowMs,
        status: result?.status ?? 0,
        durationMs: Math.round(performance.now() - startedAt),
        note: result?.note ?? 'The endpoint or the event no longer exists.',
      },
    }
    await this.#store.recordOutcomes([outcome])
    if (record !== undefined && endpoint !== undefined && !('deleted' in endpoint))
      await this.#noteHealth(delivery, record, isTaken, reading.nowMs)
  }

  #send(
    endpoint: WebhookEndpoint,
    record: EndpointRecord,
    event: StripeEvent,
    delivery: Delivery,
    now: number,
  ): Promise<SendResult> {
    const previous =
      record.previous !== null && record.previous.untilMs > now * 1000
        ? [record.previous.secret]
        : []
    const message = messageOf(event, [record.secret, ...previous], delivery.faults, now)
    return this.#sender.post(endpoint.url, message.body, message.headers)
  }

  /** Writes only when an endpoint begins to fail or recovers, so that a healthy one costs nothing. */
  async #noteHealth(
    delivery: Delivery,
    record: EndpointRecord,
    isTaken: boolean,
    nowMs: number,
  ): Promise<void> {
    if (isTaken && record.failingSinceMs === null) return
    if (!isTaken && record.failingSinceMs !== null) {
      if (nowMs - record.failingSinceMs > DISABLE_AFTER_MS)
        await this.#onEndpointFailing(delivery.account, record.id)
      return
    }
    await this.#store.write(delivery.account, [], async (unit) => {
      const current = await unit.get('_endpoint', record.id)
      if (current === undefined) return
      unit.put('_endpoint', { ...current, failingSinceMs: isTaken ? null : nowMs })
    })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
