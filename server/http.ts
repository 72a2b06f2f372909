import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { application } from './application.ts'
import { forwarded, publicPageHeader } from './forwarded.ts'
import { etagOf, finishPage, KeptPages, type KeptPage } from './kept-pages.ts'
import {
  figureLines,
  mayReadMetrics,
  metricsPath,
  processLines,
  RequestFigures,
  watchEventLoop,
} from './metrics.ts'
import { accepts, holdsAlready, type Coding } from './negotiation.ts'
import type { Settings } from './settings.ts'
import { answerBusy, endTurnWith, shareOf, Shares } from './shares.ts'
import type { Visits } from './visits.ts'
import { takeWebhook, webhookPath } from './webhook.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A request with one of these cookies may get a page of its own. */
const personalCookie = /(?:^|;\s*)(?:__Host-)?sundry[._-]/

/** Largest body by the kind of address; a file's bytes go to storage as they come and are limited there. */
const bodyLimits: readonly (readonly [RegExp, number])[] = [
  [/^\/admin\/(?:products\/[^/]+\/files(?:\/|$)|setup\/product$)/, 6_000_000_000],
  [/^\/(?:admin|dashboard\/settings)(?:\/|$)/, 20_000_000],
  [/^\/webhooks\//, 1_000_000],
  [/^\/api\//, 8_000],
  [/^/, 256_000],
]

/** Asked by software of any origin, which names no person: docs/licences.md; and by a mailbox's own button to stop mails (RFC 8058). */
const openArea = /^\/(?:api\/licences|newsletter\/leave|comments\/mail-off)\//

const compressible = /^(?:text\/|application\/(?:json|xml|ld\+json|javascript)|image\/svg\+xml)/
const compressFrom = 1_000

/**
 * The HTTP server in front of the application: one public address, body limits, request ids, compression,
 * validators, kept public pages, and turns when more is asked than can be done. Serves /healthz, /readyz and Stripe's webhook by itself.
 */
export function createHttpServer(
  settings: Settings,
  handle: Handler,
  /** Names of the scripts, styles and fonts the application has by itself; undefined: all that are asked for. */
  assets?: ReadonlySet<string>,
  visits?: Visits,
): { server: Server; startDraining(): void } {
  const pages = new KeptPages()
  const origin = new URL(settings.origin)
  let draining = false
  const token = settings.metricsToken
  const requests = new RequestFigures()
  const shares = new Shares()
  const eventLoop = token === undefined ? undefined : watchEventLoop()

  const server = createServer(
    { headersTimeout: 15_000, requestTimeout: 0, keepAliveTimeout: 65_000 },
    (request, response) => {
      const requestId = randomUUID()
      response.setHeader('x-request-id', requestId)
      if (draining) response.setHeader('connection', 'close')
      const address = request.url ?? '/'
      const pathname = address.split('?', 1)[0] ?? '/'

      if (token !== undefined) {
        if (pathname === metricsPath) {
          if (!mayReadMetrics(request.headers.authorization, token))
            return answer(response, 401, 'The metrics open with their token alone.\n')
          void metrics([
            ...requests.lines(),
            ...shares.lines(),
            ...(eventLoop?.lines() ?? []),
          ]).then((text) => answer(response, 200, text))
          return
        }
        requests.watch(request, response, pathname === webhookPath ? 'webhook' : 'other')
      }
      if (pathname === '/healthz') return answer(response, 200, 'ok\n')
      if (pathname === '/readyz') {
        void (
          draining ? Promise.resolve(false) : Promise.resolve(application()?.isReady() ?? false)
        ).then((ready) => answer(response, ready ? 200 : 503, ready ? 'ready\n' : 'not ready\n'))
        return
      }
      if (!isReadable(address) || hostsNamed(request) > 1) {
        return answer(response, 400, 'This address cannot be read.\n')
      }
      const refusal = refuseBody(request, pathname)
      if (refusal) {
        response.setHeader('connection', 'close')
        return throwAway(request, () => answer(response, refusal.status, refusal.words))
      }
      if (pathname === webhookPath && request.method === 'POST') {
        void takeWebhook(request, requestId, shares.of('webhooks')).then((taken) => {
          if (taken?.status === 503) response.setHeader('retry-after', '10')
          return taken && answer(response, taken.status, `${taken.words}\n`)
        })
        return
      }
      if (pathname === webhookPath) {
        response.setHeader('allow', 'POST')
        return answer(response, 405, 'Stripe delivers here by POST.\n')
      }
      const hostElsewhere = otherLoopbackName(request.headers.host, origin)
      if (hostElsewhere && (request.method === 'GET' || request.method === 'HEAD')) {
        response.setHeader('location', origin.origin + address)
        return answer(response, 307, '')
      }

      for (const name of Object.values(forwarded)) delete request.headers[name]
      request.headers[forwarded.protocol] = origin.protocol.slice(0, -1)
      request.headers[forwarded.host] = origin.host
      request.headers[forwarded.client] = clientAddress(request, settings.trustedProxies)
      request.headers[forwarded.requestId] = requestId

      if (openArea.test(pathname)) {
        // Whoever asks here is nobody: without cookies there is no session that a foreign page's form could ride on.
        delete request.headers.cookie
        request.headers.origin = origin.origin
      }

      if (pathname.startsWith(assetsPath) && assets && !isOwnAsset(assets, pathname)) {
        void sendFormerAsset(request, response, pathname)
        return
      }
      visits?.note()
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      const isAnonymous = !personalCookie.test(request.headers.cookie ?? '')
      /** What the application makes, or somebody before has made. Returns what it did: a kept page costs no turn. */
      const serve = (mayMake: boolean): boolean => {
        const version = isRead && isAnonymous ? application()?.publicVersion() : undefined
        const kept = version === undefined ? undefined : pages.find(address, version)
        if (kept) sendKept(request, response, kept)
        if (kept || !mayMake) return kept !== undefined
        tellWhenToComeBack(response)
        if (isRead)
          finishText(
            request,
            response,
            (page) => version !== undefined && pages.keep(address, page(version)),
            () => (isAnonymous ? pages.last(address) : undefined),
          )
        handle(request, response)
        return true
      }
      if (serve(false)) return
      const shareName = shareOf(
        request.method,
        pathname,
        Number(request.headers['content-length'] ?? 0),
      )
      if (shareName === undefined) return void serve(true)
      const share = shares.of(shareName)
      void share.turn().then((isTurn) => {
        if (!isTurn) {
          const former = isRead && isAnonymous ? pages.last(address) : undefined
          if (former) return sendKept(request, response, former)
          return isRead ? answerBusy(request, response) : refuseBusy(request, response)
        }
        if (response.destroyed) return share.done() // the visitor left while waiting
        endTurnWith(request, response, share)
        serve(true)
      })
    },
  )
  // A sender that goes silent in the middle is let go; live streams speak at least every 15 s.
  server.timeout = 60_000
  server.maxRequestsPerSocket = 0
  server.on('close', () => eventLoop?.stop())
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    const [status, words] = unreadable(error.code)
    socket.end(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(words)}\r\n\r\n${words}`,
    )
  })
  return {
    server,
    startDraining() {
      draining = true
    },
  }
}

async function metrics(own: readonly string[]): Promise<string> {
  const figures = await (application()?.figures() ?? Promise.reject(new Error('Not begun.'))).catch(
    () => undefined,
  )
  return `${[
    '# TYPE sundry_database_up gauge',
    `sundry_database_up ${figures ? 1 : 0}`,
    ...own,
    ...processLines(),
    ...figureLines(figures ?? []),
  ].join('\n')}\n`
}

function answer(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(words),
  })
  response.end(words)
}

const assetsPath = '/_app/immutable/'
const assetTypes: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  woff2: 'font/woff2',
  svg: 'image/svg+xml',
}

function isOwnAsset(assets: ReadonlySet<string>, pathname: string): boolean {
  const name = pathname.slice(assetsPath.length)
  return assets.has(name) || assets.has(name.replaceAll('/', '\\')) // as Windows names it
}

/** What a page of another build asks for: of the version before, or of a process that is newer already. */
async function sendFormerAsset(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): Promise<void> {
  const type = assetTypes[pathname.slice(pathname.lastIndexOf('.') + 1)]
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const found =
    isRead && type !== undefined
      ? await application()
          ?.formerAsset(pathname)
          .catch(() => 'unknown' as const)
      : undefined
  // Not "there is none" when nobody could look: browsers and caches would remember that.
  if (found === 'unknown') return answer(response, 503, 'The files cannot be read right now.\n')
  if (!found || type === undefined) return answer(response, 404, 'There is no such file.\n')
  response.setHeader('x-content-type-options', 'nosniff')
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
    'content-length': found.length,
  })
  response.end(request.method === 'HEAD' ? undefined : found)
}

/** A form that there is no turn for is taken in and thrown away, so that its sender reads why. */
function refuseBusy(request: IncomingMessage, response: ServerResponse): void {
  throwAway(request, () => answerBusy(request, response))
}

/** One slash at the start; and no NUL, which no address of ours and no text in the database can hold. */
function isReadable(address: string): boolean {
  return (
    address.startsWith('/') &&
    !address.startsWith('//') &&
    address.length <= 8_000 &&
    !address.includes('%00')
  )
}

/** Two names in one request are read differently by different programs on its way. */
function hostsNamed(request: IncomingMessage): number {
  return request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
    .length
}

/** What is told over a connection on which no request could be made out. code: as Node names the fault. */
function unreadable(code: string | undefined): readonly [status: string, words: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [
        '431 Request Header Fields Too Large',
        'The headers of this request, cookies among them, are too long.\n',
      ]
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', 'This request did not arrive in time.\n']
    default:
      return ['400 Bad Request', 'This request cannot be read.\n']
  }
}

const thrownAwayBytes = 50_000_000
const thrownAwayMs = 10_000

/**
 * Takes a refused body without keeping any of it, then answers: a sender that is cut off while it still writes would
 * never read why. One that has very much to send, or does not come to an end, is answered in the middle.
 */
function throwAway(request: IncomingMessage, answerNow: () => void): void {
  const finish = () => {
    clearTimeout(limit)
    request.off('data', count)
    request.off('end', finish)
    request.off('close', finish)
    answerNow()
  }
  let bytes = 0
  const count = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > thrownAwayBytes) finish()
  }
  const limit = setTimeout(finish, thrownAwayMs)
  if (Number(request.headers['content-length'] ?? 0) > thrownAwayBytes) return finish()
  request.on('data', count)
  request.on('end', finish)
  request.on('close', finish)
}

function refuseBody(
  request: IncomingMessage,
  pathname: string,
): { status: number; words: string } | undefined {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  // The length must be known beforehand: browsers and Stripe always say it.
  if (request.headers['transfer-encoding'] !== undefined) {
    return { status: 411, words: 'The request must say how long it is (Content-Length).\n' }
  }
  const length = Number(request.headers['content-length'] ?? 0)
  const limit = bodyLimits.find(([pattern]) => pattern.test(pathname))?.[1] ?? 0
  if (!(length <= limit))
    return {
      status: 413,
      words: `This is too large: ${limit} bytes is the most that is taken here.\n`,
    }
  return undefined
}

/** The shop has one address. Somebody who typed 127.0.0.1 for localhost would otherwise be refused at every form. */
function otherLoopbackName(host: string | undefined, origin: URL): boolean {
  if (host === undefined || host === origin.host) return false
  const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d+))?$/
  return loopback.test(origin.host) && loopback.exec(host)?.[1] === origin.port
}

function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const direct = request.socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return direct
  const header = request.headers['x-forwarded-for']
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((hop) => hop.trim())
  // Each trusted proxy appended the address it saw; what stands before them anybody could have written.
  return hops.at(-trustedProxies) || direct
}

function sendKept(request: IncomingMessage, response: ServerResponse, page: KeptPage): void {
  for (const [name, value] of page.headers) response.setHeader(name, value)
  response.setHeader('etag', page.etag)
  response.setHeader('vary', 'cookie, accept-encoding')
  if (holdsAlready(request.headers, page.etag)) {
    response.writeHead(304).end()
    return
  }
  let bytes = page.plain
  if (accepts(request.headers, 'br')) {
    response.setHeader('content-encoding', 'br')
    bytes = page.brotli
  } else if (accepts(request.headers, 'gzip')) {
    response.setHeader('content-encoding', 'gzip')
    bytes = page.gzip
  }
  response.writeHead(page.status, { 'content-length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** What is put off for a while says for how long, so that browsers, crawlers and programs come back by themselves. */
function tellWhenToComeBack(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response)
  response.writeHead = (status: number, ...rest: unknown[]) => {
    if (status === 503 && !response.hasHeader('retry-after'))
      response.setHeader('retry-after', comeBackSeconds)
    return writeHead(status, ...(rest as []))
  }
}

const comeBackSeconds = 5

/**
 * Holds back a whole text response (Kit renders a page at once and knows its length) to compress it and give it
 * a validator. Streams and files pass through untouched. spare: what is shown instead of a page that cannot be made right now.
 */
function finishText(
  request: IncomingMessage,
  response: ServerResponse,
  keep: (page: (version: number) => KeptPage) => void,
  spare: () => KeptPage | undefined,
): void {
  const writeHead = response.writeHead.bind(response)
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  let held: Buffer[] | undefined

  response.writeHead = (status: number, ...rest: unknown[]) => {
    const type = String(response.getHeader('content-type') ?? '')
    const length = Number(response.getHeader('content-length') ?? Number.NaN)
    const isWholeText =
      rest.length === 0 &&
      // Part of a file is what was asked for, byte by byte.
      status !== 206 &&
      compressible.test(type) &&
      length > 0 &&
      length <= 2_000_000 &&
      !response.hasHeader('content-encoding')
    // Only its headers are asked for: how long it is when packed is not known, and 0 would be false.
    const isHeadOnly = isWholeText && request.method === 'HEAD'
    if (isHeadOnly) {
      response.removeHeader('content-length')
      const told = response.getHeader('etag')
      if (typeof told === 'string') response.setHeader('etag', weakly(told))
    }
    if (isHeadOnly || !isWholeText) {
      response.removeHeader(publicPageHeader)
      return writeHead(status, ...(rest as []))
    }
    held = []
    response.statusCode = status
    return response
  }

  response.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
    if (!held) return write(chunk, ...(rest as []))
    held.push(
      typeof chunk === 'string'
        ? Buffer.from(chunk)
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength),
    )
    return true
  }) as typeof response.write

  response.end = ((chunk?: unknown, ...rest: unknown[]) => {
    if (!held) return end(chunk as never, ...(rest as []))
    if (typeof chunk === 'string' || chunk instanceof Uint8Array)
      held.push(Buffer.from(chunk as Uint8Array))
    const plain = Buffer.concat(held)
    held = undefined
    const status = response.statusCode
    const former = status === 503 ? spare() : undefined
    if (former) {
      for (const name of response.getHeaderNames())
        if (name !== 'x-request-id' && name !== 'connection') response.removeHeader(name)
      response.writeHead = writeHead
      response.end = end
      sendKept(request, response, former)
      return response
    }
    if (
      response.getHeader(publicPageHeader) !== undefined &&
      status === 200 &&
      !response.hasHeader('set-cookie')
    ) {
      response.removeHeader(publicPageHeader)
      response.removeHeader('content-length')
      const headers = response
        .getHeaderNames()
        .filter((name) => name !== 'x-request-id' && name !== 'etag' && name !== 'connection')
        .map((name) => [name, String(response.getHeader(name))] as const)
      const page = finishPage(0, status, headers, plain)
      keep((version) => ({ ...page, version }))
      response.writeHead = writeHead
      response.end = end
      sendKept(request, response, page)
      return response
    }
    response.removeHeader(publicPageHeader)
    if (status === 200) {
      // The application tells its pages apart already (and answers 304 by itself); what is packed is only weakly the same.
      const told = response.getHeader('etag')
      const etag = typeof told === 'string' ? weakly(told) : etagOf(plain)
      response.setHeader('etag', etag)
      if (holdsAlready(request.headers, etag)) {
        response.removeHeader('content-length')
        writeHead(304)
        return end()
      }
    }
    const packed = plain.length >= compressFrom ? packQuickly(request, plain) : undefined
    if (packed) {
      response.setHeader('content-encoding', packed.encoding)
      response.setHeader('vary', 'accept-encoding')
    }
    const bytes = packed?.bytes ?? plain
    response.setHeader('content-length', bytes.length)
    writeHead(status)
    return end(bytes)
  }) as typeof response.end
}

/** A validator of the text as it is, whatever it was packed with. */
function weakly(etag: string): string {
  return etag.replace(/^"/, 'W/"')
}

/** A page that is made once and read once: the cheapest way of packing that the browser takes. undefined: it takes none. */
function packQuickly(
  { headers }: IncomingMessage,
  plain: Buffer,
): { encoding: Coding; bytes: Buffer } | undefined {
  // As small as gzip at level 1 for half of its work.
  if (accepts(headers, 'zstd')) {
    const params = { [constants.ZSTD_c_compressionLevel]: 1 }
    return { encoding: 'zstd', bytes: zstdCompressSync(plain, { params }) }
  }
  if (accepts(headers, 'gzip')) return { encoding: 'gzip', bytes: gzipSync(plain, { level: 1 }) }
  return undefined
}
