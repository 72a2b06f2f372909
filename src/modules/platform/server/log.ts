import { AsyncLocalStorage } from 'node:async_hooks'
import pino from 'pino'

interface RequestContext {
  readonly requestId: string
}

const context = new AsyncLocalStorage<RequestContext>()

/** What standard output does not take waits here, up to this many bytes; more is dropped. */
const mostWaiting = 1_000_000

const output = pino.destination({ dest: 1, sync: true, maxLength: mostWaiting })
// A log that cannot be written stops nobody from selling.
output.on('error', () => undefined)

/**
 * The structured log: one JSON line each on standard output. Lines written while a request or job runs carry its id.
 * Never log bodies, secrets, addresses of people or whole errors of the mail server.
 */
export const log = pino(
  {
    level: process.env.LOG_LEVEL ?? 'info',
    base: undefined,
    mixin: () => {
      const current = context.getStore()
      return current ? { requestId: current.requestId } : {}
    },
    redact: {
      paths: [
        '*.password',
        '*.token',
        '*.secret',
        '*.authorization',
        '*.cookie',
        'headers',
        '*.headers',
      ],
      censor: '[hidden]',
    },
  },
  output,
)

/** Runs work so that every line it logs carries the id. */
export function withRequestId<Result>(requestId: string, work: () => Result): Result {
  return context.run({ requestId }, work)
}
