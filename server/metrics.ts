import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Figure } from './application.ts'

export const metricsPath = '/metrics'

/** Upper ends of the buckets of an answer's time, in seconds. */
const bucketEnds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/**
 * Counts requests by what they are, never by who or where: the labels are few and fixed, and no address, name or id is among
 * them.
 */
export class RequestFigures {
  readonly #counts = new Map<string, number>()
  readonly #buckets = bucketEnds.map(() => 0)
  #answered = 0
  #seconds = 0
  #open = 0

  /** Takes note of a request from its beginning to the end of its answer. */
  watch(request: IncomingMessage, response: ServerResponse, kind: 'webhook' | 'other'): void {
    const began = performance.now()
    this.#open++
    response.once('close', () => {
      this.#open--
      const seconds = (performance.now() - began) / 1000
      const method = ['GET', 'HEAD', 'POST'].includes(request.method ?? '')
        ? request.method
        : 'other'
      // An answer that was never begun was cut off by the visitor.
      const status = response.headersSent ? `${Math.floor(response.statusCode / 100)}xx` : 'cut off'
      const labels = `kind="${kind}",method="${method}",status="${status}"`
      this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1)
      this.#answered++
      this.#seconds += seconds
      bucketEnds.forEach((end, at) => {
        if (seconds <= end) this.#buckets[at] = (this.#buckets[at] ?? 0) + 1
      })
    })
  }

  lines(): string[] {
    return [
      '# TYPE sundry_requests_total counter',
      ...[...this.#counts].map(([labels, count]) => `sundry_requests_total{${labels}} ${count}`),
      '# TYPE sundry_requests_open gauge',
      `sundry_requests_open ${this.#open}`,
      '# TYPE sundry_request_seconds histogram',
      ...bucketEnds.map(
        (end, at) => `sundry_request_seconds_bucket{le="${end}"} ${this.#buckets[at]}`,
      ),
      `sundry_request_seconds_bucket{le="+Inf"} ${this.#answered}`,
      `sundry_request_seconds_sum ${this.#seconds}`,
      `sundry_request_seconds_count ${this.#answered}`,
    ]
  }
}

/** How late the process got to what was due; reset with every look, so that each tells of the time since the last. */
export function watchEventLoop(): { lines(): string[]; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  return {
    lines() {
      const seconds = (nanoseconds: number) =>
        Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0
      const lines = [
        '# TYPE sundry_event_loop_delay_seconds gauge',
        `sundry_event_loop_delay_seconds{quantile="0.5"} ${seconds(delay.percentile(50))}`,
        `sundry_event_loop_delay_seconds{quantile="0.99"} ${seconds(delay.percentile(99))}`,
        `sundry_event_loop_delay_seconds{quantile="1"} ${seconds(delay.max)}`,
      ]
      delay.reset()
      return lines
    },
    stop: () => delay.disable(),
  }
}

export function processLines(): string[] {
  const memory = process.memoryUsage()
  return [
    '# TYPE sundry_memory_bytes gauge',
    `sundry_memory_bytes{kind="resident"} ${memory.rss}`,
    `sundry_memory_bytes{kind="heap"} ${memory.heapUsed}`,
    '# TYPE sundry_uptime_seconds gauge',
    `sundry_uptime_seconds ${process.uptime()}`,
  ]
}

/** Figures of the application in Prometheus' text form; each name once with all its labels. */
export function figureLines(figures: readonly Figure[]): string[] {
  const names = [...new Set(figures.map((figure) => figure.name))]
  return names.flatMap((name) => [
    `# TYPE sundry_${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`,
    ...figures
      .filter((figure) => figure.name === name)
      .map(
        ({ label, value }) =>
          `sundry_${name}${label ? `{${label[0]}="${label[1]}"}` : ''} ${value}`,
      ),
  ])
}

/** Compares in constant time, whatever the lengths. */
export function mayReadMetrics(authorization: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`))
}
