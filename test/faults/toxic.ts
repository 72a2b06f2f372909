import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import path from 'node:path'

/**
 * A wire between the program and what it speaks to, over which things go wrong: slow, down, silent, cut off in the middle, reset.
 * It knows nothing of what passes over it.
 */
export class Toxic {
  /** What each piece of bytes waits on its way, there and back, in milliseconds. */
  latencyMs = 0
  readonly #target: () => Socket
  readonly #pairs = new Set<{ near: Socket; far: Socket | undefined }>()
  #server: Server | undefined
  #port = 0
  #isSilent = false
  #cutAfterBytes: number | undefined

  /** target: opens a connection to the real thing. */
  constructor(target: () => Socket) {
    this.#target = target
  }

  static toPort(port: number): Toxic {
    return new Toxic(() => connect(port, '127.0.0.1'))
  }

  /** To the server of a database's address, by its port or its socket. */
  static toDatabase(url: string): Toxic {
    const { hostname, port, searchParams } = new URL(url)
    const folder = searchParams.get('host')
    return new Toxic(() =>
      folder
        ? connect(path.join(folder, `.s.PGSQL.${searchParams.get('port') || 5432}`))
        : connect(Number(port || 5432), hostname),
    )
  }

  get port(): number {
    return this.#port
  }

  /** The same database, by way of this wire. */
  databaseUrl(url: string): string {
    const { username, password, pathname } = new URL(url)
    return `postgres://${username || 'sundry'}${password ? `:${password}` : ''}@127.0.0.1:${this.#port}${pathname}`
  }

  /** Takes connections, at the same port each time. */
  async open(): Promise<this> {
    const server = createServer((near) => this.#take(near))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    // A server that listens on a port has an address of this form.
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** Connections are refused from now on, and those that stand are reset. */
  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.reset()
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  /** Nothing passes any more and nothing is closed, as when a machine loses its power; new connections are taken, and silent too. */
  hang(): void {
    this.#isSilent = true
  }

  /** Over connections that are made from now on everything passes again; of those that were silent nobody hears any more. */
  heal(): void {
    this.#isSilent = false
    this.latencyMs = 0
    this.#cutAfterBytes = undefined
  }

  /** Resets every connection that stands. */
  reset(): void {
    for (const pair of this.#pairs) destroy(pair)
  }

  /** Every connection is reset as soon as so many bytes of answers have passed over it from now on. */
  cutAfterBytes(bytes: number): void {
    this.#cutAfterBytes = bytes
  }

  #take(near: Socket): void {
    const far = this.#isSilent ? undefined : this.#target()
    const pair = { near, far }
    this.#pairs.add(pair)
    let isDeaf = this.#isSilent
    let answered = 0
    const pass = (to: Socket | undefined, bytes: Buffer) => {
      // Who was silent once stays so: what was lost on the way does not come later.
      isDeaf ||= this.#isSilent
      if (isDeaf || !to) return
      const send = () => to.writable && to.write(bytes)
      if (this.latencyMs > 0) setTimeout(send, this.latencyMs)
      else send()
    }
    const end = () => {
      if (isDeaf || this.#isSilent) return
      this.#pairs.delete(pair)
      // What is still on its way arrives first.
      setTimeout(() => destroy(pair), this.latencyMs)
    }
    near.on('data', (bytes) => pass(far, bytes))
    far?.on('data', (bytes) => {
      const limit = this.#cutAfterBytes
      answered += limit === undefined ? 0 : bytes.length
      if (limit !== undefined && answered > limit) {
        pass(near, bytes.subarray(0, Math.max(0, bytes.length - (answered - limit))))
        setTimeout(() => destroy(pair), this.latencyMs + 1)
      } else pass(near, bytes)
    })
    for (const socket of [near, far]) socket?.on('error', end).on('close', end)
  }
}

function destroy({ near, far }: { near: Socket; far: Socket | undefined }): void {
  if (!near.destroyed) near.resetAndDestroy()
  far?.destroy()
}
