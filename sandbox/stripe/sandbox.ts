import type { AccountRecord } from './engine/account-record.ts'
import type { Chaos } from './chaos/chaos.ts'
import type { DeliveryProfile } from './delivery/profiles.ts'
import type { EngineSettings } from './engine/work.ts'
import type { RequestOrigin } from './engine/events.ts'
import type { Prefetch, RequestEntry, Store, Unit } from './store/store.ts'
import { ACCOUNT_RECORD_ID, newAccountRecord } from './engine/account-record.ts'
import { ApiError } from './api-error.ts'
import { absorb, BufferedUnit } from './store/buffered-unit.ts'
import { Dice, DiceBox } from './chaos/dice.ts'
import { Dispatcher } from './delivery/dispatcher.ts'
import { DEFAULT_RATE } from './delivery/profiles.ts'
import { allOperations } from './engine/operations.ts'
import { ANSWERS_KEPT_MS } from './engine/stored-answers.ts'
import { EVENTS_KEPT_MS } from './engine/event-operations.ts'
import { runTask } from './engine/tasks.ts'
import { changeEndpoint } from './engine/webhook-endpoints.ts'
import { Reading, Work } from './engine/work.ts'
import type { IdSource } from './ids.ts'
import { randomIds, seededIds } from './ids.ts'
import { RateLimit } from './http/rate-limit.ts'
import { Router } from './http/router.ts'
import { Scheduler } from './scheduler.ts'
import type { OnFault } from './heartbeat.ts'
import { Heartbeat } from './heartbeat.ts'
import { TaskQueue } from './store/task-queue.ts'
import { WatchedUnit } from './store/watched-unit.ts'
import { Stats } from './stats.ts'

const MAX_REQUESTS_KEPT = 2_000
const PRUNE_EVERY_MS = 60_000
const LOG_EVERY_MS = 200

/** How long an account's own record may be read from memory before it is looked up again. */
const RECORD_FRESH_MS = 1_000

const TASKS_AT_ONCE = 50

const OWN_RECORD = { kind: '_account', id: ACCOUNT_RECORD_ID }

/** With no request behind it: something fell due. */
const BY_ITSELF: RequestOrigin = { id: null, idempotencyKey: null }

/** After the clock moved, how long its caller waits for the deliveries that became due. */
const SETTLE_WITHIN_MS = 10_000

export type SandboxSetup = {
  store: Store
  publicUrl: string
  seed: number | undefined
  delivery: DeliveryProfile
  rateLimit: number | 'off' | undefined
  key: string | undefined
  parallelDeliveries: number
  deliveryTimeoutMs: number
  debitSettlesAfterMs: number
  refundSettlesAfterMs: number
  eventFaults: EngineSettings['eventFaults']
  onFault: OnFault
  /** In strict mode: what is wrong with an answer. */
  responseFaults:
    | ((method: string, pattern: string, status: number, body: unknown) => readonly string[])
    | undefined
}

/** A running sandbox without its doors: what API, pages and control have in common. */
export class Sandbox {
  readonly store: Store
  readonly settings: EngineSettings
  readonly setup: SandboxSetup
  readonly router: Router
  readonly rateLimit: RateLimit
  readonly dispatcher: Dispatcher
  readonly scheduler: Scheduler
  /** Idempotency keys of requests under way in this process. */
  readonly keysInUse = new Set<string>()
  readonly #stats = new Map<string, Stats>()
  readonly #records = new Map<string, { record: AccountRecord; at: number }>()
  readonly #ids: IdSource
  #log: RequestEntry[] = []
  readonly #heartbeats: readonly Heartbeat[]
  readonly #stopListening: () => void

  constructor(setup: SandboxSetup) {
    const { onFault } = setup
    this.setup = setup
    this.#ids = setup.seed === undefined ? randomIds() : seededIds(setup.seed, 'requests', 0)
    this.store = setup.store
    this.settings = {
      publicUrl: setup.publicUrl,
      seed: setup.seed,
      debitSettlesAfterMs: setup.debitSettlesAfterMs,
      refundSettlesAfterMs: setup.refundSettlesAfterMs,
      dice: new DiceBox(),
      ...(setup.eventFaults === undefined ? {} : { eventFaults: setup.eventFaults }),
    }
    this.router = new Router(
      allOperations((account) => (events) => this.store.undelivered(account, events)),
    )
    this.rateLimit = new RateLimit(setup.rateLimit ?? DEFAULT_RATE[setup.delivery])
    this.dispatcher = new Dispatcher({
      store: setup.store,
      options: {
        profile: setup.delivery,
        parallel: setup.parallelDeliveries,
        timeoutMs: setup.deliveryTimeoutMs,
      },
      dice: new Dice(setup.seed ?? 1),
      onFault,
      onEndpointFailing: (account, endpoint) => this.#disableEndpoint(account, endpoint),
    })
    this.scheduler = new Scheduler({
      store: setup.store,
      runDueOf: (account, untilMs) => this.#runDueTasks(account, untilMs),
      onFault,
    })
    this.#heartbeats = [
      new Heartbeat({
        what: 'Writing the request log',
        everyMs: LOG_EVERY_MS,
        job: () => this.flushLog(),
        onFault,
      }),
      new Heartbeat({
        what: 'Forgetting what is too old',
        everyMs: PRUNE_EVERY_MS,
        job: () => this.prune(),
        onFault,
      }),
    ]
    this.#stopListening = this.store.onClockMoved(() => {
      this.scheduler.wake()
      this.dispatcher.wake()
    })
    this.dispatcher.wake()
  }

  /** A new request's id. */
  requestId(): string {
    return this.#ids.next('req')
  }

  async reading(account: string): Promise<Reading> {
    return new Reading(await this.store.read(account), this.settings)
  }

  /**
   * One change to an account: alone in it, all or nothing, durable when it resolves. Deliveries and
   * tasks it caused are seen to afterwards.
   */
  async change<T>(
    account: string,
    origin: RequestOrigin,
    job: (work: Work) => Promise<T>,
  ): Promise<T> {
    return this.inUnit(account, [], async (unit) =>
      job(await Work.begin(unit, this.settings, origin)),
    )
  }

  /** The same with the bare unit; `prefetch` names what it will ask for. */
  async inUnit<T>(
    account: string,
    prefetch: Prefetch,
    job: (unit: Unit) => Promise<T>,
  ): Promise<T> {
    let watched: WatchedUnit | undefined
    const result = await this.store.write(account, [OWN_RECORD, ...prefetch], (unit) => {
      watched = new WatchedUnit(unit)
      return job(watched)
    })
    if (watched?.hasDeliveries === true) this.dispatcher.wake()
    if (watched?.hasDueTasks === true) this.scheduler.wake()
    return result
  }

  /** The account's own record, at most a second old. */
  async accountRecord(account: string): Promise<AccountRecord> {
    const known = this.#records.get(account)
    if (known !== undefined && Date.now() - known.at < RECORD_FRESH_MS) return known.record
    const reading = await this.reading(account)
    const record =
      (await reading.get('_account', ACCOUNT_RECORD_ID)) ?? newAccountRecord(reading.now)
    this.#records.set(account, { record, at: Date.now() })
    return record
  }

  /** Sets what goes wrong in an account from now on; its dice begin anew. */
  async setChaos(account: string, change: (chaos: Chaos, nowMs: number) => Chaos): Promise<Chaos> {
    const record = await this.change(account, BY_ITSELF, async (work) => {
      work.accountRecord = {
        ...work.accountRecord,
        chaos: change(work.accountRecord.chaos, work.nowMs),
        chaosVersion: work.accountRecord.chaosVersion + 1,
      }
      return work.accountRecord
    })
    this.#records.set(account, { record, at: Date.now() })
    return record.chaos
  }

  diceOf(account: string, record: AccountRecord): Dice {
    return this.settings.dice.of(account, record.chaos, record.chaosVersion)
  }

  /** The account's own record was changed: it is looked up again. */
  forgetRecord(account: string): void {
    this.#records.delete(account)
  }

  forget(account: string): void {
    this.#records.delete(account)
    this.#stats.delete(account)
  }

  stats(account: string): Stats {
    let stats = this.#stats.get(account)
    if (stats === undefined) {
      stats = new Stats()
      this.#stats.set(account, stats)
    }
    return stats
  }

  /** Moves the clock forward, runs what became due and waits (a while) until it was delivered. */
  async advance(byMs: number): Promise<void> {
    await this.scheduler.advance(byMs)
    await this.prune()
    await this.dispatcher.settled(await this.store.nowMs(), SETTLE_WITHIN_MS)
  }

  log(entry: RequestEntry): void {
    this.#log.push(entry)
  }

  async flushLog(): Promise<void> {
    if (this.#log.length === 0) return
    const entries = this.#log
    this.#log = []
    try {
      await this.store.logRequests(entries)
    } catch (error) {
      this.#log = [...entries, ...this.#log].slice(-MAX_REQUESTS_KEPT)
      throw error
    }
  }

  async prune(): Promise<void> {
    const nowMs = await this.store.nowMs()
    for (const account of await this.store.accounts())
      await this.store.prune({
        account,
        eventsBeforeMs: nowMs - EVENTS_KEPT_MS,
        answersBeforeMs: nowMs - ANSWERS_KEPT_MS,
        maxRequests: MAX_REQUESTS_KEPT,
      })
  }

  async close(): Promise<void> {
    for (const heartbeat of this.#heartbeats) await heartbeat.close()
    this.#stopListening()
    await this.scheduler.close()
    await this.dispatcher.close()
    await this.flushLog()
    await this.store.close()
  }

  async #runDueTasks(account: string, untilMs: number): Promise<void> {
    await this.store.write(account, [{ kind: '_account', id: ACCOUNT_RECORD_ID }], async (unit) => {
      const queue = new TaskQueue(await unit.dueTasks(untilMs, TASKS_AT_ONCE), TASKS_AT_ONCE)
      for (let task = queue.next(); task !== undefined; task = queue.next()) {
        const inner = new BufferedUnit(unit)
        // What fell due while the clock jumped happens at its own time.
        const work = await Work.begin(inner, this.settings, BY_ITSELF, task.atMs)
        try {
          await runTask(work, task)
        } catch (error) {
          // The world has moved on since this was planned (its object is gone or already
          // settled): there is nothing to do any more. Anything else is a fault of the sandbox.
          if (!(error instanceof ApiError)) throw error
          unit.unschedule(task.id)
          continue
        }
        queue.follow(inner.changes, untilMs)
        absorb(unit, inner)
      }
    })
    this.dispatcher.wake()
  }

  async #disableEndpoint(account: string, id: string): Promise<void> {
    await this.change(account, BY_ITSELF, async (work) => {
      const endpoint = await work.get('webhook_endpoint', id)
      if (endpoint !== undefined && !('deleted' in endpoint))
        changeEndpoint(work, endpoint, { status: 'disabled' })
    })
  }
}
