import type { DeliveryOutcome, Store } from '../store/store.ts'

type Waiting = { outcome: DeliveryOutcome; resolve: () => void; reject: (error: unknown) => void }

/** Writes outcomes down, those that come while one write is under way together in the next. */
export class OutcomeWriter {
  readonly #store: Store
  #waiting: Waiting[] = []
  #isWriting = false

  constructor(store: Store) {
    this.#store = store
  }

  /** Resolves when the outcome is kept. */
  add(outcome: DeliveryOutcome): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ outcome, resolve, reject })
      if (!this.#isWriting) void this.#writeAll()
    })
  }

  /** Never rejects: what goes wrong is told to those who wait. */
  async #writeAll(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#store.recordOutcomes(batch.map((one) => one.outcome))
        for (const one of batch) one.resolve()
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    this.#isWriting = false
  }
}
