import type { Changes } from './buffered-unit.ts'
import type {
  AccountId,
  Claim,
  Delivery,
  DeliveryFilter,
  DeliveryOutcome,
  Doc,
  ListQuery,
  Page,
  Prefetch,
  Reader,
  RequestEntry,
  Snapshot,
  Store,
  Task,
  Unit,
} from './store.ts'
import { BufferedUnit, isAbout } from './buffered-unit.ts'
import { World } from './memory-world.ts'

const MAX_SNAPSHOTS = 5

const MAX_ATTEMPTS_KEPT = 20

/** The store of tests and benchmarks: nothing outlives the process. */
export class MemoryStore implements Store {
  readonly #worlds = new Map<AccountId, World>()
  readonly #snapshots = new Map<AccountId, (Snapshot & { world: World })[]>()
  /** The writer whose turn it is in each account; the next one waits for it. */
  readonly #turns = new Map<AccountId, Promise<unknown>>()
  readonly #clockListeners = new Set<() => void>()
  readonly #realNowMs: () => number
  #offsetMs = 0
  #seq = 0

  constructor(realNowMs: () => number = Date.now) {
    this.#realNowMs = realNowMs
  }

  async write<T>(
    account: AccountId,
    _prefetch: Prefetch,
    job: (unit: Unit) => Promise<T>,
  ): Promise<T> {
    const turn = (this.#turns.get(account) ?? Promise.resolve()).then(async () => {
      const unit = new BufferedUnit(this.#reader(account))
      const result = await job(unit)
      this.#apply(account, unit)
      return result
    })
    // The next writer waits for this one whether it ends well or not.
    this.#turns.set(
      account,
      turn.catch(() => undefined),
    )
    return turn
  }

  async read(account: AccountId): Promise<Reader> {
    return this.#reader(account)
  }

  #world(account: AccountId): World {
    let world = this.#worlds.get(account)
    if (world === undefined) {
      world = new World()
      this.#worlds.set(account, world)
    }
    return world
  }

  #clockMs(): number {
    return this.#realNowMs() + this.#offsetMs
  }

  #reader(account: AccountId): Reader {
    const world = (): World => this.#world(account)
    return {
      account,
      nowMs: this.#clockMs(),
      async get(kind: string, id: string): Promise<Doc | undefined> {
        return world().table(kind).get(id)
      },
      async list(kind: string, query: ListQuery): Promise<Page> {
        return world()
          .table(kind)
          .list(query, (event) => world().isDelivered(event))
      },
      async dueTasks(untilMs: number, limit: number): Promise<readonly Task[]> {
        return world()
          .tasks.filter((task) => task.atMs <= untilMs)
          .slice(0, limit)
      },
    }
  }

  #apply(account: AccountId, unit: BufferedUnit): void {
    const world = this.#world(account)
    const changes: Changes = unit.changes
    for (const { kind, doc, listed } of changes.puts.values()) {
      this.#seq += 1
      world.table(kind).put(doc, listed, this.#seq, unit.nowMs)
    }
    for (const delivery of changes.deliveries) world.addDelivery(delivery)
    if (changes.unscheduled.length > 0)
      world.tasks = world.tasks.filter(
        (task) => !changes.unscheduled.some((one) => isAbout(task, one.object, one.type)),
      )
    if (changes.scheduled.length > 0)
      world.tasks = [...world.tasks, ...changes.scheduled].sort((a, b) => a.atMs - b.atMs)
  }

  async accountOf(kind: string, id: string): Promise<AccountId | undefined> {
    for (const [account, world] of this.#worlds)
      if (world.table(kind).get(id) !== undefined) return account
    return undefined
  }

  async accounts(): Promise<readonly AccountId[]> {
    return [...this.#worlds.keys()]
  }

  async nowMs(): Promise<number> {
    return this.#clockMs()
  }

  async offsetMs(): Promise<number> {
    return this.#offsetMs
  }

  async setOffsetMs(offsetMs: number): Promise<void> {
    this.#offsetMs = offsetMs
    for (const listener of this.#clockListeners) listener()
  }

  onClockMoved(listener: () => void): () => void {
    this.#clockListeners.add(listener)
    return () => this.#clockListeners.delete(listener)
  }

  async accountsWithDueTasks(untilMs: number): Promise<readonly AccountId[]> {
    const due: AccountId[] = []
    for (const [account, world] of this.#worlds)
      if ((world.tasks[0]?.atMs ?? Infinity) <= untilMs) due.push(account)
    return due
  }

  async nextTaskAtMs(): Promise<number | undefined> {
    let next: number | undefined
    for (const world of this.#worlds.values()) {
      const at = world.tasks[0]?.atMs
      if (at !== undefined && (next === undefined || at < next)) next = at
    }
    return next
  }

  async claimDeliveries(request: {
    untilMs: number
    perEndpoint: number
    busy: ReadonlyMap<string, number>
    leaseMs: number
    only?: readonly string[]
  }): Promise<readonly Claim[]> {
    const now = this.#realNowMs()
    const taken = new Map(request.busy)
    const claimed: Claim[] = []
    for (const world of this.#worlds.values()) {
      const due = [...world.deliveries.values()]
        .filter(
          (one) =>
            one.status === 'pending' &&
            !one.held &&
            (request.only === undefined
              ? one.nextAtMs <= request.untilMs
              : request.only.includes(one.id)) &&
            (world.leases.get(one.id) ?? 0) <= now,
        )
        .sort((a, b) => a.nextAtMs - b.nextAtMs)
      for (const one of due) {
        const busy = taken.get(one.endpoint) ?? 0
        if (busy >= request.perEndpoint) continue
        taken.set(one.endpoint, busy + 1)
        world.leases.set(one.id, now + request.leaseMs)
        claimed.push({
          delivery: one,
          event: world.table('event').get(one.event),
          endpoint: world.table('webhook_endpoint').get(one.endpoint),
          endpointRecord: world.table('_endpoint').get(one.endpoint),
        })
      }
    }
    return claimed
  }

  async recordOutcomes(outcomes: readonly DeliveryOutcome[]): Promise<void> {
    for (const outcome of outcomes) {
      const world = this.#world(outcome.account)
      const delivery = world.deliveries.get(outcome.id)
      world.leases.delete(outcome.id)
      if (delivery === undefined || delivery.status !== 'pending') continue
      world.deliveries.set(outcome.id, {
        ...delivery,
        status: outcome.status,
        nextAtMs: outcome.nextAtMs,
        attempts: [...delivery.attempts, outcome.attempt].slice(-MAX_ATTEMPTS_KEPT),
      })
    }
  }

  async deliveries(account: AccountId, filter: DeliveryFilter): Promise<readonly Delivery[]> {
    const found: Delivery[] = []
    for (const one of [...this.#world(account).deliveries.values()].reverse()) {
      if (found.length >= filter.limit) break
      if (filter.status !== undefined && one.status !== filter.status) continue
      if (filter.held !== undefined && one.held !== filter.held) continue
      if (filter.event !== undefined && one.event !== filter.event) continue
      if (filter.endpoint !== undefined && one.endpoint !== filter.endpoint) continue
      found.push(one)
    }
    return found
  }

  async delivery(account: AccountId, id: string): Promise<Delivery | undefined> {
    return this.#world(account).deliveries.get(id)
  }

  async undelivered(
    account: AccountId,
    events: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const world = this.#world(account)
    const counts = new Map<string, number>()
    for (const event of events) {
      const open = (world.byEvent.get(event) ?? []).filter(
        (id) => world.deliveries.get(id)?.status !== 'succeeded',
      )
      if (open.length > 0) counts.set(event, open.length)
    }
    return counts
  }

  async release(account: AccountId, atMs: number): Promise<number> {
    const world = this.#world(account)
    let released = 0
    for (const one of world.deliveries.values()) {
      if (!one.held || one.status !== 'pending') continue
      world.deliveries.set(one.id, {
        ...one,
        held: false,
        nextAtMs: Math.min(one.nextAtMs, atMs),
      })
      released += 1
    }
    return released
  }

  async dueDeliveries(untilMs: number): Promise<number> {
    let due = 0
    for (const world of this.#worlds.values())
      for (const one of world.deliveries.values())
        if (one.status === 'pending' && !one.held && one.nextAtMs <= untilMs) due += 1
    return due
  }

  async logRequests(entries: readonly RequestEntry[]): Promise<void> {
    for (const entry of entries) this.#world(entry.account).requests.push(entry)
  }

  async requests(account: AccountId, limit: number): Promise<readonly RequestEntry[]> {
    return this.#world(account).requests.slice(-limit).reverse()
  }

  async prune(limits: {
    account: AccountId
    eventsBeforeMs: number
    answersBeforeMs: number
    maxRequests: number
  }): Promise<void> {
    const world = this.#world(limits.account)
    world.table('_answer').pruneBefore(Math.floor(limits.answersBeforeMs / 1000))
    for (const event of world
      .table('event')
      .pruneBefore(Math.floor(limits.eventsBeforeMs / 1000))) {
      for (const id of world.byEvent.get(event) ?? []) {
        world.deliveries.delete(id)
        world.leases.delete(id)
      }
      world.byEvent.delete(event)
    }
    if (world.requests.length > limits.maxRequests)
      world.requests = world.requests.slice(-limits.maxRequests)
  }

  async reset(account: AccountId): Promise<void> {
    await this.#alone(account, () => {
      this.#worlds.delete(account)
    })
  }

  async snapshot(account: AccountId, id: string): Promise<Snapshot> {
    return this.#alone(account, () => {
      const snapshot = { id, takenAtMs: this.#clockMs(), world: this.#world(account).copy() }
      const kept = [...(this.#snapshots.get(account) ?? []), snapshot].slice(-MAX_SNAPSHOTS)
      this.#snapshots.set(account, kept)
      return { id, takenAtMs: snapshot.takenAtMs }
    })
  }

  async restore(account: AccountId, id: string): Promise<boolean> {
    return this.#alone(account, () => {
      const snapshot = this.#snapshots.get(account)?.find((one) => one.id === id)
      if (snapshot === undefined) return false
      this.#worlds.set(account, snapshot.world.copy())
      return true
    })
  }

  /** Between two writers of the account. */
  async #alone<T>(account: AccountId, job: () => T): Promise<T> {
    return this.write(account, [], async () => job())
  }

  async close(): Promise<void> {
    await Promise.all(this.#turns.values())
  }
}
