import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import http, { type ClientRequest } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import pg from 'pg'

// What the program asks of the world outside its process, counted, and the n-th of it made to fail. It stands between the
// drivers and their callers, in the test's own process: the program knows nothing of it. Only what is asked within an act
// counts; what the test itself asks, and what runs beside, passes untouched.

export type Part = 'database' | 'stripe' | 'mail' | 'file'

/**
 * error: refused, nothing was done. time-out: it never arrives, and nobody answers until the caller gives up. lost answer: it is
 * done, and the caller hears of a broken connection instead. down: refused, and so is all that follows of the same part.
 */
export const faultKinds = ['error', 'time-out', 'lost answer', 'down'] as const
export type FaultKind = (typeof faultKinds)[number]

export interface OutsideCall {
  readonly part: Part
  readonly words: string
}

/** One run of something, with at most one fault in it. */
export class Act {
  readonly calls: OutsideCall[] = []
  /** The call that failed; undefined while none has. */
  struck: OutsideCall | undefined
  #isOver = false
  readonly #fault: { readonly nth: number; readonly kind: FaultKind } | undefined

  constructor(fault?: { readonly nth: number; readonly kind: FaultKind }) {
    this.#fault = fault
  }

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#isOver ? work() : acts.run(this, work)
  }

  /** The fault is over: what was begun within the act and goes on is neither counted nor failed any more. */
  end(): void {
    this.#isOver = true
    for (const socket of deaf.splice(0)) socket.destroy()
  }

  /** Notes a call; says how it shall fail, if it shall. */
  take(call: OutsideCall): Exclude<FaultKind, 'down'> | undefined {
    if (this.#isOver) return undefined
    this.calls.push(call)
    if (!this.#fault) return undefined
    const { nth, kind } = this.#fault
    if (kind === 'down') {
      if (this.calls.length === nth) this.struck = call
      return this.struck?.part === call.part ? 'error' : undefined
    }
    if (this.calls.length !== nth) return undefined
    this.struck = call
    return kind
  }
}

const acts = new AsyncLocalStorage<Act>()
/** Connections that nothing gets through any more. */
const deaf: { destroy(): unknown }[] = []
/** What a caller waits for an answer that never comes: its own limit, hurried. */
const hurriedMs = 40

/** What the test itself asks in the middle of an act. */
export function untouched<Result>(work: () => Promise<Result>): Promise<Result> {
  return acts.exit(work)
}

let undo: (() => void)[] = []

/** Puts itself between the drivers and their callers. */
export async function watchOutsideCalls(): Promise<void> {
  const mute = await muteServer()
  undo = [watchDatabase(), watchHttp(mute), watchMail(), watchFiles(), () => mute.close()]
}

export function stopWatching(): void {
  for (const step of undo) step()
  undo = []
}

// ---- database ----

type Query = (this: pg.Client, ...args: unknown[]) => unknown

function watchDatabase(): () => void {
  const prototype = pg.Client.prototype as unknown as { query: Query }
  const query = prototype.query
  prototype.query = function (...args) {
    const act = acts.getStore()
    const config = args[0] as string | { text: string }
    const text = typeof config === 'string' ? config : config.text
    const fault = act?.take({ part: 'database', words: text.replaceAll(/\s+/g, ' ').slice(0, 90) })
    if (!fault) return query.apply(this, args)
    // Kysely asks for promises; whoever gives a callback gets a promise here, and would wait for ever.
    if (typeof args.at(-1) === 'function') throw new Error(`Asked with a callback: ${text}`)
    return failed[fault](this, config, args, (...asked) => query.apply(this, asked))
  }
  return () => (prototype.query = query)
}

const failed: Record<
  Exclude<FaultKind, 'down'>,
  (
    client: pg.Client,
    config: string | { text: string },
    args: readonly unknown[],
    ask: (...args: unknown[]) => unknown,
  ) => unknown
> = {
  error(client, config, _args, ask) {
    const text = typeof config === 'string' ? config : config.text
    // A database refuses no roll-back: the connection breaks instead.
    if (/^rollback/i.test(text)) return cut(client)
    return ask(
      `do $$ begin raise exception using errcode = '57014', message = 'canceling statement due to statement timeout'; end $$`,
    )
  },
  'time-out'(client, config, args, ask) {
    const { stream } = connectionOf(client)
    stream.write = () => true
    deaf.push(stream)
    const asked = typeof config === 'string' ? { text: config, values: args[1] } : config
    return ask({ ...asked, query_timeout: hurriedMs })
  },
  async 'lost answer'(client, _config, args, ask) {
    await ask(...args)
    return cut(client)
  },
}

/** Breaks the connection; whoever asked hears of it when the pool has heard too, as it is with a real one. */
async function cut(client: pg.Client): Promise<never> {
  const end = new Promise<void>((resolve) => void client.once('end', resolve))
  connectionOf(client).stream.destroy()
  await end
  throw new Error('Connection terminated unexpectedly')
}

/** What pg keeps of its connection, and its types do not tell. */
function connectionOf(client: pg.Client): { stream: Socket & { write: () => boolean } } {
  return (client as unknown as { connection: { stream: Socket & { write: () => boolean } } })
    .connection
}

// ---- HTTP: Stripe is the only one asked so ----

type Ask = (options: http.RequestOptions) => ClientRequest

function watchHttp(mute: Server): () => void {
  const own = http as unknown as { request: Ask }
  const request = own.request
  own.request = (options) => {
    const act = acts.getStore()
    const words = `${options.method ?? 'GET'} ${String(options.path).split('?', 1)[0]}`
    const fault = act?.take({ part: 'stripe', words })
    switch (fault) {
      case undefined:
        return request(options)
      case 'error':
        // Nobody listens on port 1.
        return request({ ...options, agent: false, port: 1 })
      case 'time-out': {
        const { port } = mute.address() as AddressInfo
        const asked = request({ ...options, agent: false, port })
        const setTimeout = asked.setTimeout.bind(asked)
        asked.setTimeout = (_limit, act) => setTimeout(hurriedMs, act)
        return asked
      }
      case 'lost answer': {
        const asked = request({ ...options, agent: false })
        const emit = asked.emit.bind(asked)
        asked.emit = (name: string, ...args: unknown[]) => {
          if (name !== 'response') return emit(name, ...args)
          asked.destroy()
          return emit('error', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
        }
        return asked
      }
    }
  }
  return () => (own.request = request)
}

/** Takes connections and never says a word. */
async function muteServer(): Promise<Server> {
  const server = createServer((socket) => void socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return server
}

// ---- mail ----

function watchMail(): () => void {
  const mailer = Object.getPrototypeOf(createTransport({ jsonTransport: true })) as {
    sendMail: (letter: { to: { address: string } }) => Promise<unknown>
  }
  const sendMail = mailer.sendMail
  mailer.sendMail = async function (letter) {
    const fault = acts.getStore()?.take({ part: 'mail', words: `to ${letter.to.address}` })
    if (fault === 'error')
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ESOCKET' })
    if (fault === 'time-out') throw Object.assign(new Error('Timeout'), { code: 'ETIMEDOUT' })
    const answer = await sendMail.call(this, letter)
    if (fault === 'lost answer')
      throw Object.assign(new Error('Connection closed unexpectedly'), { code: 'ECONNECTION' })
    return answer
  }
  return () => (mailer.sendMail = sendMail)
}

// ---- files: only counted; a path that begins to write some is told of by its test ----

const writers = [
  'writeFile',
  'appendFile',
  'rename',
  'mkdir',
  'rm',
  'unlink',
  'copyFile',
  'open',
] as const

function watchFiles(): () => void {
  const promises = fs.promises as unknown as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >
  const former = writers.map((name) => [name, promises[name]] as const)
  for (const [name, act] of former) {
    promises[name] = (...args) => {
      acts.getStore()?.take({ part: 'file', words: `${name} ${String(args[0])}` })
      return act ? act.apply(promises, args) : Promise.reject(new Error(name))
    }
  }
  syncBuiltinESMExports()
  return () => {
    for (const [name, act] of former) if (act) promises[name] = act
    syncBuiltinESMExports()
  }
}
