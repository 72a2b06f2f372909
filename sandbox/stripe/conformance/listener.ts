import { createServer } from 'node:http'

/** A shop's webhook door that takes everything. */
export interface Listener {
  url: string
  /** Ids of all events that ever arrived. */
  readonly ids: ReadonlySet<string>
  /** Bodies that arrived since the last call. */
  take(): unknown[]
  close(): Promise<void>
}

const maxBodyBytes = 1_000_000

export async function listen(): Promise<Listener> {
  const ids = new Set<string>()
  let bodies: unknown[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) request.destroy()
      else chunks.push(chunk)
    })
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      bodies.push(body)
      if (typeof body === 'object' && body !== null && 'id' in body) ids.add(String(body.id))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The listener has no port')
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/stripe`,
    ids,
    take() {
      const taken = bodies
      bodies = []
      return taken
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error ? reject(error) : resolve())),
      )
    },
  }
}
