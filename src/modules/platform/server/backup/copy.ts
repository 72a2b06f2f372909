import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type pg from 'pg'

// PostgreSQL's COPY over `pg`, which speaks its messages but has no streams for them. Rows travel in the text form, which every
// version reads from every other.

/** The few parts of pg's connection that COPY needs; @types/pg leaves the sending ones out. */
interface CopyConnection {
  readonly stream: Duplex
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** So much waits in memory before the server is told to wait. */
const mostWaitingBytes = 1024 * 1024

/** Runs `copy ... to stdout` and gives its rows as they come; returns their number. The client does nothing else meanwhile. */
export async function* copyOut(
  client: pg.Client,
  statement: string,
): AsyncGenerator<Buffer, number> {
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let outcome: { readonly rows: number } | { readonly error: Error } | undefined
  let rows = 0
  let wake: () => void = () => undefined
  let stream: Duplex | undefined
  const query = {
    submit(connection: CopyConnection) {
      stream = connection.stream
      connection.query(statement)
    },
    handleCopyData({ chunk }: { chunk: Buffer }) {
      // pg reads on into the same memory: what is kept must be copied.
      waiting.push(Buffer.from(chunk))
      waitingBytes += chunk.length
      if (waitingBytes > mostWaitingBytes) stream?.pause()
      wake()
    },
    handleCommandComplete({ text }: { text: string }) {
      rows = rowsCopied(text)
    },
    handleReadyForQuery() {
      outcome ??= { rows }
      wake()
    },
    handleError(error: Error) {
      outcome ??= { error }
      wake()
    },
  }
  submit(client, query)
  try {
    for (;;) {
      if (waiting.length > 0) {
        const chunk = Buffer.concat(waiting.splice(0))
        waitingBytes = 0
        stream?.resume()
        yield chunk
      } else if (outcome) break
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    stream?.resume()
  }
  if ('error' in outcome) throw outcome.error
  return outcome.rows
}

/** Runs `copy ... from stdin` with these bytes; resolves to the number of rows. A source that throws leaves nothing behind. */
export async function copyIn(
  client: pg.Client,
  statement: string,
  source: AsyncIterable<Buffer>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0
    let failure: Error | undefined
    const pump = async (connection: CopyConnection) => {
      try {
        for await (const chunk of source) {
          if (failure) return
          connection.sendCopyFromChunk(chunk)
          if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain')
        }
        connection.endCopyFrom()
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error))
        connection.sendCopyFail('its source failed')
      }
    }
    submit(client, {
      submit(connection: CopyConnection) {
        connection.query(statement)
      },
      handleCopyInResponse(connection: CopyConnection) {
        void pump(connection)
      },
      handleCommandComplete({ text }: { text: string }) {
        rows = rowsCopied(text)
      },
      handleReadyForQuery() {
        if (failure) reject(failure)
        else resolve(rows)
      },
      handleError(error: Error) {
        failure ??= error
        // A lost connection is never ready again.
        reject(failure)
      },
    })
  })
}

function submit(client: pg.Client, query: object): void {
  // pg calls whatever handlers a query has that brings its own submit(); its types know submit() alone.
  client.query(query as unknown as pg.Submittable)
}

function rowsCopied(tag: string): number {
  return Number(/^COPY (\d+)$/.exec(tag)?.[1] ?? Number.NaN)
}
