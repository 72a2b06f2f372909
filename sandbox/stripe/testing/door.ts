import type { IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { performance } from 'node:perf_hooks'

export type Arrival = { body: string; headers: IncomingHttpHeaders; at: number }

/** A webhook door that remembers what came and answers as it is told. */
export type Door = {
  url: string
  readonly arrivals: readonly Arrival[]
  /** The parsed events that came, in order; bodies that are not JSON are left out. */
  events(): { id: string; type: string; livemode: boolean; api_version: string }[]
  /** Decides the status for each arrival from now on; 0 = hang up without an answer. */
  answerWith(status: (arrival: Arrival, nth: number) => number | Promise<number>): void
  forget(): void
  /** Waits until so many have come. */
  until(count: number, withinMs?: number): Promise<void>
  /** Most requests that were being answered at the same moment. */
  readonly mostAtOnce: number
  close(): Promise<void>
}

export async function openDoor(): Promise<Door> {
  let arrivals: Arrival[] = []
  let answer: (arrival: Arrival, nth: number) => number | Promise<number> = () => 200
  let now = 0
  let most = 0
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    now += 1
    most = Math.max(most, now)
    response.once('close', () => {
      now -= 1
    })
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const arrival = {
        body: Buffer.concat(chunks).toString('utf8'),
        headers: request.headers,
        at: performance.now(),
      }
      arrivals.push(arrival)
      for (const check of waiting) check()
      void Promise.resolve(answer(arrival, arrivals.length)).then((status) => {
        if (status === 0) request.socket.destroy()
        else response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ok')
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The door has no port')
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/stripe`,
    get arrivals() {
      return arrivals
    },
    get mostAtOnce() {
      return most
    },
    events() {
      return arrivals.flatMap(({ body }) => {
        try {
          return [JSON.parse(body)]
        } catch {
          return []
        }
      })
    },
    answerWith(status) {
      answer = status
    },
    forget() {
      arrivals = []
    },
    until(count, withinMs = 15_000) {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          if (arrivals.length < count) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve()
        }
        const timer = setTimeout(() => {
          waiting.delete(check)
          reject(new Error(`${arrivals.length} of ${count} deliveries came`))
        }, withinMs)
        waiting.add(check)
        check()
      })
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
