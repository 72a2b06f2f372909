import type { Delivery, Doc, ListQuery, Page, Reader, Task, Unit } from './store.ts'
import { satisfies } from './conditions.ts'

export type PutDoc = { kind: string; doc: Doc; listed: boolean }

/** Everything one unit of work wants written, in the order it was asked for. */
export type Changes = {
  puts: Map<string, PutDoc>
  deliveries: Delivery[]
  scheduled: Task[]
  unscheduled: { object: string; type: string | undefined }[]
}

/**
 * A unit of work over any reader: reads see its own writes, and writes are only collected. Units
 * nest (a request inside a batch of requests), so a request that is refused is simply not absorbed.
 */
export class BufferedUnit implements Unit {
  readonly account: string
  readonly nowMs: number
  readonly #base: Reader
  readonly changes: Changes = {
    puts: new Map(),
    deliveries: [],
    scheduled: [],
    unscheduled: [],
  }

  constructor(base: Reader, nowMs = base.nowMs) {
    this.#base = base
    this.account = base.account
    this.nowMs = nowMs
  }

  async get(kind: string, id: string): Promise<Doc | undefined> {
    const own = this.changes.puts.get(keyOf(kind, id))
    return own === undefined ? this.#base.get(kind, id) : own.doc
  }

  /** Own writes are merged in by asking the base for as many more as own writes could replace. */
  async list(kind: string, query: ListQuery): Promise<Page> {
    const own = [...this.changes.puts.values()].filter((put) => put.kind === kind)
    if (own.length === 0) return this.#base.list(kind, query)
    if (query.after !== undefined || query.before !== undefined)
      throw new Error('Paging through a list that the same unit of work has written to')
    const base = await this.#base.list(kind, { ...query, limit: query.limit + own.length })
    const replaced = new Set(own.map((put) => put.doc.id))
    const kept = base.data.filter((doc) => !replaced.has(doc.id))
    const matching = own
      .filter((put) => put.listed && inQuery(put.doc, query))
      .map((put) => put.doc)
      .reverse()
    // Own documents come first among those of the same second: they were put last.
    const merged = [...matching, ...kept].sort((a, b) => createdOf(b) - createdOf(a))
    return {
      data: merged.slice(0, query.limit),
      hasMore: merged.length > query.limit || base.hasMore,
    }
  }

  async dueTasks(untilMs: number, limit: number): Promise<readonly Task[]> {
    const base = await this.#base.dueTasks(untilMs, limit)
    const own = this.changes.scheduled.filter((task) => task.atMs <= untilMs)
    return [...base.filter((task) => !this.#isCalledOff(task)), ...own]
      .sort((a, b) => a.atMs - b.atMs)
      .slice(0, limit)
  }

  put(kind: string, doc: Doc, options: { listed?: boolean } = {}): void {
    const key = keyOf(kind, doc.id)
    this.changes.puts.set(key, { kind, doc, listed: options.listed ?? true })
  }

  deliver(delivery: Delivery): void {
    this.changes.deliveries.push(delivery)
  }

  schedule(task: Task): void {
    this.changes.scheduled.push(task)
  }

  unschedule(object: string, type?: string): void {
    this.changes.unscheduled.push({ object, type })
    this.changes.scheduled = this.changes.scheduled.filter((task) => !isAbout(task, object, type))
  }

  /** Takes over what an inner unit collected. */
  absorb(inner: Changes): void {
    for (const { object, type } of inner.unscheduled) this.unschedule(object, type)
    for (const [key, put] of inner.puts) this.changes.puts.set(key, put)
    this.changes.deliveries.push(...inner.deliveries)
    this.changes.scheduled.push(...inner.scheduled)
  }

  #isCalledOff(task: Task): boolean {
    return this.changes.unscheduled.some((one) => isAbout(task, one.object, one.type))
  }
}

/** Whether calling off `target` (an object's id or the task's own) calls off this task. */
export function isAbout(task: Task, target: string, type: string | undefined): boolean {
  return (
    (task.object === target || task.id === target) && (type === undefined || task.type === type)
  )
}

export function isEmpty(changes: Changes): boolean {
  return (
    changes.puts.size === 0 &&
    changes.deliveries.length === 0 &&
    changes.scheduled.length === 0 &&
    changes.unscheduled.length === 0
  )
}

function keyOf(kind: string, id: string): string {
  return `${kind} ${id}`
}

export function createdOf(doc: Doc): number {
  return typeof doc['created'] === 'number' ? doc['created'] : 0
}

function inQuery(doc: Doc, query: ListQuery): boolean {
  const created = createdOf(doc)
  if (query.createdFrom !== undefined && created < query.createdFrom) return false
  if (query.createdTo !== undefined && created > query.createdTo) return false
  return (query.conditions ?? []).every((condition) => satisfies(doc, condition))
}

/** Takes over what an inner unit collected into the unit around it. */
export function absorb(outer: Unit, inner: BufferedUnit): void {
  for (const { object, type } of inner.changes.unscheduled) outer.unschedule(object, type)
  for (const { kind, doc, listed } of inner.changes.puts.values()) outer.put(kind, doc, { listed })
  for (const delivery of inner.changes.deliveries) outer.deliver(delivery)
  for (const task of inner.changes.scheduled) outer.schedule(task)
}
