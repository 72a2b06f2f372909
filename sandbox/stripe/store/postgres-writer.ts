import type { Pool, PoolClient } from 'pg'
import type { Changes } from './buffered-unit.ts'
import type { Doc, Prefetch, Unit } from './store.ts'
import { createHash } from 'node:crypto'
import { BufferedUnit, createdOf, isEmpty } from './buffered-unit.ts'
import { literal } from './postgres-conditions.ts'
import { docOf, PostgresReader } from './postgres-reader.ts'

/** Requests that share one transaction, and so one wait for the disk. */
const MAX_BATCH = 64

const LOCK_CLASS = 0x53_54

type Job = {
  prefetch: Prefetch
  run: (unit: Unit) => Promise<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/**
 * The writers of one account in this process. They queue up; whoever waits when the transaction
 * before has been committed goes into the next one together. An advisory lock keeps the account's
 * writers of all processes one behind the other. Each job is answered after its commit.
 */
export class AccountWriter {
  readonly #account: string
  readonly #pool: Pool
  readonly #clockSql: string
  readonly #onClock: (nowMs: number) => void
  #queue: Job[] = []
  #isRunning = false

  constructor(given: {
    account: string
    pool: Pool
    /** An expression for the sandbox's now in milliseconds. */
    clockSql: string
    onClock: (nowMs: number) => void
  }) {
    this.#account = given.account
    this.#pool = given.pool
    this.#clockSql = given.clockSql
    this.#onClock = given.onClock
  }

  /** Waits until no other writer of the account is at work, in whatever process. */
  static lockSql(account: string): string {
    return `select pg_advisory_xact_lock(${LOCK_CLASS}, ${lockNumber(account)})`
  }

  write<T>(prefetch: Prefetch, job: (unit: Unit) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        prefetch,
        run: job,
        // What run resolves with is what this promise is of.
        resolve: (value) => resolve(value as T),
        reject,
      })
      if (!this.#isRunning) void this.#runAll()
    })
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true
    while (this.#queue.length > 0) await this.#runBatch()
    this.#isRunning = false
  }

  /**
   * Runs those who wait in one transaction. Resolves when its commit is on the way, so that the next
   * one already stands at the lock when it is done. Never rejects: what goes wrong is told to the jobs.
   */
  async #runBatch(): Promise<void> {
    let batch: Job[] = []
    let client: PoolClient | undefined
    try {
      client = await this.#pool.connect()
      const connection = client
      const { nowMs, known } = await this.#begin(connection)
      // Whoever came while the lock was waited for goes along.
      batch = this.#queue.splice(0, MAX_BATCH)
      await this.#readAhead(connection, batch, known)
      let broken: unknown
      const reader = new PostgresReader(
        this.#account,
        nowMs,
        async (sql) => {
          try {
            return (await connection.query(sql)).rows
          } catch (error) {
            // The transaction is void from here on, whatever the job makes of the error.
            broken = error
            throw error
          }
        },
        known,
      )
      const unit = new BufferedUnit(reader)
      const outcomes: Outcome[] = []
      for (const job of batch) {
        const inner = new BufferedUnit(unit)
        const outcome = await attempt(job, inner)
        if (broken !== undefined) throw broken
        if (outcome.ok) unit.absorb(inner.changes)
        outcomes.push(outcome)
      }
      const end = client.query(
        isEmpty(unit.changes)
          ? 'rollback'
          : `${changesSql(this.#account, unit.changes, unit.nowMs)}; commit`,
      )
      void answerWhenDone(client, end, batch, outcomes)
    } catch (error) {
      if (client !== undefined) await rollBack(client)
      if (batch.length === 0) batch = this.#queue.splice(0, MAX_BATCH)
      for (const job of batch) job.reject(error)
    }
  }

  /**
   * Opens the transaction, takes the account's lock, and reads what the waiting jobs will ask for,
   * all in one round trip. The lock is a statement of its own, so that the reading sees what the
   * writer before has committed.
   */
  async #begin(client: PoolClient): Promise<{ nowMs: number; known: Known }> {
    const wanted = prefetchOf(this.#queue)
    const results: unknown = await client.query(
      `begin isolation level read committed; ${AccountWriter.lockSql(this.#account)};
       select ${this.#clockSql} as now_ms; ${wantedSql(this.#account, wanted)}`,
    )
    // Several statements in one query give an array of results.
    const [, , clock, found] = results as { rows: Row[] }[]
    const nowMs = Math.floor(Number(clock?.rows[0]?.['now_ms']))
    this.#onClock(nowMs)
    const known: Known = new Map()
    remember(known, wanted, found?.rows ?? [])
    return { nowMs, known }
  }

  /** Reads what those will ask for who came while the lock was waited for. */
  async #readAhead(client: PoolClient, batch: readonly Job[], known: Known): Promise<void> {
    const wanted = prefetchOf(batch).filter((one) => !known.has(`${one.kind} ${one.id}`))
    if (wanted.length === 0) return
    const { rows } = await client.query<Row>(wantedSql(this.#account, wanted))
    remember(known, wanted, rows)
  }
}

type Row = Readonly<Record<string, unknown>>

/** What was read in a transaction, by kind and id; undefined = there is no such document. */
type Known = Map<string, Doc | undefined>

function prefetchOf(jobs: readonly Job[]): Prefetch {
  const wanted = new Map<string, { kind: string; id: string }>()
  for (const job of jobs) for (const one of job.prefetch) wanted.set(`${one.kind} ${one.id}`, one)
  return [...wanted.values()]
}

function wantedSql(account: string, wanted: Prefetch): string {
  const pairs = wanted.map(({ kind, id }) => `(${literal(kind)}, ${literal(id)})`)
  return `select o.kind, o.id, o.doc from stripe_sandbox.object o
    where o.account = ${literal(account)} and ${
      pairs.length === 0 ? 'false' : `(o.kind, o.id) in (${pairs.join(', ')})`
    }`
}

function remember(known: Known, wanted: Prefetch, rows: readonly Row[]): void {
  for (const { kind, id } of wanted) known.set(`${kind} ${id}`, undefined)
  for (const row of rows) known.set(`${String(row['kind'])} ${String(row['id'])}`, docOf(row))
}

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown }

async function attempt(job: Job, unit: Unit): Promise<Outcome> {
  try {
    return { ok: true, value: await job.run(unit) }
  } catch (error) {
    return { ok: false, error }
  }
}

/** Tells the jobs how they ended, once the database has said that it is kept. Never rejects. */
async function answerWhenDone(
  client: PoolClient,
  end: Promise<unknown>,
  batch: readonly Job[],
  outcomes: readonly Outcome[],
): Promise<void> {
  try {
    await end
    client.release()
  } catch (error) {
    // Whether the commit reached the disk is unknown, so nobody is told that it did; and the
    // connection is thrown away.
    client.release(true)
    for (const job of batch) job.reject(error)
    return
  }
  for (const [at, job] of batch.entries()) {
    const outcome = outcomes[at]
    if (outcome?.ok === true) job.resolve(outcome.value)
    else job.reject(outcome?.error)
  }
}

async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('rollback')
    client.release()
  } catch (error) {
    client.release(error instanceof Error ? error : true)
  }
}

/** Two accounts may share a number; they then wait for each other, which is slow but right. */
function lockNumber(account: string): number {
  return createHash('sha256').update(account).digest().readInt32BE(0)
}

/** Everything a unit changed, as a few statements. */
function changesSql(account: string, changes: Changes, nowMs: number): string {
  const statements: string[] = []
  const owner = literal(account)
  if (changes.puts.size > 0) {
    const rows = [...changes.puts.values()].map(
      ({ kind, doc, listed }) =>
        `(${owner}, ${literal(kind)}, ${literal(doc.id)}, ${createdOf(doc)}, ${nowMs}, ${listed}, ${literal(JSON.stringify(doc))})`,
    )
    statements.push(
      `insert into stripe_sandbox.object (account, kind, id, created, inserted_ms, listed, doc)
       values ${rows.join(', ')}
       on conflict (account, kind, id) do update set listed = excluded.listed, doc = excluded.doc`,
    )
  }
  for (const { object, type } of changes.unscheduled)
    statements.push(
      `delete from stripe_sandbox.task where account = ${owner}
       and (object = ${literal(object)} or id = ${literal(object)})
       ${type === undefined ? '' : `and type = ${literal(type)}`}`,
    )
  if (changes.scheduled.length > 0) {
    const rows = changes.scheduled.map(
      (task) =>
        `(${owner}, ${literal(task.id)}, ${Math.round(task.atMs)}, ${literal(task.type)}, ${literal(task.object)})`,
    )
    statements.push(
      `insert into stripe_sandbox.task (account, id, at_ms, type, object) values ${rows.join(', ')}`,
    )
  }
  if (changes.deliveries.length > 0) {
    const rows = changes.deliveries.map(
      (one) =>
        `(${owner}, ${literal(one.id)}, ${literal(one.event)}, ${literal(one.eventType)}, ${literal(one.endpoint)}, ${literal(one.status)}, ${one.held}, ${Math.round(one.createdMs)}, ${Math.round(one.nextAtMs)}, ${literal(JSON.stringify(one.attempts))}, ${literal(JSON.stringify(one.faults))}, ${literal(one.cause)})`,
    )
    statements.push(
      `insert into stripe_sandbox.delivery
         (account, id, event, event_type, endpoint, status, held, created_ms, next_at_ms, attempts, faults, cause)
       values ${rows.join(', ')}`,
    )
  }
  return statements.join('; ')
}
