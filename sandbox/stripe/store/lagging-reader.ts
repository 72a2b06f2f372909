import type { Doc, ListQuery, Page, Reader, Task } from './store.ts'

/** A reader whose lists do not yet show what is younger than `lagMs`, as a replica's would not. */
export class LaggingReader implements Reader {
  readonly #reader: Reader
  readonly #lagMs: number

  constructor(reader: Reader, lagMs: number) {
    this.#reader = reader
    this.#lagMs = lagMs
  }

  get account(): string {
    return this.#reader.account
  }

  get nowMs(): number {
    return this.#reader.nowMs
  }

  get(kind: string, id: string): Promise<Doc | undefined> {
    return this.#reader.get(kind, id)
  }

  list(kind: string, query: ListQuery): Promise<Page> {
    return this.#reader.list(kind, { ...query, insertedUntilMs: this.nowMs - this.#lagMs })
  }

  dueTasks(untilMs: number, limit: number): Promise<readonly Task[]> {
    return this.#reader.dueTasks(untilMs, limit)
  }
}
