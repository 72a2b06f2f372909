import type {
  AccountId,
  Delivery,
  DeliveryFilter,
  DeliveryOutcome,
  Prefetch,
  Reader,
  RequestEntry,
  Snapshot,
  Store,
  Unit,
} from './store.ts'
import pg from 'pg'
import { literal, numeral } from './postgres-conditions.ts'
import { PostgresClock } from './postgres-clock.ts'
import { PostgresDeliveries } from './postgres-deliveries.ts'
import { PostgresReader } from './postgres-reader.ts'
import { migrate } from './postgres-schema.ts'
import { restoreSnapshot, takeSnapshot } from './postgres-snapshots.ts'
import { AccountWriter } from './postgres-writer.ts'

const MAX_CONNECTIONS = 10

type Row = Readonly<Record<string, unknown>>

/**
 * Opens the durable store in schema `stripe_sandbox` of a database (PostgreSQL >= 15), which it
 * creates. Any number of processes may do so with one database. Throws when the database cannot be
 * reached or the clock table is not there.
 */
export async function openPostgresStore(
  connectionString: string,
  options: { clockTable: string | undefined },
): Promise<Store> {
  const pool = new pg.Pool({
    connectionString,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    application_name: 'stripe-sandbox',
    statement_timeout: 30_000,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end Node.
  pool.on('error', () => undefined)
  // The same for one that breaks while it is in use: whoever uses it is told by its query.
  pool.on('connect', (client) => client.on('error', () => undefined))
  try {
    await migrate(pool)
    const clock = await PostgresClock.open(pool, connectionString, options.clockTable)
    return new PostgresStore(pool, clock)
  } catch (error) {
    await pool.end()
    throw error
  }
}

class PostgresStore implements Store {
  readonly #pool: pg.Pool
  readonly #clock: PostgresClock
  readonly #deliveries: PostgresDeliveries
  readonly #writers = new Map<AccountId, AccountWriter>()

  constructor(pool: pg.Pool, clock: PostgresClock) {
    this.#pool = pool
    this.#clock = clock
    this.#deliveries = new PostgresDeliveries(pool, clock.nowSql)
  }

  write<T>(account: AccountId, prefetch: Prefetch, job: (unit: Unit) => Promise<T>): Promise<T> {
    let writer = this.#writers.get(account)
    if (writer === undefined) {
      writer = new AccountWriter({
        account,
        pool: this.#pool,
        clockSql: this.#clock.nowSql,
        onClock: (nowMs) => this.#clock.observe(nowMs),
      })
      this.#writers.set(account, writer)
    }
    return writer.write(prefetch, job)
  }

  async read(account: AccountId): Promise<Reader> {
    return new PostgresReader(account, this.#clock.estimateMs(), (sql) => this.#run(sql))
  }

  async #run(sql: string): Promise<readonly Row[]> {
    return (await this.#pool.query<Row>(sql)).rows
  }

  async accountOf(kind: string, id: string): Promise<AccountId | undefined> {
    const rows = await this.#run(
      `select account from stripe_sandbox.object where kind = ${literal(kind)} and id = ${literal(id)} limit 1`,
    )
    return textOf(rows[0], 'account')
  }

  async accounts(): Promise<readonly AccountId[]> {
    const rows = await this.#run(
      `select account from stripe_sandbox.object where kind = '_account'`,
    )
    return rows.map((row) => String(row['account']))
  }

  nowMs(): Promise<number> {
    return this.#clock.nowMs()
  }

  offsetMs(): Promise<number> {
    return this.#clock.offsetMs()
  }

  setOffsetMs(offsetMs: number): Promise<void> {
    return this.#clock.setOffsetMs(offsetMs)
  }

  onClockMoved(listener: () => void): () => void {
    return this.#clock.onMoved(listener)
  }

  async accountsWithDueTasks(untilMs: number): Promise<readonly AccountId[]> {
    const rows = await this.#run(
      `select account, min(at_ms) from stripe_sandbox.task where at_ms <= ${numeral(untilMs)}
       group by account order by min(at_ms)`,
    )
    return rows.map((row) => String(row['account']))
  }

  async nextTaskAtMs(): Promise<number | undefined> {
    const rows = await this.#run('select min(at_ms) as at_ms from stripe_sandbox.task')
    const at = rows[0]?.['at_ms']
    return at === null || at === undefined ? undefined : Number(at)
  }

  claimDeliveries(
    request: Parameters<Store['claimDeliveries']>[0],
  ): ReturnType<Store['claimDeliveries']> {
    return this.#deliveries.claim(request)
  }

  recordOutcomes(outcomes: readonly DeliveryOutcome[]): Promise<void> {
    return this.#deliveries.record(outcomes)
  }

  deliveries(account: AccountId, filter: DeliveryFilter): Promise<readonly Delivery[]> {
    return this.#deliveries.list(account, filter)
  }

  delivery(account: AccountId, id: string): Promise<Delivery | undefined> {
    return this.#deliveries.get(account, id)
  }

  undelivered(account: AccountId, events: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#deliveries.undelivered(account, events)
  }

  release(account: AccountId, atMs: number): Promise<number> {
    return this.#deliveries.release(account, atMs)
  }

  dueDeliveries(untilMs: number): Promise<number> {
    return this.#deliveries.due(untilMs)
  }

  async logRequests(entries: readonly RequestEntry[]): Promise<void> {
    await this.#pool.query(
      `insert into stripe_sandbox.request (account, entry)
       select e.account, e.entry from json_to_recordset($1) as e (account text, entry json)`,
      [JSON.stringify(entries.map((entry) => ({ account: entry.account, entry })))],
    )
  }

  async requests(account: AccountId, limit: number): Promise<readonly RequestEntry[]> {
    const { rows } = await this.#pool.query<{ entry: RequestEntry }>(
      'select entry from stripe_sandbox.request where account = $1 order by seq desc limit $2',
      [account, limit],
    )
    return rows.map((row) => row.entry)
  }

  async prune(limits: {
    account: AccountId
    eventsBeforeMs: number
    answersBeforeMs: number
    maxRequests: number
  }): Promise<void> {
    const account = literal(limits.account)
    const before = (ms: number): number => Math.floor(ms / 1000)
    await this.#run(
      `with gone as (
         delete from stripe_sandbox.object where account = ${account} and kind = 'event' and listed
         and created < ${before(limits.eventsBeforeMs)} returning id
       ) delete from stripe_sandbox.delivery d using gone
       where d.account = ${account} and d.event = gone.id`,
    )
    await this.#run(
      `delete from stripe_sandbox.object where account = ${account} and kind = '_answer' and listed
       and created < ${before(limits.answersBeforeMs)}`,
    )
    await this.#run(
      `delete from stripe_sandbox.request where account = ${account} and seq <= (
         select seq from stripe_sandbox.request where account = ${account}
         order by seq desc offset ${numeral(limits.maxRequests)} limit 1)`,
    )
  }

  async reset(account: AccountId): Promise<void> {
    await this.#locked(account, async (client) => {
      for (const table of ['object', 'delivery', 'task', 'request'])
        await client.query(`delete from stripe_sandbox.${table} where account = $1`, [account])
    })
  }

  async snapshot(account: AccountId, id: string): Promise<Snapshot> {
    const takenAtMs = await this.nowMs()
    await this.#locked(account, (client) => takeSnapshot(client, account, id, takenAtMs))
    return { id, takenAtMs }
  }

  async restore(account: AccountId, id: string): Promise<boolean> {
    return this.#locked(account, (client) => restoreSnapshot(client, account, id))
  }

  /** A transaction between two units of the account. */
  async #locked<T>(account: AccountId, job: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    try {
      await client.query('begin')
      await client.query(AccountWriter.lockSql(account))
      const result = await job(client)
      await client.query('commit')
      client.release()
      return result
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#clock.close()
    await this.#pool.end()
  }
}

function textOf(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column]
  return typeof value === 'string' ? value : undefined
}
