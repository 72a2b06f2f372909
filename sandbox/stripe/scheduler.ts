import type { Store } from './store/store.ts'
import type { OnFault } from './heartbeat.ts'
import { Heartbeat } from './heartbeat.ts'

/** How long nothing may pass before looking again for what another process planned. */
const POLL_MS = 1_000

/** A clock that jumps far goes in at most this many steps. */
const MAX_STEPS = 500

/**
 * Runs what falls due, by the sandbox's clock. `runDueOf` runs an account's tasks due at or before
 * an instant and says whether any were left.
 */
export class Scheduler {
  readonly #store: Store
  readonly #runDueOf: (account: string, untilMs: number) => Promise<void>
  readonly #heartbeat: Heartbeat
  #running: Promise<void> = Promise.resolve()

  constructor(given: {
    store: Store
    runDueOf: (account: string, untilMs: number) => Promise<void>
    onFault: OnFault
  }) {
    this.#store = given.store
    this.#runDueOf = given.runDueOf
    this.#heartbeat = new Heartbeat({
      what: 'Running what fell due',
      everyMs: POLL_MS,
      job: () => this.runDue(),
      onFault: given.onFault,
    })
  }

  /** Something may be due now. */
  wake(): void {
    this.#heartbeat.beat()
  }

  /** Runs everything due by now, after what is running already. */
  runDue(): Promise<void> {
    return this.#inTurn(async () => this.#runUntil(await this.#store.nowMs()))
  }

  /**
   * Moves the clock forward, stopping at each moment when something is due, so that work done on
   * the way carries its own time and nobody sees a later time before it.
   */
  advance(byMs: number): Promise<void> {
    return this.#inTurn(async () => {
      const startMs = await this.#store.nowMs()
      const startOffsetMs = await this.#store.offsetMs()
      const stepMs = byMs / MAX_STEPS
      let doneMs = 0
      for (;;) {
        const nextMs = await this.#store.nextTaskAtMs()
        if (nextMs === undefined || nextMs > startMs + byMs) break
        doneMs = Math.min(byMs, Math.max(nextMs - startMs, doneMs + stepMs))
        await this.#store.setOffsetMs(startOffsetMs + Math.ceil(doneMs))
        await this.#runUntil(startMs + Math.ceil(doneMs))
      }
      await this.#store.setOffsetMs(startOffsetMs + byMs)
    })
  }

  /** Back to real time. */
  reset(): Promise<void> {
    return this.#inTurn(() => this.#store.setOffsetMs(0))
  }

  async close(): Promise<void> {
    await this.#heartbeat.close()
    await this.#running
  }

  async #runUntil(untilMs: number): Promise<void> {
    for (;;) {
      const accounts = await this.#store.accountsWithDueTasks(untilMs)
      if (accounts.length === 0) return
      for (const account of accounts) await this.#runDueOf(account, untilMs)
    }
  }

  /** One at a time: the clock stands still for whoever works. */
  #inTurn(job: () => Promise<void>): Promise<void> {
    const turn = this.#running.then(job)
    this.#running = turn.catch(() => undefined)
    return turn
  }
}
