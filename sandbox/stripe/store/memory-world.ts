import type { Delivery, RequestEntry, Task } from './store.ts'
import { MemoryTable } from './memory-table.ts'

/** State of one account. */
export class World {
  readonly tables = new Map<string, MemoryTable>()
  tasks: Task[] = []
  readonly deliveries = new Map<string, Delivery>()
  /** Ids of deliveries by event, for `delivered` lists. */
  readonly byEvent = new Map<string, string[]>()
  readonly leases = new Map<string, number>()
  requests: RequestEntry[] = []

  table(kind: string): MemoryTable {
    let table = this.tables.get(kind)
    if (table === undefined) {
      table = new MemoryTable(kind)
      this.tables.set(kind, table)
    }
    return table
  }

  isDelivered(event: string): boolean {
    return (this.byEvent.get(event) ?? []).every(
      (id) => this.deliveries.get(id)?.status === 'succeeded',
    )
  }

  addDelivery(delivery: Delivery): void {
    this.deliveries.set(delivery.id, delivery)
    const siblings = this.byEvent.get(delivery.event)
    if (siblings === undefined) this.byEvent.set(delivery.event, [delivery.id])
    else siblings.push(delivery.id)
  }

  copy(): World {
    const copy = new World()
    for (const [kind, table] of this.tables) copy.tables.set(kind, table.copy(kind))
    copy.tasks = [...this.tasks]
    for (const delivery of this.deliveries.values()) copy.addDelivery(delivery)
    copy.requests = [...this.requests]
    return copy
  }
}
