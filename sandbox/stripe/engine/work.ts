import type { DiceBox } from '../chaos/dice.ts'
import type { IdPrefix, IdSource } from '../ids.ts'
import type { ClockRecord } from './objects/test-clock.ts'
import type { Doc, ListQuery, Reader, Unit } from '../store/store.ts'
import type { AccountRecord } from './account-record.ts'
import type { EventType, RequestOrigin, Snapshotted } from './events.ts'
import type { Kind, Kinds } from './kinds.ts'
import { ApiError, invalidRequest, noSuchObject, noSuchPathObject } from '../api-error.ts'
import { planDeliveries } from '../delivery/plan.ts'
import { randomIds, seededIds } from '../ids.ts'
import { absorb, BufferedUnit, isAbout } from '../store/buffered-unit.ts'
import { ACCOUNT_RECORD_ID, newAccountRecord } from './account-record.ts'
import { eventOf } from './events.ts'

/** What the whole sandbox has in common, whatever the account. */
export type EngineSettings = {
  /** Base of the hosted pages, without a slash at the end. */
  publicUrl: string
  seed: number | undefined
  /** Sandbox time until a bank debit is settled. */
  debitSettlesAfterMs: number
  /** Sandbox time until a pending refund succeeds, or a succeeded one fails. */
  refundSettlesAfterMs: number
  dice: DiceBox
  /** In strict mode: what is wrong with an event object. */
  eventFaults?: (event: Doc) => readonly string[]
}

/** Reading one account with the kinds' own types. */
export class Reading {
  readonly reader: Reader
  readonly settings: EngineSettings
  /** Sandbox clock in milliseconds. */
  readonly nowMs: number

  constructor(reader: Reader, settings: EngineSettings, nowMs = reader.nowMs) {
    this.reader = reader
    this.settings = settings
    this.nowMs = nowMs
  }

  get account(): string {
    return this.reader.account
  }

  /** Sandbox clock in unix seconds, as objects carry it. */
  get now(): number {
    return Math.floor(this.nowMs / 1000)
  }

  async get<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined> {
    const doc = await this.reader.get(kind, id)
    // Only Work.put writes documents, and it takes the kind's own type.
    return doc as Kinds[K] | undefined
  }

  /** The object a path names; ApiError 404 when there is none. */
  async atPath<K extends Kind>(kind: K, id: string, param: string): Promise<Kinds[K]> {
    const doc = await this.get(kind, id)
    if (doc === undefined) throw noSuchPathObject(kind, id, param)
    return doc
  }

  /** The object a parameter names; ApiError 400 when there is none. */
  async named<K extends Kind>(kind: K, id: string, param: string): Promise<Kinds[K]> {
    const doc = await this.get(kind, id)
    if (doc === undefined) throw noSuchObject(kind, id, param)
    return doc
  }

  async list<K extends Kind>(
    kind: K,
    query: ListQuery,
  ): Promise<{ data: readonly Kinds[K][]; hasMore: boolean }> {
    const page = await this.reader.list(kind, query)
    // As in get: what is listed under a kind was put under it.
    return { data: page.data as readonly Kinds[K][], hasMore: page.hasMore }
  }
}

/** What all the works of one unit have in common, whatever clock each of them goes by. */
type Core = {
  readonly unit: Unit
  readonly origin: RequestOrigin
  readonly ids: IdSource
  /** Deliveries planned by this work, for those who must wait for them. */
  readonly planned: string[]
  /** Milliseconds of the account's clock: when events happen, whatever clock their object goes by. */
  readonly accountNowMs: number
  readonly clocks: Map<string, Work>
  record: AccountRecord
  isSilent: boolean
}

/** One unit of work on one account: reading, writing, events and what is to be done later. */
export class Work extends Reading {
  readonly #core: Core
  #clock: ClockRecord | undefined

  private constructor(core: Core, settings: EngineSettings, nowMs: number, clock?: ClockRecord) {
    super(core.unit, settings, nowMs)
    this.#core = core
    this.#clock = clock
  }

  /** `nowMs` is given when work is done for a moment that has already passed (a due task). */
  static async begin(
    unit: Unit,
    settings: EngineSettings,
    origin: RequestOrigin,
    nowMs = unit.nowMs,
  ): Promise<Work> {
    const known = await unit.get('_account', ACCOUNT_RECORD_ID)
    // Put by this class only.
    const found = known as AccountRecord | undefined
    const record = found ?? newAccountRecord(Math.floor(nowMs / 1000))
    if (found === undefined) unit.put('_account', record)
    const ids =
      settings.seed === undefined
        ? randomIds()
        : seededIds(settings.seed, unit.account, record.idsDrawn)
    return new Work(
      {
        unit,
        origin,
        ids,
        planned: [],
        accountNowMs: nowMs,
        clocks: new Map(),
        record,
        isSilent: false,
      },
      settings,
      nowMs,
    )
  }

  /**
   * The same work by a test clock: its objects carry the clock's time, and what it plans for later
   * waits for the clock. By the account's clock again when null.
   * @param atMs an instant on the clock's way, for what falls due while it advances
   */
  async onClock(id: string | null, atMs?: number): Promise<Work> {
    if (id === null || (id === this.#clock?.id && atMs === undefined)) return this
    const known = this.#core.clocks.get(id)
    if (known !== undefined && (atMs === undefined || atMs === known.nowMs)) return known
    const clock = await this.named('test_helpers.test_clock', id, 'test_clock')
    if ('deleted' in clock) throw noSuchObject('test_clock', id, 'test_clock')
    if (clock.status === 'advancing' && atMs === undefined)
      throw invalidRequest(
        'The test clock of this object is advancing. Nothing that goes by it can be changed until it is ready.',
        { code: 'test_clock_advancing' },
      )
    const record =
      (known === undefined ? undefined : known.#clock) ??
      (await this.named('_clock', id, 'test_clock'))
    const work = new Work(this.#core, this.settings, atMs ?? clock.frozen_time * 1000, record)
    this.#core.clocks.set(id, work)
    return work
  }

  /**
   * Does a job whose object may have moved on since it was planned: what the API would refuse leaves
   * nothing behind and stops nothing.
   */
  async trying(job: (work: Work) => Promise<unknown>): Promise<void> {
    const unit = new BufferedUnit(this.#core.unit)
    const core: Core = { ...this.#core, unit, clocks: new Map() }
    try {
      await job(new Work(core, this.settings, this.nowMs, this.#clock))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return
    }
    absorb(this.#core.unit, unit)
    this.#core.record = core.record
    this.#core.clocks.clear()
  }

  /** What would come of a job, of which nothing is kept and nobody is told. */
  async rehearse<T>(job: (work: Work) => Promise<T>, atMs = this.nowMs): Promise<T> {
    const core: Core = {
      ...this.#core,
      unit: new BufferedUnit(this.#core.unit),
      ids: randomIds(),
      planned: [],
      clocks: new Map(),
      isSilent: true,
    }
    const work = new Work(core, { ...this.settings, seed: undefined }, atMs, this.#clock)
    if (this.#clock !== undefined) core.clocks.set(this.#clock.id, work)
    return job(work)
  }

  /** Deliveries planned by this work, for those who must wait for them. */
  get planned(): readonly string[] {
    return this.#core.planned
  }

  get accountRecord(): AccountRecord {
    return this.#core.record
  }

  set accountRecord(record: AccountRecord) {
    this.#core.record = record
    this.put('_account', record)
  }

  id(prefix: IdPrefix): string {
    const id = this.#core.ids.next(prefix)
    if (this.settings.seed !== undefined)
      this.accountRecord = { ...this.#core.record, idsDrawn: this.#core.ids.drawn }
    return id
  }

  put<K extends Kind, D extends Kinds[K]>(kind: K, doc: D, options: { listed?: boolean } = {}): D {
    this.#core.unit.put(kind, doc, options)
    return doc
  }

  /**
   * Records that something happened, in the same step as the change itself, and plans its way to
   * every endpoint that wants to know. `previous` is the object before, for `*.updated`.
   */
  emit(type: EventType, object: Snapshotted, previous?: Snapshotted): void {
    if (this.#core.isSilent) return
    const routes = this.#core.record.routes.filter((route) => wants(route.enabledEvents, type))
    const event = eventOf({
      id: this.id('evt'),
      type,
      object,
      previous,
      created: Math.floor(this.#core.accountNowMs / 1000),
      origin: this.#core.origin,
      pendingWebhooks: routes.length,
    })
    const faults = this.settings.eventFaults?.(event) ?? []
    if (faults.length > 0)
      throw new Error(`Event ${type} is not as Stripe describes it: ${faults.join('; ')}`)
    this.put('event', event)
    const { chaos, chaosVersion } = this.#core.record
    for (const delivery of planDeliveries({
      account: this.account,
      event,
      endpoints: routes.map((route) => route.endpoint),
      nowMs: this.#core.accountNowMs,
      chaos: chaos.deliveries,
      dice: this.settings.dice.of(this.account, chaos, chaosVersion),
      newId: () => this.id('dlv'),
    })) {
      this.#core.unit.deliver(delivery)
      if (delivery.status === 'pending') this.#core.planned.push(delivery.id)
    }
  }

  /** From here on this work tells nobody what it does: as if its events were lost for ever. */
  keepSilent(): void {
    this.#core.isSilent = true
  }

  /** Puts an object and says so when that changed anything: `*.updated` with what it was before. */
  update<K extends Kind>(kind: K, type: EventType, before: Kinds[K], after: Kinds[K]): Kinds[K] {
    if (JSON.stringify(before) === JSON.stringify(after)) return before
    this.put(kind, after)
    this.emit(type, after, before)
    return after
  }

  /** Puts a document whose shape the caller answers for, telling nobody. */
  putSilently(kind: Kind, doc: Doc): void {
    this.#core.unit.put(kind, doc)
  }

  /** Plans something, by the clock this work goes by. */
  later(atMs: number, type: string, object: string): void {
    const task = { id: this.id('task'), atMs, type, object }
    if (this.#clock === undefined) this.#core.unit.schedule(task)
    else this.#keepTasks([...this.#clock.tasks, task])
  }

  callOff(target: string, type?: string): void {
    if (this.#clock === undefined) this.#core.unit.unschedule(target, type)
    else this.#keepTasks(this.#clock.tasks.filter((task) => !isAbout(task, target, type)))
  }

  #keepTasks(tasks: ClockRecord['tasks']): void {
    if (this.#clock === undefined) throw new Error('This work goes by no test clock')
    this.#clock = { ...this.#clock, tasks }
    this.put('_clock', this.#clock)
  }
}

/** Whether an endpoint's list of event names covers a type. */
export function wants(enabledEvents: readonly string[], type: string): boolean {
  return enabledEvents.includes('*') || enabledEvents.includes(type)
}
