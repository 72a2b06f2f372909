import http from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

export interface Backend {
  readonly port: number
}

/** One address for several processes, as a proxy gives it. */
export interface Front {
  readonly server: http.Server
  /** Processes that get nothing new right now. */
  readonly out: ReadonlySet<Backend>
  close(): void
}

const healthEveryMs = 1_000

/**
 * Hands requests out in turn on this port. asksReady: /readyz of each process is asked again and again, and who says no gets
 * nothing new, as docs/Caddyfile and the like do. Whoever cannot be reached is passed over; a request that was cut off in the
 * middle is its sender's to repeat.
 */
export function startFront(
  port: number,
  backends: () => readonly Backend[],
  { asksReady }: { readonly asksReady: boolean },
): Front {
  let turn = 0
  const out = new Set<Backend>()
  const end = new AbortController()
  const next = (): Backend | undefined => {
    const all = backends()
    const good = all.filter((one) => !out.has(one))
    const from = good.length > 0 ? good : all
    return from[turn++ % from.length]
  }
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => ask(backends().length))
    const ask = (tries: number) => {
      const backend = next()
      if (!backend) return response.destroy()
      const passed = http.request(
        {
          port: backend.port,
          host: '127.0.0.1',
          path: request.url,
          method: request.method,
          headers: request.headers,
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
          answer.on('error', () => response.destroy())
        },
      )
      passed.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && tries > 1) return ask(tries - 1)
        response.destroy()
      })
      passed.end(Buffer.concat(chunks))
    }
  })
  if (asksReady) void lookAfter()
  server.listen(port, '127.0.0.1')
  return {
    server,
    out,
    close() {
      end.abort()
      server.closeAllConnections()
      server.close()
    },
  }

  async function lookAfter(): Promise<void> {
    while (!end.signal.aborted) {
      for (const backend of backends()) {
        const isReady = await fetch(`http://127.0.0.1:${backend.port}/readyz`, {
          signal: AbortSignal.timeout(2_000),
        }).then(
          (answer) => answer.ok,
          () => false,
        )
        out[isReady ? 'delete' : 'add'](backend)
      }
      await pause(healthEveryMs, undefined, { signal: end.signal }).catch(() => undefined)
    }
  }
}
