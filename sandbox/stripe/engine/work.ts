import type { DiceBox } from '../chaos/dice.ts'
import type { IdPrefix, IdSource } from '../ids.ts'
import type { Doc, ListQuery, Reader, Unit } from '../store/store.ts'
import type { AccountRecord } from './account-record.ts'
import type { EventType, RequestOrigin, Snapshotted } from './events.ts'
import type { Kind, Kinds } from './kinds.ts'
import { noSuchObject, noSuchPathObject } from '../api-error.ts'
import { planDeliveries } from '../delivery/plan.ts'
import { randomIds, seededIds } from '../ids.ts'
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

/** One unit of work on one account: reading, writing, events and what is to be done later. */
export class Work extends Reading {
  readonly #unit: Unit
  readonly #origin: RequestOrigin
  readonly #ids: IdSource
  #record: AccountRecord
  #isSilent = false
  /** Deliveries planned by this work, for those who must wait for them. */
  readonly planned: string[] = []

  private constructor(
    unit: Unit,
    settings: EngineSettings,
    origin: RequestOrigin,
    record: AccountRecord,
    nowMs: number,
  ) {
    super(unit, settings, nowMs)
    this.#unit = unit
    this.#origin = origin
    this.#record = record
    this.#ids =
      settings.seed === undefined
        ? randomIds()
        : seededIds(settings.seed, unit.account, record.idsDrawn)
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
    const record = known as AccountRecord | undefined
    if (record !== undefined) return new Work(unit, settings, origin, record, nowMs)
    const first = newAccountRecord(Math.floor(nowMs / 1000))
    unit.put('_account', first)
    return new Work(unit, settings, origin, first, nowMs)
  }

  get accountRecord(): AccountRecord {
    return this.#record
  }

  set accountRecord(record: AccountRecord) {
    this.#record = record
    this.put('_account', record)
  }

  id(prefix: IdPrefix): string {
    const id = this.#ids.next(prefix)
    if (this.settings.seed !== undefined)
      this.accountRecord = { ...this.#record, idsDrawn: this.#ids.drawn }
    return id
  }

  put<K extends Kind, D extends Kinds[K]>(kind: K, doc: D, options: { listed?: boolean } = {}): D {
    this.#unit.put(kind, doc, options)
    return doc
  }

  /**
   * Records that something happened, in the same step as the change itself, and plans its way to
   * every endpoint that wants to know. `previous` is the object before, for `*.updated`.
   */
  emit(type: EventType, object: Snapshotted, previous?: Snapshotted): void {
    if (this.#isSilent) return
    const routes = this.#record.routes.filter((route) => wants(route.enabledEvents, type))
    const event = eventOf({
      id: this.id('evt'),
      type,
      object,
      previous,
      created: this.now,
      origin: this.#origin,
      pendingWebhooks: routes.length,
    })
    const faults = this.settings.eventFaults?.(event) ?? []
    if (faults.length > 0)
      throw new Error(`Event ${type} is not as Stripe describes it: ${faults.join('; ')}`)
    this.put('event', event)
    const { chaos, chaosVersion } = this.#record
    for (const delivery of planDeliveries({
      account: this.account,
      event,
      endpoints: routes.map((route) => route.endpoint),
      nowMs: this.nowMs,
      chaos: chaos.deliveries,
      dice: this.settings.dice.of(this.account, chaos, chaosVersion),
      newId: () => this.id('dlv'),
    })) {
      this.#unit.deliver(delivery)
      if (delivery.status === 'pending') this.planned.push(delivery.id)
    }
  }

  /** From here on this work tells nobody what it does: as if its events were lost for ever. */
  keepSilent(): void {
    this.#isSilent = true
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
    this.#unit.put(kind, doc)
  }

  later(atMs: number, type: string, object: string): void {
    this.#unit.schedule({ id: this.id('task'), atMs, type, object })
  }

  callOff(target: string, type?: string): void {
    this.#unit.unschedule(target, type)
  }
}

/** Whether an endpoint's list of event names covers a type. */
export function wants(enabledEvents: readonly string[], type: string): boolean {
  return enabledEvents.includes('*') || enabledEvents.includes(type)
}
