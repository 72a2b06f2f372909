import type { Delivery, Doc, ListQuery, Page, Task, Unit } from './store.ts'

/** A unit that remembers what has to be seen to when it is committed. */
export class WatchedUnit implements Unit {
  readonly #unit: Unit
  hasDeliveries = false
  hasDueTasks = false

  constructor(unit: Unit) {
    this.#unit = unit
  }

  get account(): string {
    return this.#unit.account
  }

  get nowMs(): number {
    return this.#unit.nowMs
  }

  get(kind: string, id: string): Promise<Doc | undefined> {
    return this.#unit.get(kind, id)
  }

  list(kind: string, query: ListQuery): Promise<Page> {
    return this.#unit.list(kind, query)
  }

  dueTasks(untilMs: number, limit: number): Promise<readonly Task[]> {
    return this.#unit.dueTasks(untilMs, limit)
  }

  put(kind: string, doc: Doc, options?: { listed?: boolean }): void {
    this.#unit.put(kind, doc, options)
  }

  deliver(delivery: Delivery): void {
    this.hasDeliveries = true
    this.#unit.deliver(delivery)
  }

  schedule(task: Task): void {
    if (task.atMs <= this.nowMs) this.hasDueTasks = true
    this.#unit.schedule(task)
  }

  unschedule(target: string, type?: string): void {
    this.#unit.unschedule(target, type)
  }
}
