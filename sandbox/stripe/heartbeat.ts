/** Told when something that goes on by itself fails, and when it works again. */
export type OnFault = (what: string, error: unknown) => void

/**
 * Does a job again and again, never twice at once: after each wait, and at once when asked. A job
 * that fails (the database is away) is reported once and tried again after the same wait.
 */
export class Heartbeat {
  readonly #what: string
  readonly #everyMs: number
  readonly #job: () => Promise<void>
  readonly #onFault: OnFault
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isAskedAgain = false
  #isFailing = false
  #isClosed = false

  constructor(given: {
    what: string
    everyMs: number
    job: () => Promise<void>
    onFault: OnFault
  }) {
    this.#what = given.what
    this.#everyMs = given.everyMs
    this.#job = given.job
    this.#onFault = given.onFault
    this.#timer = setTimeout(() => this.beat(), this.#everyMs)
  }

  /** Now; or right after the job that is running, which may have begun too early to see what is new. */
  beat(): void {
    if (this.#isClosed) return
    if (this.#running !== undefined) {
      this.#isAskedAgain = true
      return
    }
    clearTimeout(this.#timer)
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    do {
      this.#isAskedAgain = false
      try {
        await this.#job()
        this.#isFailing = false
      } catch (error) {
        if (!this.#isFailing && !this.#isClosed) this.#onFault(this.#what, error)
        this.#isFailing = true
      }
    } while (this.#isAskedAgain && !this.#isFailing && !this.#isClosed)
    this.#running = undefined
    if (!this.#isClosed) this.#timer = setTimeout(() => this.beat(), this.#everyMs)
  }
}
