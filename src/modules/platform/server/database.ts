import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { runtime } from '#server/runtime.ts'
import { preparing } from './prepared-statements.ts'
import { sqlState } from './sql-state.ts'
import type { DB } from './tables.ts'

/** Reads take a Db; a Tx is one too, so a read joins whatever transaction is open. */
export type Db = Kysely<DB>
/** Proof that a transaction is open: everything that writes asks for it. */
export type Tx = Transaction<DB>

// int8 arrives as text by default. Our int8 are minor units, byte sizes and counters.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const number = Number(text)
  if (!Number.isSafeInteger(number))
    throw new RangeError(`The database holds a number that is too large: ${text}`)
  return number
})

/** A page waits at most this long for a connection, then answers "busy" instead of hanging. */
const poolWaitMs = 2_000
const statementTimeoutMs = 4_000
/**
 * A database that is there has ended the statement by then. One whose machine lost its power says nothing at all, and TCP alone
 * would wait for hours: the connection is given up, whatever became of the statement.
 */
const silenceMs = 5_000
/** Idle connections are asked by TCP for a sign of life from then on. */
const idleBeforeAskingMs = 10_000

interface Pools {
  readonly pages: { pool: pg.Pool; db: Db }
  /** Webhooks, fulfilment and refunds have connections of their own: a rush of readers cannot starve the money. */
  readonly money: { pool: pg.Pool; db: Db }
  /**
   * Leases, counters of limits and turns: what is worth nothing any more after the machine stopped. Committed without
   * waiting for the disk; a power cut loses the last half second of it, a killed process nothing.
   */
  readonly leases: { pool: pg.Pool; db: Db }
}

let pools: Pools | undefined

function openPool(max: number, name: string, url = runtime().databaseUrl) {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: poolWaitMs,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: silenceMs,
    idle_in_transaction_session_timeout: 30_000,
    application_name: `sundry ${name}`,
    keepAlive: true,
    keepAliveInitialDelayMillis: idleBeforeAskingMs,
  })
  // A connection that breaks while it lies idle is dropped by the pool; without a listener Node would end the process.
  pool.on('error', () => undefined)
  // Nor may one that breaks while somebody holds it and asks nothing just then: their next statement fails.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return { pool, db: new Kysely<DB>({ dialect: new PostgresDialect({ pool: preparing(pool) }) }) }
}

function open(): Pools {
  pools ??= {
    pages: openPool(8, 'pages'),
    money: openPool(6, 'money'),
    leases: openPool(4, 'leases', urlWithoutWaiting()),
  }
  return pools
}

/** The database's address for connections whose commits do not wait until they are on the disk. */
export function urlWithoutWaiting(): string {
  const url = new URL(runtime().databaseUrl)
  const options = [url.searchParams.get('options'), '-c synchronous_commit=off']
  url.searchParams.set('options', options.filter(Boolean).join(' '))
  return url.href
}

export type PoolName = keyof Pools

/** The database for reads. Opened on first use; close with closeDatabase(). */
export function db(name: PoolName = 'pages'): Db {
  return open()[name].db
}

/** SQLSTATEs after which the same work may simply be tried again: serialization failure and deadlock. */
const worthAnotherTry = new Set(['40001', '40P01'])

/**
 * Runs work in one transaction and commits it, or rolls back and rethrows what work threw.
 * Tried up to three times when the database asks for that (deadlock, serialization failure), so work
 * must have no effect outside the transaction: no network call, no mail.
 */
export function inTransaction<Result>(
  work: (tx: Tx) => Promise<Result>,
  name: PoolName = 'pages',
): Promise<Result> {
  return triedAgain(async () => {
    const acts: (() => void)[] = []
    const result = await db(name)
      .transaction()
      .execute((tx) => {
        afterwards.set(tx, acts)
        return work(tx)
      })
    for (const act of acts) act()
    return result
  })
}

/**
 * Runs work, and up to twice more when the database took it for the victim of a deadlock or of a serialization failure. For
 * a single statement outside a transaction; inTransaction() does so by itself.
 */
export async function triedAgain<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= 3 || !worthAnotherTry.has(sqlState(error) ?? '')) throw error
    }
  }
}

const afterwards = new WeakMap<Tx, (() => void)[]>()

/**
 * Calls act as soon as the transaction is committed, and never when it is not. For hints alone (look now!): a process that
 * is killed in between loses them. act must not throw.
 */
export function afterCommit(tx: Tx, act: () => void): void {
  afterwards.get(tx)?.push(act)
}

/** How busy the connections are: in use, lying idle, and how many requests wait for one. */
export function poolFigures(): readonly {
  name: string
  label: readonly [string, string]
  value: number
}[] {
  return Object.entries(pools ?? {}).flatMap(([name, { pool }]) => [
    {
      name: 'database_connections_used',
      label: ['pool', name] as const,
      value: pool.totalCount - pool.idleCount,
    },
    { name: 'database_connections_idle', label: ['pool', name] as const, value: pool.idleCount },
    { name: 'database_requests_waiting', label: ['pool', name] as const, value: pool.waitingCount },
  ])
}

/** Whether the database can be asked at all. */
export async function databaseAnswers(): Promise<boolean> {
  try {
    await open().pages.pool.query('select 1')
    return true
  } catch {
    return false
  }
}

export async function closeDatabase(): Promise<void> {
  const closing = pools
  pools = undefined
  await Promise.all(Object.values(closing ?? {}).map((one) => one.db.destroy()))
}

/**
 * Listens on channels over a connection of its own and reconnects by itself with growing pauses (at most 5 s).
 * onConnection tells whenever the connection is made or lost. What was notified in between is missed: whoever relies on
 * notifications reads anew when it stands.
 */
export function listen(
  channels: Readonly<Record<string, (payload: string) => void>>,
  onConnection: (isConnected: boolean) => void,
): { close(): Promise<void>; isConnected(): boolean } {
  let client: pg.Client | undefined
  let closed = false
  let pause = 100
  let retry: NodeJS.Timeout | undefined
  let connected = false

  const connect = async () => {
    const fresh = new pg.Client({
      connectionString: runtime().databaseUrl,
      application_name: 'sundry listen',
      keepAlive: true,
      keepAliveInitialDelayMillis: idleBeforeAskingMs,
    })
    const again = () => {
      if (client !== fresh) return
      client = undefined
      connected = false
      if (closed) return
      onConnection(false)
      retry = setTimeout(() => void connect(), pause)
      pause = Math.min(pause * 2, 5_000)
    }
    client = fresh
    fresh.on('error', again)
    fresh.on('end', again)
    fresh.on('notification', (message) => channels[message.channel]?.(message.payload ?? ''))
    try {
      await fresh.connect()
      for (const channel of Object.keys(channels))
        await fresh.query(`listen ${pg.escapeIdentifier(channel)}`)
      pause = 100
      connected = true
      onConnection(true)
    } catch {
      await fresh.end().catch(() => undefined)
      again()
    }
  }
  void connect()
  return {
    isConnected: () => connected,
    async close() {
      closed = true
      if (retry) clearTimeout(retry)
      await client?.end().catch(() => undefined)
    },
  }
}
