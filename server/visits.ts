/** Somebody who has just got a page will ask for its pictures, and then for the next. */
const momentMs = 250

/** Whether anybody looks at the shop at this moment. */
export class Visits {
  #lastAt = Number.NEGATIVE_INFINITY

  note(): void {
    this.#lastAt = performance.now()
  }

  areThere(): boolean {
    return performance.now() - this.#lastAt < momentMs
  }
}
