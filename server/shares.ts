import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a share is for; a rush on one leaves the others what is theirs. */
export type ShareName = 'pages' | 'forms' | 'money' | 'owner' | 'files' | 'uploads' | 'webhooks'

interface Size {
  /** Requests worked on at once. */
  readonly atOnce: number
  /** Requests that wait for their turn at most. */
  readonly waiting: number
  /** Nobody waits longer. */
  readonly patienceMs: number
  /**
   * Nobody waits longer once there was a queue all the time for a while: a longer queue would then help nobody. Unless the work
   * itself takes long, as on a small machine or just after the start.
   */
  readonly crowdedMs: number
}

/**
 * pages: each takes the processor for some milliseconds; more at once would only all be later. forms: what is sent;
 * a password takes a while, and no page waits behind it. money: mostly waits for Stripe, which may take eight seconds.
 * owner: whoever has to look after the shop gets in while it is full. files: only until the first byte goes out.
 * uploads: pictures, which are read only when their turn has come.
 */
const sizes: Readonly<Record<ShareName, Size>> = {
  pages: { atOnce: 6, waiting: 600, patienceMs: 1_000, crowdedMs: 40 },
  forms: { atOnce: 8, waiting: 200, patienceMs: 4_000, crowdedMs: 1_000 },
  money: { atOnce: 128, waiting: 400, patienceMs: 4_000, crowdedMs: 1_500 },
  owner: { atOnce: 8, waiting: 40, patienceMs: 2_000, crowdedMs: 400 },
  files: { atOnce: 12, waiting: 400, patienceMs: 5_000, crowdedMs: 2_500 },
  uploads: { atOnce: 2, waiting: 60, patienceMs: 45_000, crowdedMs: 45_000 },
  webhooks: { atOnce: 12, waiting: 1_000, patienceMs: 4_000, crowdedMs: 1_000 },
}
/** So many others may always stand before one. */
const fewOthers = 32
/** A rush that lasts this long is a crowd. */
const rushMs = 500
/** What is larger brings a picture, which takes a while: several dropped at once stand in line instead of being refused. */
const mostFormBytes = 300_000
/** A sender that takes longer for a form than this keeps nobody else from having a turn. */
const slowSenderMs = 300

/** Which share a request belongs to; undefined: it costs next to nothing and is not counted. */
export function shareOf(
  method: string | undefined,
  pathname: string,
  bodyBytes = 0,
): ShareName | undefined {
  if (pathname.startsWith('/_app/')) return undefined
  if (/^\/(?:downloads|images|avatars|pictures)\//.test(pathname)) return 'files'
  if (/^\/admin\/products\/[^/]+\/files(?:\/|$)/.test(pathname)) return 'files'
  if (/^\/admin(?:\/|$)/.test(pathname)) return bodyBytes > mostFormBytes ? 'uploads' : 'owner'
  if (/^\/(?:checkout|sandbox)\//.test(pathname)) return 'money'
  if (/^\/dashboard\/membership\/(?:begun|card)(?:\/|$)/.test(pathname)) return 'money'
  if (method === 'POST' && /^\/(?:buy|cart|subscribe|dashboard\/membership)(?:\/|$)/.test(pathname))
    return 'money'
  return method === 'GET' || method === 'HEAD' ? 'pages' : 'forms'
}

/**
 * Gives turns in order: a bounded number at once, a bounded number waiting, and nobody waits for long. A short rush is sat out
 * in the queue; in a crowd that lasts nobody waits beyond a moment, so that whoever gets a turn gets it soon, and the others hear it
 * at once.
 */
export class Share {
  readonly name: ShareName
  readonly #size: Size
  /** In ms, from any beginning. */
  readonly #now: () => number
  readonly #queue: { readonly since: number; readonly decide: (isTurn: boolean) => void }[] = []
  #working = 0
  #isNextDue = false
  /** From one turn to the next while others wait, on average of the last ones. */
  #eachMs: number | undefined
  /** When a turn was given that left others waiting. */
  #leftWaitingAt: number | undefined
  /** Since when whoever stood in front was seen to have waited for long; undefined: the last one had not. */
  #longSince: number | undefined
  #sweep: NodeJS.Timeout | undefined
  shed = 0

  constructor(name: ShareName, size: Size = sizes[name], now = () => performance.now()) {
    this.name = name
    this.#size = size
    this.#now = now
  }

  get working(): number {
    return this.#working
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves to false when there is no turn in time. Whoever got one calls done() once. */
  turn(): Promise<boolean> {
    if (this.#queue.length >= this.#size.waiting) {
      this.shed++
      return Promise.resolve(false)
    }
    const since = this.#now()
    this.#sweep ??= setInterval(() => this.#sendAway(), 10)
    return new Promise((decide) => {
      this.#queue.push({ since, decide })
      this.#next()
    })
  }

  done(): void {
    this.#working--
    this.#next()
  }

  #noteEach(ms: number): void {
    this.#eachMs ??= ms
    this.#eachMs += (ms - this.#eachMs) / 16
  }

  get #crowdedMs(): number {
    const { crowdedMs, patienceMs } = this.#size
    return Math.min(patienceMs, Math.max(crowdedMs, fewOthers * (this.#eachMs ?? 0)))
  }

  /**
   * One begins after all that has arrived was read: a page that needs nothing from outside is made in one go, and whoever came
   * meanwhile would stand unseen in the sockets, where nobody can be sent away and money waits behind pages.
   */
  #next(): void {
    if (this.#isNextDue || this.#queue.length === 0 || this.#working >= this.#size.atOnce) return
    this.#isNextDue = true
    setImmediate(() => {
      this.#isNextDue = false
      this.#sendAway()
      const next = this.#queue.shift()
      if (!next) return
      const now = this.#now()
      if (this.#leftWaitingAt !== undefined) this.#noteEach(now - this.#leftWaitingAt)
      this.#leftWaitingAt = this.#queue.length > 0 ? now : undefined
      this.#working++
      next.decide(true)
      if (this.#queue.length === 0) this.#rest()
      this.#next()
    })
  }

  /**
   * Those who waited too long stand in front. A crowd is what was seen again and again: when the whole process stood still once,
   * everybody has waited, and nobody is too many.
   */
  #sendAway(): void {
    const now = this.#now()
    const front = this.#queue[0]
    const isLong = front !== undefined && now - front.since >= this.#crowdedMs / 2
    this.#longSince = isLong ? (this.#longSince ?? now) : undefined
    const isCrowd = this.#longSince !== undefined && now - this.#longSince >= rushMs
    const mostMs = isCrowd ? this.#crowdedMs : this.#size.patienceMs
    for (let first = this.#queue[0]; first && now - first.since > mostMs; first = this.#queue[0]) {
      this.#queue.shift()
      this.shed++
      first.decide(false)
    }
    if (this.#queue.length === 0) this.#rest()
  }

  #rest(): void {
    this.#longSince = undefined
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}

/** All shares of a process. */
export class Shares {
  readonly #shares = new Map<ShareName, Share>()

  of(name: ShareName): Share {
    let share = this.#shares.get(name)
    if (!share) this.#shares.set(name, (share = new Share(name)))
    return share
  }

  /** For the metrics: fixed labels, one a share. */
  lines(): string[] {
    const names = Object.keys(sizes) as ShareName[] // the keys of sizes are all the names there are
    const each = (metric: string, value: (share: Share) => number) =>
      names.map((name) => `sundry_${metric}{share="${name}"} ${value(this.of(name))}`)
    return [
      '# TYPE sundry_requests_shed_total counter',
      ...each('requests_shed_total', (share) => share.shed),
      '# TYPE sundry_requests_waiting gauge',
      ...each('requests_waiting', (share) => share.waiting),
    ]
  }
}

/** Ends the turn of a request once: when its answer begins or breaks off, or while its sender is slow. */
export function endTurnWith(
  request: IncomingMessage,
  response: ServerResponse,
  share: Share,
): void {
  let isOver = false
  const end = () => {
    if (isOver) return
    isOver = true
    clearTimeout(slow)
    share.done()
  }
  const slow = request.complete
    ? undefined
    : setTimeout(() => {
        if (!request.complete) end()
      }, slowSenderMs)
  response.once('close', end)
  const writeHead = response.writeHead.bind(response)
  response.writeHead = (status: number, ...rest: unknown[]) => {
    end()
    return writeHead(status, ...(rest as []))
  }
}

const retryAfterSeconds = 5

/** 503, in words, with what became of a form that was sent. Closes nothing: the visitor comes again over the same connection. */
export function answerBusy(request: IncomingMessage, response: ServerResponse): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const [title, words] = isRead
    ? ['Many people at once', 'The shop is full at this moment. Please try again in a few seconds.']
    : [
        'Not done: many people at once',
        'Nothing was done with what you sent, and nothing was charged. Please go back and send it again in a few seconds.',
      ]
  const isPage = (request.headers.accept ?? '').includes('text/html')
  const text = isPage ? pageOf(title, words) : `${words}\n`
  response.writeHead(503, {
    'content-type': `${isPage ? 'text/html' : 'text/plain'}; charset=utf-8`,
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'retry-after': String(retryAfterSeconds),
    'content-length': Buffer.byteLength(text),
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function pageOf(title: string, words: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>:root{color-scheme:light dark}body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.25rem}h1{font-size:1.6rem;line-height:1.25}</style></head><body><main><h1>${title}</h1><p>${words}</p></main></body></html>`
}
