import type { RequestEntry, Task } from './store.ts'
import { isAbout } from './buffered-unit.ts'
import { MemoryDeliveries } from './memory-deliveries.ts'
import { MemoryTable } from './memory-table.ts'

/** State of one account. */
export class World {
  readonly #tables = new Map<string, MemoryTable>()
  /** Earliest first. */
  #tasks: Task[] = []
  deliveries = new MemoryDeliveries()
  requests: RequestEntry[] = []

  table(kind: string): MemoryTable {
    let table = this.#tables.get(kind)
    if (table === undefined) {
      table = new MemoryTable(kind)
      this.#tables.set(kind, table)
    }
    return table
  }

  get nextTask(): Task | undefined {
    return this.#tasks[0]
  }

  dueTasks(untilMs: number, limit: number): Task[] {
    const end = this.#firstAfter(untilMs)
    return this.#tasks.slice(0, Math.min(end, limit))
  }

  schedule(task: Task): void {
    this.#tasks.splice(this.#firstAfter(task.atMs), 0, task)
  }

  unschedule(target: string, type: string | undefined): void {
    for (let at = this.#tasks.length - 1; at >= 0; at -= 1) {
      const task = this.#tasks[at]
      if (task !== undefined && isAbout(task, target, type)) this.#tasks.splice(at, 1)
    }
  }

  copy(): World {
    const copy = new World()
    for (const [kind, table] of this.#tables) copy.#tables.set(kind, table.copy(kind))
    copy.#tasks = [...this.#tasks]
    copy.deliveries = this.deliveries.copy()
    copy.requests = [...this.requests]
    return copy
  }

  /** Position of the first task later than the instant. */
  #firstAfter(atMs: number): number {
    let low = 0
    let high = this.#tasks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#tasks[middle]?.atMs ?? 0) <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }
}
