import { Connection, headerOf, type Reply } from './connection.ts'
import { percentile } from './percentile.ts'

/** One request of an open load. ms counts from when it was due. */
export interface Visit {
  /** By performance.now(). */
  readonly dueAt: number
  readonly ms: number
  readonly outcome: 'served' | 'shed' | 'failed'
  /** Of what failed: how. */
  readonly words: string | undefined
}

export interface OpenTask {
  readonly port: number
  /** How many may be under way at once; they are opened as they are needed, and anew when the server closes them. */
  readonly connections: number
  /** The n-th request, counted from 0. */
  readonly request: (n: number) => Buffer
  /** Default: 200. */
  readonly accepts?: (reply: Reply) => boolean
}

/**
 * Requests begin at their time, whether the ones before are answered or not, and latency counts from that time: waiting for
 * a free connection or for a load maker that is late is not hidden.
 */
export class OpenLoad {
  readonly visits: Visit[] = []
  readonly #task: OpenTask
  readonly #free: Connection[] = []
  readonly #due: { readonly at: number; readonly request: Buffer; done(reply?: Reply): void }[] = []
  /** How many of #due are begun: taking them from its front one by one would move all the others each time. */
  #begun = 0
  #open = 0
  #under = 0

  constructor(task: OpenTask) {
    this.#task = task
  }

  /** So many a second from now on, for so many seconds; resolves when the last one is answered. */
  async run(perSecond: number, seconds: number): Promise<void> {
    const total = Math.round(perSecond * seconds)
    const began = performance.now()
    for (let sent = 0; sent < total;) {
      const now = performance.now()
      for (; sent < total && began + (sent * 1000) / perSecond <= now; sent++)
        void this.ask(this.#task.request(sent), began + (sent * 1000) / perSecond)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    while (this.#under > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  /** One request that was due at this moment of performance.now(). undefined: there was no answer. */
  ask(request: Buffer, at: number): Promise<Reply | undefined> {
    this.#under++
    return new Promise((resolve) => {
      this.#due.push({ at, request, done: resolve })
      this.#sendDue()
    })
  }

  close(): void {
    this.#free.forEach((connection) => connection.close())
  }

  #sendDue(): void {
    while (this.#begun < this.#due.length) {
      let connection = this.#free.pop()
      // A browser does not send over a connection that the server has closed meanwhile.
      while (connection && !connection.isOpen) {
        this.#open--
        connection = this.#free.pop()
      }
      if (!connection && this.#open >= this.#task.connections) return
      const next = this.#due[this.#begun]
      if (!next) return
      if (++this.#begun > 10_000) {
        this.#due.splice(0, this.#begun)
        this.#begun = 0
      }
      if (!connection) this.#open++
      void this.#send(connection, next.request, next.at).then((reply) => {
        this.#under--
        next.done(reply)
        this.#sendDue()
      })
    }
  }

  async #send(
    idle: Connection | undefined,
    request: Buffer,
    at: number,
  ): Promise<Reply | undefined> {
    let connection = idle
    try {
      connection ??= await Connection.open(this.#task.port)
      const reply = await connection.send(request)
      this.#note(at, reply)
      if (/\r\nconnection: *close/i.test(reply.head)) {
        connection.close()
        this.#open--
      } else this.#free.push(connection)
      return reply
    } catch (error) {
      connection?.close()
      this.#open--
      this.#note(at, undefined, error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  #note(at: number, reply: Reply | undefined, words?: string): void {
    const accepts = this.#task.accepts ?? ((one) => one.status === 200)
    const outcome =
      reply === undefined
        ? 'failed'
        : accepts(reply)
          ? 'served'
          : reply.status === 503 && headerOf(reply, 'retry-after')
            ? 'shed'
            : 'failed'
    this.visits.push({
      dueAt: at,
      ms: performance.now() - at,
      outcome,
      words: outcome === 'failed' ? (words ?? reply?.head.split('\r\n')[0]) : undefined,
    })
  }
}

/** A load of one rate from beginning to end. */
export async function openLoad(
  task: OpenTask & { readonly perSecond: number; readonly seconds: number },
): Promise<Summary> {
  const load = new OpenLoad(task)
  const began = performance.now()
  await load.run(task.perSecond, task.seconds)
  const took = (performance.now() - began) / 1000
  load.close()
  return summary(load.visits, Math.max(took, task.seconds))
}

export interface Summary {
  readonly offered: number
  readonly served: number
  readonly servedPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly shed: number
  readonly shedP99: number
  readonly failed: number
  readonly failure: string | undefined
}

export function summary(visits: readonly Visit[], seconds: number): Summary {
  const of = (outcome: Visit['outcome']) => visits.filter((visit) => visit.outcome === outcome)
  const [served, shed, failed] = [of('served'), of('shed'), of('failed')]
  const ms = (all: readonly Visit[]) => all.map((visit) => visit.ms)
  return {
    offered: visits.length,
    served: served.length,
    servedPerSecond: served.length / seconds,
    p50: percentile(ms(served), 50),
    p99: percentile(ms(served), 99),
    shed: shed.length,
    shedP99: percentile(ms(shed), 99),
    failed: failed.length,
    failure: failed[0]?.words,
  }
}
