import type { Delivery, DeliveryFilter, DeliveryOutcome } from './store.ts'

const MAX_ATTEMPTS_KEPT = 20

/** The deliveries of one account. Those that wait are kept apart: they are looked through often. */
export class MemoryDeliveries {
  readonly #all = new Map<string, Delivery>()
  readonly #pending = new Map<string, Delivery>()
  readonly #byEvent = new Map<string, string[]>()
  /** Real time until which one is with whoever took it. */
  readonly #leases = new Map<string, number>()

  add(delivery: Delivery): void {
    this.#set(delivery)
    const siblings = this.#byEvent.get(delivery.event)
    if (siblings === undefined) this.#byEvent.set(delivery.event, [delivery.id])
    else siblings.push(delivery.id)
  }

  /**
   * Takes those that are due, earliest first, as many as each endpoint has room for.
   * @param taken how many are under way at each endpoint; counted up
   */
  claim(
    request: { untilMs: number; perEndpoint: number; leaseMs: number; only?: readonly string[] },
    taken: Map<string, number>,
    realNowMs: number,
  ): Delivery[] {
    const chosen = new Map<string, Delivery[]>()
    for (const one of this.#pending.values()) {
      const isWanted =
        request.only === undefined ? one.nextAtMs <= request.untilMs : request.only.includes(one.id)
      if (!isWanted || one.held || (this.#leases.get(one.id) ?? 0) > realNowMs) continue
      const room = request.perEndpoint - (taken.get(one.endpoint) ?? 0)
      keepEarliest(chosen, one, room)
    }
    const claimed = [...chosen.values()].flat().sort((a, b) => a.nextAtMs - b.nextAtMs)
    for (const one of claimed) {
      taken.set(one.endpoint, (taken.get(one.endpoint) ?? 0) + 1)
      this.#leases.set(one.id, realNowMs + request.leaseMs)
    }
    return claimed
  }

  record(outcome: DeliveryOutcome): void {
    this.#leases.delete(outcome.id)
    const delivery = this.#pending.get(outcome.id)
    if (delivery === undefined) return
    this.#set({
      ...delivery,
      status: outcome.status,
      nextAtMs: outcome.nextAtMs,
      attempts: [...delivery.attempts, outcome.attempt].slice(-MAX_ATTEMPTS_KEPT),
    })
  }

  get(id: string): Delivery | undefined {
    return this.#all.get(id)
  }

  list(filter: DeliveryFilter): Delivery[] {
    const found: Delivery[] = []
    for (const one of [...this.#all.values()].reverse()) {
      if (found.length >= filter.limit) break
      if (filter.status !== undefined && one.status !== filter.status) continue
      if (filter.held !== undefined && one.held !== filter.held) continue
      if (filter.event !== undefined && one.event !== filter.event) continue
      if (filter.endpoint !== undefined && one.endpoint !== filter.endpoint) continue
      found.push(one)
    }
    return found
  }

  /** How many of an event's deliveries have not succeeded. */
  openOf(event: string): number {
    const ids = this.#byEvent.get(event) ?? []
    return ids.filter((id) => this.#all.get(id)?.status !== 'succeeded').length
  }

  release(atMs: number): number {
    let released = 0
    for (const one of this.#pending.values()) {
      if (!one.held) continue
      this.#set({ ...one, held: false, nextAtMs: Math.min(one.nextAtMs, atMs) })
      released += 1
    }
    return released
  }

  due(untilMs: number): number {
    let due = 0
    for (const one of this.#pending.values()) if (!one.held && one.nextAtMs <= untilMs) due += 1
    return due
  }

  forgetEvent(event: string): void {
    for (const id of this.#byEvent.get(event) ?? []) {
      this.#all.delete(id)
      this.#pending.delete(id)
      this.#leases.delete(id)
    }
    this.#byEvent.delete(event)
  }

  /** Without the leases: what is under way belongs to the world that is copied. */
  copy(): MemoryDeliveries {
    const copy = new MemoryDeliveries()
    for (const delivery of this.#all.values()) copy.add(delivery)
    return copy
  }

  #set(delivery: Delivery): void {
    this.#all.set(delivery.id, delivery)
    if (delivery.status === 'pending') this.#pending.set(delivery.id, delivery)
    else this.#pending.delete(delivery.id)
  }
}

/** Keeps the `room` earliest of an endpoint; those of the same time in the order they came. */
function keepEarliest(chosen: Map<string, Delivery[]>, one: Delivery, room: number): void {
  if (room <= 0) return
  const kept = chosen.get(one.endpoint) ?? []
  chosen.set(one.endpoint, kept)
  const last = kept.at(-1)
  if (kept.length >= room && last !== undefined && one.nextAtMs >= last.nextAtMs) return
  let at = kept.length
  for (let before = kept[at - 1]; before !== undefined && before.nextAtMs > one.nextAtMs;) {
    at -= 1
    before = kept[at - 1]
  }
  kept.splice(at, 0, one)
  if (kept.length > room) kept.pop()
}
