import { AwsV4Signer } from 'aws4fetch'
import { createHash } from 'node:crypto'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { S3Address } from '#server/storage-address.ts'
import { s3Error, s3Refusal } from './s3-answers.ts'
import { StorageUnavailableError } from './storage-port.ts'

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** '' = the bucket itself. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

export interface S3Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** How long a store is waited for; tests shorten it. */
export interface S3Patience {
  /** Until an answer begins; the time a body takes to be sent comes on top. */
  readonly answerMs: number
  /** Between two pieces of an answer. */
  readonly silenceMs: number
  readonly tries: number
  /** The first pause between tries; each further one is twice as long, up to maxPauseMs. */
  readonly pauseMs: number
  readonly maxPauseMs: number
  /** Where names lead, when not to what the system says. */
  readonly lookup?: LookupFunction
}

export const usualPatience: S3Patience = {
  answerMs: 8_000,
  silenceMs: 30_000,
  tries: 4,
  pauseMs: 150,
  maxPauseMs: 3_000,
}

/** The slowest line that an upload is worth waiting for. */
const slowestBytesPerMs = 64
/** Answers that are read whole are lists and errors. */
const longestText = 8_000_000

export interface S3Client {
  readonly patience: S3Patience
  /**
   * Sends one signed request and returns the beginning of its answer, whose body the caller reads or destroys. What is worth
   * another try (no connection, 429, 5xx) is tried again with growing pauses; then, and when the store refuses the shop
   * itself, throws StorageUnavailableError. Other refusals (404, 412, 416) come back as answers.
   */
  open(request: S3Request): Promise<IncomingMessage>
  /** The same, with the answer read whole. A success that holds an error is tried again like a 500. */
  ask(request: S3Request): Promise<S3Answer>
}

export function s3Client(address: S3Address, patience: S3Patience): S3Client {
  const secure = address.isEncrypted
  const agent = new (secure ? https : http).Agent({ keepAlive: true, maxFreeSockets: 8 })
  const base = new URL(
    address.style === 'host'
      ? `${secure ? 'https' : 'http'}://${address.bucket}.${address.host}/`
      : `${secure ? 'https' : 'http'}://${address.host}/${address.bucket}/`,
  )

  async function signed(request: S3Request) {
    const url = new URL(base)
    // The bucket itself has no slash behind it where it is a part of the path.
    url.pathname =
      request.key === '' ? base.pathname.replace(/(?<=.)\/$/, '') : base.pathname + request.key
    for (const [name, value] of Object.entries(request.query ?? {}).toSorted(byName))
      url.searchParams.set(name, value)
    const signer = new AwsV4Signer({
      method: request.method,
      url: url.href,
      // The digest of what is sent is part of what is signed: a body changed on the way is refused.
      headers: {
        ...request.headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(request.body ?? '')
          .digest('hex'),
      },
      accessKeyId: address.accessKey,
      secretAccessKey: address.secretKey,
      service: 's3',
      region: address.region,
    })
    const { headers } = await signer.sign()
    const sent: Record<string, string> = { host: url.host }
    headers.forEach((value, name) => (sent[name] = value))
    if (request.body) sent['content-length'] = String(request.body.byteLength)
    return { url, headers: sent }
  }

  async function once(request: S3Request): Promise<IncomingMessage> {
    const { url, headers } = await signed(request)
    return new Promise((resolve, reject) => {
      const sending = (secure ? https : http).request(url, {
        method: request.method,
        headers,
        agent,
        ...(patience.lookup ? { lookup: patience.lookup } : {}),
      })
      const limitMs = patience.answerMs + (request.body?.byteLength ?? 0) / slowestBytesPerMs
      const timer = setTimeout(
        () => sending.destroy(new Error(`no answer within ${Math.round(limitMs / 1000)} s`)),
        limitMs,
      )
      sending.once('response', (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      sending.once('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      sending.end(request.body)
    })
  }

  /** Tries until `judge` takes an answer; it throws Again for what is worth another try. */
  async function trying<Result>(
    request: S3Request,
    judge: (answer: IncomingMessage) => Promise<Result>,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      let failure: string
      let pauseMs = Math.min(patience.pauseMs * 2 ** (attempt - 1), patience.maxPauseMs)
      try {
        return await judge(await once(request))
      } catch (error) {
        if (error instanceof StorageUnavailableError) throw error
        failure = error instanceof Error ? error.message : String(error)
        if (error instanceof Again && error.retryAfterMs)
          pauseMs = Math.min(error.retryAfterMs, patience.maxPauseMs)
      }
      if (attempt >= patience.tries)
        throw new StorageUnavailableError(
          'silent',
          `The store of files at ${address.host} does not answer: ${request.method} ${request.key || address.bucket} failed ${attempt} times, at last with: ${failure}`,
        )
      // Several processes that lost the store at one moment do not come back at one moment.
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)))
    }
  }

  /** Takes what is an answer to the request; throws for the rest. */
  async function judged(answer: IncomingMessage, request: S3Request): Promise<IncomingMessage> {
    const status = answer.statusCode ?? 0
    if (status < 300 || status === 304) return answer
    if (status === 404 || status === 412 || status === 416) {
      if (answer.headers['content-length'] === '0' || request.method === 'HEAD') return answer
      const text = await readText(answer, patience)
      if (s3Error(text).code === 'NoSuchBucket') throw refused('NoSuchBucket', status)
      return Object.assign(answer, { errorText: text })
    }
    const text = await readText(answer, patience)
    const { code } = s3Error(text)
    if (status === 429 || status >= 500 || code === 'RequestTimeout' || code === 'SlowDown')
      throw new Again(`${status} ${code}`, Number(answer.headers['retry-after']) * 1000)
    throw refused(code, status)
  }

  function refused(code: string, status: number): StorageUnavailableError {
    return new StorageUnavailableError('refused', s3Refusal(code, status, address))
  }

  return {
    patience,
    open: (request) => trying(request, (answer) => judged(answer, request)),
    ask: (request) =>
      trying(request, async (opened) => {
        const answer = await judged(opened, request)
        const text = errorTextOf(answer) ?? (await readText(answer, patience))
        // CompleteMultipartUpload answers 200 before it knows how it ends.
        if (answer.statusCode === 200 && /<Error>/.test(text))
          throw new Again(`200 ${s3Error(text).code}`)
        return { status: answer.statusCode ?? 0, headers: answer.headers, text }
      }),
  }
}

class Again extends Error {
  readonly retryAfterMs: number
  constructor(message: string, retryAfterMs = 0) {
    super(message)
    this.retryAfterMs = Number.isFinite(retryAfterMs) ? retryAfterMs : 0
  }
}

function errorTextOf(answer: IncomingMessage): string | undefined {
  return 'errorText' in answer && typeof answer.errorText === 'string'
    ? answer.errorText
    : undefined
}

async function readText(answer: IncomingMessage, patience: S3Patience): Promise<string> {
  const timer = setTimeout(
    () => answer.destroy(new Error('its answer stopped coming')),
    patience.silenceMs,
  )
  try {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength
      if (length > longestText) throw new Error('its answer is too long')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    clearTimeout(timer)
  }
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1
}
