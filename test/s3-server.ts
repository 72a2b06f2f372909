import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import S3rver from 's3rver'
import { expectedSignature, sha256, type Keys } from './signature-check.ts'

// A store that speaks S3, over the wire. s3rver keeps the objects; it takes any signature, any body, and knows neither the list nor
// the end of uploads in parts, takes the range 0-0 for the whole and heeds no If-Match. This front checks signatures and digests as a
// real store does, adds what is missing, and fails on demand.

export interface StoreRequest {
  readonly method: string
  readonly target: string
  readonly bytes: number
}

/** What becomes of a request, asked before it is worked on. undefined: as usual. */
export type Fault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly code?: string
      readonly retryAfter?: string
    }
  /** The connection is cut before anything is done. */
  | { readonly kind: 'cut' }
  /** It is done, and the connection is cut before the answer. */
  | { readonly kind: 'lose_answer' }
  /** Nothing is ever answered. */
  | { readonly kind: 'hang' }
  /** The answer's body is cut after so many bytes. */
  | { readonly kind: 'cut_body'; readonly afterBytes: number }
  /** The answer's body stops after so many bytes, the connection stays. */
  | { readonly kind: 'stall_body'; readonly afterBytes: number }
  /** A byte of the request is changed on its way. */
  | { readonly kind: 'tamper' }
  /** Done in part, answered 200 with an error inside. */
  | { readonly kind: 'error_in_200' }
  | undefined

export interface S3Server {
  readonly host: string
  readonly bucket: string
  readonly keys: Keys
  /** As STORAGE_URL says it. */
  url(prefix?: string, secretKey?: string): string
  /** Every request that came, in order. */
  readonly requests: StoreRequest[]
  fault: (request: StoreRequest) => Fault
  /** Where s3rver keeps an object: to damage it, or to make it look old. */
  objectFile(key: string): string
  /** Makes an object or all unfinished uploads look that old. */
  age(key: string, at: Date): void
  /** Uploads in parts that are neither completed nor ended. */
  uploads(): string[]
  ageUploads(at: Date): void
  /** Stops answering; open() answers again at the same address. */
  shut(): Promise<void>
  open(): Promise<void>
  close(): Promise<void>
}

const skewMs = 15 * 60_000
const leastPartBytes = 5 * 1024 * 1024

export async function startS3Server(): Promise<S3Server> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'sundry-s3-'))
  const bucket = 'files'
  const behind = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket, configs: [] }],
  })
  const { port: innerPort } = await behind.run()
  const keys = { accessKey: 'AKIDEXAMPLE', secretKey: 'a/secret+of:the=tests' }
  const requests: StoreRequest[] = []
  const uploadsFolder = path.join(directory, bucket, '._S3rver_uploads')
  let turn: Promise<unknown> = Promise.resolve()

  const answers = http.createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      const seen = {
        method: request.method ?? '',
        target: request.url ?? '',
        bytes: body.byteLength,
      }
      requests.push(seen)
      const fault = server.fault(seen)
      if (fault?.kind === 'hang') return
      if (fault?.kind === 'cut') return void request.socket.destroy()
      if (fault?.kind === 'status') {
        if (fault.retryAfter) response.setHeader('retry-after', fault.retryAfter)
        return refuse(response, fault.status, fault.code ?? 'InternalError')
      }
      const sent =
        fault?.kind === 'tamper' && body.byteLength > 0
          ? Buffer.concat([Buffer.from([(body[0] ?? 0) ^ 1]), body.subarray(1)])
          : body
      // One after the other: what s3rver is still writing is never read.
      const work = turn.then(() => answer(request, response, sent, fault))
      turn = work.catch(() => undefined)
      await work
    })().catch(() => response.destroy())
  })

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    fault: Fault,
  ) {
    const target = await admitted(request, response, body)
    if (target === undefined) return
    const url = new URL(target, 'http://store.test')
    const uploadId = url.searchParams.get('uploadId')
    const folder = uploadId === null ? undefined : path.join(uploadsFolder, path.basename(uploadId))
    if (folder !== undefined && !existsSync(folder)) return refuse(response, 404, 'NoSuchUpload')
    if (request.method === 'GET' && url.searchParams.has('uploads'))
      return listUploads(response, url.searchParams.get('prefix') ?? '')
    if (request.method === 'DELETE' && folder !== undefined) {
      rmSync(folder, { recursive: true })
      return void response.writeHead(204).end()
    }
    if (request.method === 'POST' && folder !== undefined) {
      if (fault?.kind === 'error_in_200')
        return void response.writeHead(200).end('<Error><Code>InternalError</Code></Error>')
      const sizes = readdirSync(folder)
        .filter((name) => /^\d+$/.test(name))
        .toSorted((one, other) => Number(one) - Number(other))
        .map((name) => statSync(path.join(folder, name)).size)
      if (sizes.slice(0, -1).some((size) => size < leastPartBytes))
        return refuse(response, 400, 'EntityTooSmall')
    }
    await forward(request, response, target, body, fault)
  }

  /** The path-style target of a request that is signed with the keys, for what it carries; otherwise it is refused. */
  async function admitted(request: IncomingMessage, response: ServerResponse, body: Buffer) {
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value)
    const target = request.url ?? ''
    const signature = expectedSignature({ method: request.method ?? '', target, headers }, keys)
    if (!signature) return refuse(response, 403, 'AccessDenied')
    if (signature.accessKey !== keys.accessKey) return refuse(response, 403, 'InvalidAccessKeyId')
    if (signature.region !== 'us-east-1')
      return refuse(response, 400, 'AuthorizationHeaderMalformed')
    const amazonHeaders = Object.keys(headers).filter((name) => name.startsWith('x-amz-'))
    if (
      signature.given !== signature.expected ||
      !['host', ...amazonHeaders].every((name) => signature.signedHeaders.includes(name))
    )
      return refuse(response, 403, 'SignatureDoesNotMatch')
    const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date'] ?? '')
    const [, year, month, day, hour, minute, second] = (at ?? []).map(Number)
    const signedAt = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
    if (Math.abs(signedAt - Date.now()) > skewMs)
      return refuse(response, 403, 'RequestTimeTooSkewed')
    if (headers['x-amz-content-sha256'] !== sha256(body))
      return refuse(response, 400, 'XAmzContentSHA256Mismatch')
    const inHost = new RegExp(`^${bucket}\\.`).test(headers.host ?? '')
    const inPath = inHost ? `/${bucket}${target === '/' ? '' : target}` : target
    if (inPath.split(/[/?]/)[1] !== bucket) return refuse(response, 404, 'NoSuchBucket')
    return inPath
  }

  function listUploads(response: ServerResponse, prefix: string) {
    const found = server.uploads().flatMap((id) => {
      const key = readFileSync(path.join(uploadsFolder, id, 'key'), 'utf8')
      const initiated = statSync(path.join(uploadsFolder, id)).mtime.toISOString()
      return key.startsWith(prefix)
        ? [
            `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated}</Initiated></Upload>`,
          ]
        : []
    })
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(
        `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${found.join('')}</ListMultipartUploadsResult>`,
      )
  }

  function forward(
    request: IncomingMessage,
    response: ServerResponse,
    target: string,
    body: Buffer,
    fault: Fault,
  ) {
    const { authorization: _, range, 'if-match': ifMatch, ...headers } = request.headers
    return new Promise<void>((resolve, reject) => {
      const passing = http.request(
        {
          port: innerPort,
          host: '127.0.0.1',
          method: request.method,
          path: target,
          headers: { ...headers, host: '127.0.0.1' },
        },
        (inner) => {
          void buffer(inner).then((text) => {
            resolve()
            if (fault?.kind === 'lose_answer') return void request.socket.destroy()
            const { 'transfer-encoding': __, connection: ___, ...told } = inner.headers
            if (ifMatch !== undefined && ifMatch !== told.etag)
              return refuse(response, 412, 'PreconditionFailed')
            let [status, sent] = [inner.statusCode ?? 500, text]
            const part = /^bytes=(\d+)-(\d+)$/.exec(range ?? '')
            if (part && status === 200) {
              const [start, end] = [Number(part[1]), Math.min(Number(part[2]), text.length - 1)]
              if (start >= text.length) return refuse(response, 416, 'InvalidRange')
              told['content-range'] = `bytes ${start}-${end}/${text.length}`
              sent = text.subarray(start, end + 1)
              told['content-length'] = String(sent.length)
              status = 206
            }
            response.writeHead(status, told)
            if (fault?.kind !== 'cut_body' && fault?.kind !== 'stall_body')
              return void response.end(sent)
            response.write(sent.subarray(0, fault.afterBytes), () => {
              if (fault.kind === 'cut_body') request.socket.destroy()
            })
          }, reject)
        },
      )
      passing.once('error', reject)
      passing.end(body)
    })
  }

  let port = 0
  const server: S3Server = {
    get host() {
      return `127.0.0.1:${port}`
    },
    bucket,
    keys,
    url(prefix = '', secretKey = keys.secretKey) {
      return `s3://${keys.accessKey}:${secretKey}@${server.host}/${bucket}${prefix === '' ? '' : `/${prefix}`}?tls=off`
    },
    requests,
    fault: () => undefined,
    objectFile: (key) => path.join(directory, bucket, `${key}._S3rver_object`),
    age: (key, at) => utimesSync(server.objectFile(key), at, at),
    uploads: () => (existsSync(uploadsFolder) ? readdirSync(uploadsFolder) : []),
    ageUploads(at) {
      for (const id of server.uploads()) utimesSync(path.join(uploadsFolder, id), at, at)
    },
    async shut() {
      answers.closeAllConnections()
      await new Promise((closed) => answers.close(closed))
    },
    async open() {
      answers.listen(port, '127.0.0.1')
      await once(answers, 'listening')
      // A server that listens on a port has an address of this form.
      port = (answers.address() as AddressInfo).port
    },
    async close() {
      if (answers.listening) await server.shut()
      await behind.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await server.open()
  return server
}

function refuse(response: ServerResponse, status: number, code: string): undefined {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>refused</Message></Error>`,
    )
  return undefined
}
