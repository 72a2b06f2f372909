/** Counts of what this process was asked, since it started or was reset. */
export type StatsReport = {
  requests: number
  max_concurrent: number
  max_per_second: number
  rate_limited: number
  by_status: Readonly<Record<string, number>>
  endpoints: Readonly<
    Record<string, { calls: number; errors: number; max_per_second: number; mean_ms: number }>
  >
}

type Counter = { calls: number; errors: number; totalMs: number; perSecond: PerSecond }
type PerSecond = { second: number; count: number; most: number }

/** Counts requests of one account. */
export class Stats {
  readonly #endpoints = new Map<string, Counter>()
  readonly #byStatus = new Map<number, number>()
  readonly #all: PerSecond = { second: 0, count: 0, most: 0 }
  #requests = 0
  #concurrent = 0
  #maxConcurrent = 0

  /** @param atMs real time */
  begin(route: string, atMs: number): void {
    this.#requests += 1
    this.#concurrent += 1
    this.#maxConcurrent = Math.max(this.#maxConcurrent, this.#concurrent)
    countSecond(this.#all, atMs)
    const counter = this.#counter(route)
    counter.calls += 1
    countSecond(counter.perSecond, atMs)
  }

  end(route: string, status: number, durationMs: number): void {
    this.#concurrent -= 1
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1)
    const counter = this.#counter(route)
    counter.totalMs += durationMs
    if (status >= 400) counter.errors += 1
  }

  report(): StatsReport {
    return {
      requests: this.#requests,
      max_concurrent: this.#maxConcurrent,
      max_per_second: this.#all.most,
      rate_limited: this.#byStatus.get(429) ?? 0,
      by_status: Object.fromEntries(this.#byStatus),
      endpoints: Object.fromEntries(
        [...this.#endpoints].map(([route, counter]) => [
          route,
          {
            calls: counter.calls,
            errors: counter.errors,
            max_per_second: counter.perSecond.most,
            mean_ms: Math.round((counter.totalMs / Math.max(1, counter.calls)) * 100) / 100,
          },
        ]),
      ),
    }
  }

  #counter(route: string): Counter {
    let counter = this.#endpoints.get(route)
    if (counter === undefined) {
      counter = { calls: 0, errors: 0, totalMs: 0, perSecond: { second: 0, count: 0, most: 0 } }
      this.#endpoints.set(route, counter)
    }
    return counter
  }
}

function countSecond(per: PerSecond, atMs: number): void {
  const second = Math.floor(atMs / 1000)
  if (second !== per.second) {
    per.second = second
    per.count = 0
  }
  per.count += 1
  per.most = Math.max(per.most, per.count)
}
