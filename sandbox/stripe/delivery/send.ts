import type { IncomingMessage } from 'node:http'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** What came back: a status, or 0 with the reason when no answer came. */
export type SendResult = { status: number; note: string }

const NOTE_LENGTH = 500

/** Sends webhook messages over kept-open connections. */
export class Sender {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 64 })
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: 64 })
  readonly #timeoutMs: number

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** POSTs once. Redirects are not followed: Stripe counts them as failures. */
  async post(
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<SendResult> {
    const first = await this.#once(url, body, headers)
    // A kept connection that the endpoint closed meanwhile says nothing about the endpoint.
    return first.isStale ? this.#once(url, body, headers) : first
  }

  #once(
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<SendResult & { isStale: boolean }> {
    return new Promise((resolve) => {
      const isSecure = url.startsWith('https:')
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: isSecure ? this.#https : this.#http,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      })
      const timer = setTimeout(() => {
        request.destroy(new Error(`Timed out: no answer within ${this.#timeoutMs} ms`))
      }, this.#timeoutMs)
      const end = (status: number, note: string, isStale = false): void => {
        clearTimeout(timer)
        resolve({ status, note, isStale })
      }
      request.on('response', (response) => {
        readNote(response).then(
          (note) => end(response.statusCode ?? 0, note),
          (error: Error) => end(0, error.message),
        )
      })
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale =
          request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        end(0, error.message === '' ? (error.code ?? 'Connection failed') : error.message, isStale)
      })
      request.end(body)
    })
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }
}

/** The beginning of the answer's text; the rest is read and forgotten. */
async function readNote(response: IncomingMessage): Promise<string> {
  let note = ''
  response.setEncoding('utf8')
  for await (const chunk of response) if (note.length < NOTE_LENGTH) note += chunk
  return note.slice(0, NOTE_LENGTH)
}
