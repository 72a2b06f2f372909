import type { AddressInfo } from 'node:net'
import type { SandboxOptions } from './options.ts'
import type { Control } from './control/control-face.ts'
import type { Store } from './store/store.ts'
import { once } from 'node:events'
import { controlOf } from './control/control-face.ts'
import { DAY_MS, HOUR_MS } from './durations.ts'
import { newServer, requestListener } from './http/server.ts'
import { Sandbox } from './sandbox.ts'
import { checkEvent, checkResponse } from './schema/index.ts'
import { MemoryStore } from './store/memory.ts'

export type { SandboxOptions } from './options.ts'
export type { Control } from './control/control-face.ts'

/** The key whose account `control` steers unless `options.key` names another. */
export const DEFAULT_KEY = 'sk_test_sandbox'

export type RunningSandbox = {
  /** Where the API and the pages are: `http://127.0.0.1:12111`. */
  url: string
  /** The control API without HTTP, for the account of `options.key` or DEFAULT_KEY. */
  control: Control
  /** Takes no more requests, finishes what is under way, and lets go of port and database. */
  close(): Promise<void>
}

/**
 * Starts a sandbox in this process; resolves when it takes requests.
 * Throws when the port is taken or the database cannot be used.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const host = options.host ?? '127.0.0.1'
  const store = await openStore(options)
  const server = newServer()
  server.listen(options.port ?? 0, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    await store.close()
    throw error
  }
  const url = addressOf(server.address(), host)
  const sandbox = new Sandbox({
    store,
    publicUrl: (options.publicUrl ?? url).replace(/\/+$/, ''),
    seed: options.seed,
    delivery: options.delivery ?? 'test',
    rateLimit: options.rateLimit,
    key: options.key,
    parallelDeliveries: options.parallelDeliveries ?? 4,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 10_000,
    debitSettlesAfterMs: options.debitSettlesAfterMs ?? 3 * DAY_MS,
    refundSettlesAfterMs: options.refundSettlesAfterMs ?? HOUR_MS,
    onFault,
    eventFaults: options.validate === true ? checkEvent : undefined,
    responseFaults: options.validate === true ? checkResponse : undefined,
  })
  server.on('request', requestListener(sandbox))
  return {
    url,
    control: controlOf(sandbox, options.key ?? DEFAULT_KEY),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      // Kept-alive connections of clients that never leave would keep it open for ever.
      const patience = setTimeout(() => server.closeAllConnections(), 2_000)
      await closed
      clearTimeout(patience)
      await sandbox.close()
    },
  }
}

/** What goes on by itself and fails is said to whoever runs the sandbox; it is tried again. */
function onFault(what: string, error: unknown): void {
  process.stderr.write(
    `${what} failed, trying again: ${error instanceof Error ? error.message : String(error)}\n`,
  )
}

async function openStore(options: SandboxOptions): Promise<Store> {
  if (options.store === undefined || options.store === 'memory') {
    if (options.clockTable !== undefined) throw new Error('A clock table needs a PostgreSQL store')
    return new MemoryStore()
  }
  const { openPostgresStore } = await import('./store/postgres.ts')
  return openPostgresStore(options.store, { clockTable: options.clockTable })
}

function addressOf(address: AddressInfo | string | null, host: string): string {
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port')
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
