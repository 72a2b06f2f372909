import type { Claim, Delivery, Store } from '../store/store.ts'
import type { DeliveryProfile } from './profiles.ts'
import type { SendResult } from './send.ts'
import type { EndpointRecord, WebhookEndpoint } from '../engine/objects/webhook-endpoint.ts'
import type { StripeEvent } from '../engine/events.ts'
import type { Deleted } from '../engine/objects/deleted.ts'
import type { Dice } from '../chaos/dice.ts'
import { performance } from 'node:perf_hooks'
import type { OnFault } from '../heartbeat.ts'
import { Heartbeat } from '../heartbeat.ts'
import { OutcomeWriter } from './outcome-writer.ts'
import { messageOf } from './message.ts'
import { waitAfter } from './profiles.ts'
import { Sender } from './send.ts'

/** Real time after which another process may take a delivery over. */
const LEASE_BEYOND_TIMEOUT_MS = 5_000

/** How long nothing may pass before looking again for what another process left or planned. */
const POLL_MS = 500

/** How often to look whether somebody else has sent what is waited for. */
const POLL_NOW_MS = 5

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
  readonly #options: DispatcherOptions
  readonly #sender: Sender
  readonly #outcomes: OutcomeWriter
  readonly #dice: Dice
  /** Deliveries under way, by endpoint. */
  readonly #busy = new Map<string, number>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #onEndpointFailing: (account: string, endpoint: string) => Promise<void>
  readonly #onFault: OnFault
  readonly #heartbeat: Heartbeat
  #isClosed = false

  constructor(given: {
    store: Store
    options: DispatcherOptions
    dice: Dice
    /** Called when an endpoint has failed for so long that it is to be disabled. */
    onEndpointFailing: (account: string, endpoint: string) => Promise<void>
    onFault: OnFault
  }) {
    this.#store = given.store
    this.#outcomes = new OutcomeWriter(given.store)
    this.#options = given.options
    this.#dice = given.dice
    this.#onEndpointFailing = given.onEndpointFailing
    this.#onFault = given.onFault
    this.#sender = new Sender(given.options.timeoutMs)
    this.#heartbeat = new Heartbeat({
      what: 'Taking deliveries',
      everyMs: POLL_MS,
      job: () => this.#takeDue(),
      onFault: given.onFault,
    })
  }

  /** Something may be due now. */
  wake(): void {
    this.#heartbeat.beat()
  }

  /** Sends these at once, whatever their turn, and waits until each was tried (or time is up). */
  async deliverNow(account: string, ids: readonly string[], withinMs: number): Promise<void> {
    if (ids.length === 0) return
    const giveUpAt = performance.now() + withinMs
    const taken = await this.#store.claimDeliveries({
      perEndpoint: ids.length + this.#options.parallel,
      busy: new Map(),
      leaseMs: this.#leaseMs,
      only: ids,
    })
    await Promise.race([Promise.all(taken.map((claim) => this.#deliver(claim))), pause(withinMs)])
    // Whoever was quicker to take one (this dispatcher's own round, another process) is waited for.
    for (const id of ids)
      while (performance.now() < giveUpAt) {
        const delivery = await this.#store.delivery(account, id)
        if (delivery?.status !== 'pending' || delivery.held || delivery.attempts.length > 0) break
        await pause(POLL_NOW_MS)
      }
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

  /** Takes nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#heartbeat.close()
    await Promise.all(this.#underWay)
    this.#sender.close()
  }

  get #leaseMs(): number {
    return this.#options.timeoutMs + LEASE_BEYOND_TIMEOUT_MS
  }

  async #takeDue(): Promise<void> {
    if (this.#isClosed) return
    const taken = await this.#store.claimDeliveries({
      perEndpoint: this.#options.parallel,
      busy: this.#busy,
      leaseMs: this.#leaseMs,
    })
    for (const claim of taken) {
      const delivered = this.#deliver(claim).then(
        () => this.wake(),
        // Not written down, so it is taken again when its lease ends.
        (error: unknown) => this.#onFault('Writing down a delivery', error),
      )
      this.#underWay.add(delivered)
      void delivered.then(() => this.#underWay.delete(delivered))
    }
  }

  async #deliver(claim: Claim): Promise<void> {
    const { endpoint } = claim.delivery
    this.#busy.set(endpoint, (this.#busy.get(endpoint) ?? 0) + 1)
    try {
      await this.#attempt(claim)
    } finally {
      const left = (this.#busy.get(endpoint) ?? 1) - 1
      if (left > 0) this.#busy.set(endpoint, left)
      else this.#busy.delete(endpoint)
    }
  }

  async #attempt({ delivery, ...claim }: Claim): Promise<void> {
    // Only Work puts documents of these kinds, with these types.
    const endpoint = claim.endpoint as WebhookEndpoint | Deleted<'webhook_endpoint'> | undefined
    const record = claim.endpointRecord as EndpointRecord | undefined
    const event = claim.event as StripeEvent | undefined
    const { nowMs } = await this.#store.read(delivery.account)
    const startedAt = performance.now()
    const isSendable =
      endpoint !== undefined &&
      !('deleted' in endpoint) &&
      record !== undefined &&
      event !== undefined
    const result: SendResult = isSendable
      ? await this.#send(endpoint, record, event, delivery, Math.floor(nowMs / 1000))
      : { status: 0, note: 'The endpoint or the event no longer exists.' }
    const isTaken = result.status >= 200 && result.status < 300
    const failedAttempts = delivery.attempts.length + 1
    const wait = isSendable
      ? waitAfter(this.#options.profile, failedAttempts, this.#dice.next())
      : undefined
    await this.#outcomes.add({
      account: delivery.account,
      id: delivery.id,
      status: isTaken ? 'succeeded' : wait === undefined ? 'failed' : 'pending',
      nextAtMs: isTaken || wait === undefined ? delivery.nextAtMs : nowMs + wait,
      attempt: {
        atMs: nowMs,
        status: result.status,
        durationMs: Math.round(performance.now() - startedAt),
        note: result.note,
      },
    })
    // A short wait ends between two looks around; the sandbox's clock runs as fast as the real one.
    if (!isTaken && wait !== undefined && wait < POLL_MS)
      setTimeout(() => this.wake(), wait).unref()
    if (isSendable) await this.#noteHealth(delivery, record, isTaken, nowMs)
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
    setTimeout(resolve, ms).unref()
  })
}
