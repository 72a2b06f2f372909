import type {
  AccountId,
  Claim,
  Delivery,
  DeliveryAttempt,
  DeliveryFault,
  DeliveryFilter,
  DeliveryOutcome,
  Doc,
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
  readonly #writers = new Map<AccountId, AccountWriter>()

  constructor(pool: pg.Pool, clock: PostgresClock) {
    this.#pool = pool
    this.#clock = clock
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

  async claimDeliveries(request: {
    untilMs: number
    perEndpoint: number
    busy: ReadonlyMap<string, number>
    leaseMs: number
    only?: readonly string[]
  }): Promise<readonly Claim[]> {
    const { rows } = await this.#pool.query<Row>(
      request.only === undefined ? CLAIM_DUE : CLAIM_NAMED,
      request.only === undefined
        ? [
            Math.floor(request.untilMs),
            request.perEndpoint,
            JSON.stringify(Object.fromEntries(request.busy)),
            request.leaseMs,
          ]
        : [request.only, request.leaseMs],
    )
    return rows.map((row) => ({
      delivery: deliveryOf(row),
      event: documentOf(row['event_doc']),
      endpoint: documentOf(row['endpoint_doc']),
      endpointRecord: documentOf(row['record_doc']),
    }))
  }

  async recordOutcomes(outcomes: readonly DeliveryOutcome[]): Promise<void> {
    if (outcomes.length === 0) return
    // Only a pending delivery: one that another process took over and finished stays finished.
    await this.#pool.query(
      `update stripe_sandbox.delivery d
       set status = o.status, next_at_ms = o.next_at_ms, lease_until = null,
           attempts = d.attempts || jsonb_build_array(o.attempt)
       from json_to_recordset($1) as o (account text, id text, status text, next_at_ms bigint, attempt jsonb)
       where d.account = o.account and d.id = o.id and d.status = 'pending'`,
      [
        JSON.stringify(
          outcomes.map((one) => ({
            account: one.account,
            id: one.id,
            status: one.status,
            next_at_ms: Math.round(one.nextAtMs),
            attempt: one.attempt,
          })),
        ),
      ],
    )
  }

  async deliveries(account: AccountId, filter: DeliveryFilter): Promise<readonly Delivery[]> {
    const { rows } = await this.#pool.query<Row>(
      `select * from stripe_sandbox.delivery
       where account = $1 and ($2::text is null or status = $2) and ($3::boolean is null or held = $3)
         and ($4::text is null or event = $4) and ($5::text is null or endpoint = $5)
       order by seq desc limit $6`,
      [
        account,
        filter.status ?? null,
        filter.held ?? null,
        filter.event ?? null,
        filter.endpoint ?? null,
        filter.limit,
      ],
    )
    return rows.map(deliveryOf)
  }

  async delivery(account: AccountId, id: string): Promise<Delivery | undefined> {
    const { rows } = await this.#pool.query<Row>(
      'select * from stripe_sandbox.delivery where account = $1 and id = $2',
      [account, id],
    )
    return rows[0] === undefined ? undefined : deliveryOf(rows[0])
  }

  async undelivered(
    account: AccountId,
    events: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    if (events.length === 0) return new Map()
    const { rows } = await this.#pool.query<{ event: string; open: string }>(
      `select event, count(*) as open from stripe_sandbox.delivery
       where account = $1 and event = any($2) and status <> 'succeeded' group by event`,
      [account, events],
    )
    return new Map(rows.map((row) => [row.event, Number(row.open)]))
  }

  async release(account: AccountId, atMs: number): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `update stripe_sandbox.delivery set held = false, next_at_ms = least(next_at_ms, $2)
       where account = $1 and held and status = 'pending'`,
      [account, Math.floor(atMs)],
    )
    return rowCount ?? 0
  }

  async dueDeliveries(untilMs: number): Promise<number> {
    const rows = await this.#run(
      `select count(*) as due from stripe_sandbox.delivery
       where status = 'pending' and not held and next_at_ms <= ${Math.floor(untilMs)}`,
    )
    return Number(rows[0]?.['due'] ?? 0)
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

/** What a claim gives back beside the delivery, so that nothing else has to be read to send it. */
const WITH_DOCUMENTS = `
  select taken.*, ev.doc as event_doc, ep.doc as endpoint_doc, er.doc as record_doc
  from taken
  left join stripe_sandbox.object ev on ev.account = taken.account and ev.kind = 'event' and ev.id = taken.event
  left join stripe_sandbox.object ep on ep.account = taken.account and ep.kind = 'webhook_endpoint' and ep.id = taken.endpoint
  left join stripe_sandbox.object er on er.account = taken.account and er.kind = '_endpoint' and er.id = taken.endpoint
  order by taken.next_at_ms, taken.seq`

/** $1 until, $2 per endpoint, $3 busy endpoints as json, $4 lease. */
const CLAIM_DUE = `
  with due as (
    select d.account, d.id
    from (select distinct account, endpoint from stripe_sandbox.delivery
          where status = 'pending' and not held and next_at_ms <= $1) e
    cross join lateral (
      select account, id from stripe_sandbox.delivery
      where account = e.account and endpoint = e.endpoint and status = 'pending' and not held
        and next_at_ms <= $1 and (lease_until is null or lease_until < now())
      order by next_at_ms, seq
      limit greatest(0, $2::int - coalesce(($3::json ->> e.endpoint)::int, 0))
      for update skip locked
    ) d
  ), taken as (
    update stripe_sandbox.delivery d set lease_until = now() + $4 * interval '1 ms'
    from due where d.account = due.account and d.id = due.id returning d.*
  ) ${WITH_DOCUMENTS}`

/** $1 ids, $2 lease. */
const CLAIM_NAMED = `
  with due as (
    select account, id from stripe_sandbox.delivery
    where id = any($1) and status = 'pending' and not held
      and (lease_until is null or lease_until < now())
    for update skip locked
  ), taken as (
    update stripe_sandbox.delivery d set lease_until = now() + $2 * interval '1 ms'
    from due where d.account = due.account and d.id = due.id returning d.*
  ) ${WITH_DOCUMENTS}`

function deliveryOf(row: Row): Delivery {
  return {
    id: String(row['id']),
    account: String(row['account']),
    event: String(row['event']),
    eventType: String(row['event_type']),
    endpoint: String(row['endpoint']),
    // The columns hold what Unit.deliver and recordOutcomes were given, which has these types.
    status: row['status'] as Delivery['status'],
    held: row['held'] === true,
    createdMs: Number(row['created_ms']),
    nextAtMs: Number(row['next_at_ms']),
    attempts: row['attempts'] as readonly DeliveryAttempt[],
    faults: row['faults'] as readonly DeliveryFault[],
    cause: row['cause'] as Delivery['cause'],
  }
}

function documentOf(value: unknown): Doc | undefined {
  // A joined `doc` column: what put() was given, or null where there is no such row.
  return (value as Doc | null) ?? undefined
}

function textOf(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column]
  return typeof value === 'string' ? value : undefined
}
