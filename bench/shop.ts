import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { freePort } from '../server/free-port.ts'
import { startChild } from './child.ts'
import { childrenOf, commandOf } from './processes.ts'

/** A shop of the bench's own: the real program, with a data folder and a durable embedded database of its own. */
export interface Shop {
  readonly port: number
  readonly origin: string
  readonly databaseUrl: string
  /** Its data folder, gone after stop(). */
  readonly folder: string
  /** The server, the database's processes, and the Stripe sandbox's (none with a key). */
  processes(): {
    readonly server: number
    readonly database: readonly number[]
    readonly sandbox: readonly number[]
  }
  /** Killed without warning; its database is left running, as after a crash. */
  crash(): void
  /** Starts it again on the same folder and port, after crash(). */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

/** The shop's own secret: what it signs with, the bench can sign with too. */
export const shopSecret = 'the bench knows this secret and nobody else needs to'

const opened = new Set<Shop>()

/** Starts a shop and waits until it is open. environment: settings beyond the defaults. */
export async function startShop(
  environment: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
): Promise<Shop> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-bench-'))
  const port = await freePort()
  const launch = () =>
    startChild('server/main.ts', {
      nodeArgs,
      environment: {
        PORT: String(port),
        DATA_DIR: folder,
        SUNDRY_SECRET: shopSecret,
        LOG_LEVEL: 'warn',
        ...environment,
      },
      isReady: (line) => line.includes('Sundry is open'),
      limitMs: 120_000,
    })
  let child = await launch()
  const cluster = readFileSync(path.join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')
  const postmaster = Number(cluster[0])
  const shop: Shop = {
    port,
    folder,
    origin: `http://localhost:${port}`,
    databaseUrl: `postgres://sundry@localhost/sundry?host=${encodeURIComponent(cluster[4] ?? '')}`,
    processes: () => ({
      server: child.processId,
      database: [postmaster, ...childrenOf(postmaster)],
      sandbox: childrenOf(child.processId).filter((id) => commandOf(id).includes('sandbox/stripe')),
    }),
    crash: () => void process.kill(child.processId, 'SIGKILL'),
    async startAgain() {
      child = await launch()
    },
    async stop() {
      opened.delete(shop)
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  opened.add(shop)
  return shop
}

/** Stops every shop that is still open. */
export async function stopShops(): Promise<void> {
  await Promise.all([...opened].map((shop) => shop.stop()))
}

/** Asks the shop's database over a connection that is closed afterwards. */
export async function withDatabase<Result>(
  shop: Shop,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await openClient(shop)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function openClient(shop: Shop): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: shop.databaseUrl, application_name: 'bench' })
  client.on('error', () => {
    // The query under way rejects with the same error.
  })
  await client.connect()
  return client
}

/** Addresses of products the example shop sells, the first of the front page first. */
export async function productPaths(shop: Shop): Promise<string[]> {
  return withDatabase(shop, async (client) => {
    const { rows } = await client.query<{ slug: string }>(
      `select slug from product where state = 'live' order by position, published_at desc, id limit 24`,
    )
    return rows.map((row) => `/p/${row.slug}`)
  })
}
