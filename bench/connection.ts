import { connect, type Socket } from 'node:net'

/** An answer as it stood on the wire. */
export interface Reply {
  readonly status: number
  /** Status line and headers, without the blank line. */
  readonly head: string
  readonly body: Buffer
}

/** Nobody waits longer for one answer; a measurement then fails instead of hanging. */
const answerLimitMs = 15_000
const headEnd = Buffer.from('\r\n\r\n')

/**
 * One kept-alive HTTP/1.1 connection, one request at a time. Far cheaper than Node's own client, so that what is
 * measured is the server and not the load maker beside it.
 */
export class Connection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setTimeout(answerLimitMs, () => socket.destroy(new Error('No answer in time.')))
    socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
      this.#read()
    })
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')))
  }

  /** Only ever to this machine. */
  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  /** Sends a whole request; the one before must have been answered. Rejects when the connection breaks. */
  send(request: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#waiting) return reject(new Error('The request before is not answered yet.'))
      if (!this.#socket.writable) return reject(new Error('The connection is closed.'))
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  /** false once the server, or an error, has ended it. */
  get isOpen(): boolean {
    return this.#socket.writable
  }

  close(): void {
    this.#socket.destroy()
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }

  #read(): void {
    const end = this.#received.indexOf(headEnd)
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const body = this.#received.subarray(end + headEnd.length)
    const status = Number(head.slice(9, 12))
    const length = lengthOf(head, status)
    if (length !== 'chunked') {
      if (body.length < length) return
      return this.#answer({ status, head, body: body.subarray(0, length) }, end + 4 + length)
    }
    const read = readChunks(body)
    if (read) this.#answer({ status, head, body: read.body }, end + 4 + read.used)
  }

  #answer(reply: Reply, used: number): void {
    this.#received = this.#received.subarray(used)
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(reply)
  }
}

function lengthOf(head: string, status: number): number | 'chunked' {
  if (status === 204 || status === 304) return 0
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) return Number(length)
  return /\r\ntransfer-encoding: *chunked/i.test(head) ? 'chunked' : 0
}

function readChunks(bytes: Buffer): { body: Buffer; used: number } | undefined {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    const start = line + 2
    if (bytes.length < start + size + 2) return undefined
    if (size === 0) return { body: Buffer.concat(parts), used: start + 2 }
    parts.push(bytes.subarray(start, start + size))
    at = start + size + 2
  }
}

/** A request as bytes. headers: names and values without line ends; content-length is added for a body. */
export function requestBytes(
  method: 'GET' | 'POST',
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: Buffer | string,
): Buffer {
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const all = { ...headers, ...(bytes && { 'content-length': String(bytes.length) }) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return bytes ? Buffer.concat([head, bytes]) : head
}

/** A header of a reply; undefined when it is not there. */
export function headerOf(reply: Reply, name: string): string | undefined {
  const line = reply.head
    .split('\r\n')
    .find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`))
  return line?.slice(name.length + 1).trim()
}
