import { Connection, type Reply } from './connection.ts'

/** What came of a load. Latencies in milliseconds, one an answer that was accepted. */
export interface Load {
  readonly perSecond: number
  readonly latencies: readonly number[]
  /** Answers that were not accepted, and requests without one. */
  readonly failed: number
  /** The first of them in words. */
  readonly failure: string | undefined
}

interface Task {
  readonly port: number
  readonly connections: number
  /** The n-th request, counted from 0 over all connections. */
  readonly request: (n: number) => Buffer
  /** Default: 200. */
  readonly accepts?: (reply: Reply) => boolean
}

/** Every connection sends its next request when the one before is answered, for so many seconds. Tells what can be done a second. */
export async function closedLoop(task: Task & { readonly seconds: number }): Promise<Load> {
  const tally = new Tally(task)
  const connections = await openAll(task)
  const began = performance.now()
  const end = began + task.seconds * 1000
  let sent = 0
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end && !tally.isBroken)
        await tally.count(connection, task.request(sent++), performance.now())
    }),
  )
  const seconds = (performance.now() - began) / 1000
  connections.forEach((connection) => connection.close())
  return tally.result(seconds)
}

/** So many requests one after the other on each connection. */
export async function fixedLoad(task: Task & { readonly requests: number }): Promise<Load> {
  const tally = new Tally(task)
  const connections = await openAll(task)
  const began = performance.now()
  let sent = 0
  await Promise.all(
    connections.map(async (connection) => {
      while (sent < task.requests && !tally.isBroken)
        await tally.count(connection, task.request(sent++), performance.now())
    }),
  )
  const seconds = (performance.now() - began) / 1000
  connections.forEach((connection) => connection.close())
  return tally.result(seconds)
}

/**
 * Requests begin at their time, whether the ones before are answered or not; latency counts from that time, so waiting
 * for a free connection is not hidden. connections: how many may be under way at once.
 */
export async function openLoop(
  task: Task & { readonly perSecond: number; readonly seconds: number },
): Promise<Load> {
  const tally = new Tally(task)
  const connections = await openAll(task)
  const free = [...connections]
  const due: number[] = []
  const total = Math.round(task.perSecond * task.seconds)
  const began = performance.now()
  const under = new Set<Promise<void>>()
  let scheduled = 0
  let sent = 0

  const sendDue = () => {
    while (due.length > 0 && free.length > 0) {
      const connection = free.pop()
      const at = due.shift()
      if (!connection || at === undefined) return
      const work: Promise<void> = tally.count(connection, task.request(sent++), at).then(() => {
        under.delete(work)
        free.push(connection)
        sendDue()
      })
      under.add(work)
    }
  }
  while (scheduled < total && !tally.isBroken) {
    for (; scheduled < total; scheduled++) {
      const at = began + (scheduled * 1000) / task.perSecond
      if (at > performance.now()) break
      due.push(at)
    }
    sendDue()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (under.size > 0) await Promise.race(under)
  connections.forEach((connection) => connection.close())
  return tally.result((performance.now() - began) / 1000)
}

function openAll(task: Task): Promise<Connection[]> {
  return Promise.all(Array.from({ length: task.connections }, () => Connection.open(task.port)))
}

/** A server that refuses everything is not measured any further. */
const mostFailures = 50

class Tally {
  readonly #accepts: (reply: Reply) => boolean
  readonly #latencies: number[] = []
  #failed = 0
  #failure: string | undefined

  constructor(task: Task) {
    this.#accepts = task.accepts ?? ((reply) => reply.status === 200)
  }

  get isBroken(): boolean {
    return this.#failed >= mostFailures
  }

  async count(connection: Connection, request: Buffer, from: number): Promise<void> {
    try {
      const reply = await connection.send(request)
      if (this.#accepts(reply)) this.#latencies.push(performance.now() - from)
      else this.#fail(`${reply.head.split('\r\n')[0]}: ${reply.body.toString('utf8', 0, 300)}`)
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
    }
  }

  #fail(words: string): void {
    this.#failed++
    this.#failure ??= words
  }

  result(seconds: number): Load {
    return {
      perSecond: this.#latencies.length / seconds,
      latencies: this.#latencies,
      failed: this.#failed,
      failure: this.#failure,
    }
  }
}
