/** Somebody who has just got a page will ask for its pictures, and then for the next. */
const momentMs = 250

/** Whether anybody looks at the shop at this moment. */
export class Visits {
  readonly #now: () => number
  #lastAt = Number.NEGATIVE_INFINITY

  /** now: in ms, from any beginning. */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  note(): void {
    this.#lastAt = this.#now()
  }

  areThere(): boolean {
    return this.#now() - this.#lastAt < momentMs
  }
}
