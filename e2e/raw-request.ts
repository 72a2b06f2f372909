import { request as httpRequest } from 'node:http'
import { createConnection } from 'node:net'
import { expect } from '@playwright/test'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface RawRequest {
  readonly method?: string
  /** Sent as it stands: nothing is normalised, encoded or followed. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Sends the body in chunks, without saying how long it is. */
  readonly chunked?: boolean
}

/** Asks as no browser would. Resolves also when the server answers before it has read everything. */
export function ask(port: number, request: RawRequest): Promise<RawAnswer> {
  const { method = 'GET', path, headers = {}, body, chunked = false } = request
  const length = body === undefined ? 0 : Buffer.byteLength(body)
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        headers: {
          host: `localhost:${port}`,
          ...(body !== undefined && !chunked ? { 'content-length': String(length) } : {}),
          ...(chunked ? { 'transfer-encoding': 'chunked' } : {}),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        const finish = () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          })
        }
        response.on('end', finish)
        // Cut off after the answer: the server does not wait for the rest of a body it has refused.
        response.on('error', finish)
      },
    )
    sent.on('error', reject)
    sent.setTimeout(20_000, () => sent.destroy(new Error(`No answer to ${method} ${path}`)))
    if (body !== undefined) sent.write(body)
    sent.end()
  })
}

/** Writes these bytes to a connection and reads until the server closes it or falls silent after an answer. */
export function askWithBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(bytes))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.setTimeout(3_000, () => socket.destroy())
  })
}

/** A form as a browser of this shop would send it. */
export function form(
  port: number,
  path: string,
  fields: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  headers: Readonly<Record<string, string>> = {},
): RawRequest {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields)
  return {
    method: 'POST',
    path,
    body: new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: `http://localhost:${port}`,
      accept: 'text/html',
      ...headers,
    },
  }
}

/** What no answer may show: where the program lies, how it is built, what it asked the database. */
const insides =
  /node_modules|\.(?:ts|js|svelte|mjs):\d+|\n\s+at \S+ \(|file:\/\/|\bselect\b.+\bfrom\b|duplicate key|violates|syntax error at|ECONN|postgres/i

/** The answer refuses in words, gives nothing of the program away, and tells browsers not to guess. */
export function expectRefusal(answer: RawAnswer, what: string, statuses?: readonly number[]): void {
  const came = `${what} -> ${answer.status} ${String(answer.headers.location ?? '')}`
  if (statuses) expect(statuses, came).toContain(answer.status)
  else expect(answer.status, came).toBeGreaterThanOrEqual(400)
  expect(answer.status, came).toBeLessThan(500)
  const isPage = String(answer.headers['content-type'] ?? '').startsWith('text/html')
  const said = isPage ? (/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(answer.text)?.[1] ?? '') : answer.text
  expect(said.replace(/<[^>]*>/g, '').trim().length, `${what} says something`).toBeGreaterThan(4)
  expect(insides.exec(visible(answer.text))?.[0], `${what} shows its insides`).toBeUndefined()
}

/** What a reader would see; without the page's own scripts and styles, which name their files. */
function visible(text: string): string {
  return text
    .replace(/<script[\s\S]*?<\/script>/g, '')
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
}
