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
import { BufferedUnit } from './buffered-unit.ts'
import { World } from './memory-world.ts'

const MAX_SNAPSHOTS = 5

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
          .list(query, (event) => world().deliveries.openOf(event) === 0)
      },
      async dueTasks(untilMs: number, limit: number): Promise<readonly Task[]> {
        return world().dueTasks(untilMs, limit)
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
    for (const delivery of changes.deliveries) world.deliveries.add(delivery)
    for (const { object, type } of changes.unscheduled) world.unschedule(object, type)
    for (const task of changes.scheduled) world.schedule(task)
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
      if ((world.nextTask?.atMs ?? Infinity) <= untilMs) due.push(account)
    return due
  }

  async nextTaskAtMs(): Promise<number | undefined> {
    let next: number | undefined
    for (const world of this.#worlds.values()) {
      const at = world.nextTask?.atMs
      if (at !== undefined && (next === undefined || at < next)) next = at
    }
    return next
  }

  async claimDeliveries(request: {
    untilMs?: number
    perEndpoint: number
    busy: ReadonlyMap<string, number>
    leaseMs: number
    only?: readonly string[]
  }): Promise<readonly Claim[]> {
    const taken = new Map(request.busy)
    const wanted = { ...request, untilMs: request.untilMs ?? this.#clockMs() }
    const claimed: Claim[] = []
    for (const world of this.#worlds.values())
      for (const delivery of world.deliveries.claim(wanted, taken, this.#realNowMs()))
        claimed.push({
          delivery,
          event: world.table('event').get(delivery.event),
          endpoint: world.table('webhook_endpoint').get(delivery.endpoint),
          endpointRecord: world.table('_endpoint').get(delivery.endpoint),
        })
    return claimed
  }

  async recordOutcomes(outcomes: readonly DeliveryOutcome[]): Promise<void> {
    for (const outcome of outcomes) this.#world(outcome.account).deliveries.record(outcome)
  }

  async deliveries(account: AccountId, filter: DeliveryFilter): Promise<readonly Delivery[]> {
    return this.#world(account).deliveries.list(filter)
  }

  async delivery(account: AccountId, id: string): Promise<Delivery | undefined> {
    return this.#world(account).deliveries.get(id)
  }

  async undelivered(
    account: AccountId,
    events: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const { deliveries } = this.#world(account)
    const counts = events.map((event): [string, number] => [event, deliveries.openOf(event)])
    return new Map(counts.filter(([, open]) => open > 0))
  }

  async release(account: AccountId, atMs: number): Promise<number> {
    return this.#world(account).deliveries.release(atMs)
  }

  async dueDeliveries(untilMs: number): Promise<number> {
    let due = 0
    for (const world of this.#worlds.values()) due += world.deliveries.due(untilMs)
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
    const events = world.table('event').pruneBefore(Math.floor(limits.eventsBeforeMs / 1000))
    for (const event of events) world.deliveries.forgetEvent(event)
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
