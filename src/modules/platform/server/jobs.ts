import { CompiledQuery } from 'kysely'
import { PgBoss, type Job, type JobResult, type QueueOptions } from 'pg-boss'
import { afterCommit, urlWithoutWaiting, type Db, type Tx } from './database.ts'
import { log, withRequestId } from './log.ts'

/**
 * A kind of work done after the transaction that asked for it. Handlers run at least once and possibly
 * twice: each finds out by itself, from what is stored, whether there is still something to do.
 */
export interface JobKind<Data extends object> {
  readonly name: string
  /** Throws when the job should be tried again. */
  handle(data: Data): Promise<void>
  readonly options?: {
    /** Tries after the first; then the job is parked and shown to the owner. Default 10. */
    readonly retries?: number
    /** A worker that has not finished by then is taken for dead. Default 60. */
    readonly expireInSeconds?: number
    readonly concurrency?: number
    /** Five-field cron expression in UTC, when the job also runs by itself. */
    readonly cron?: string
    /** At most one waiting job of this kind. */
    readonly single?: boolean
  }
}

let boss: PgBoss | undefined
/** The workers of this process by the kind they work on: told at once of what is asked for here. */
const workers = new Map<string, string[]>()

/** What one worker takes at once, and works on one after the other. */
const batchSize = 5
/** How soon a worker finds by itself what nobody told it of: another process's jobs, and those that are tried again. */
const pollEverySeconds = 2

/** The job that a poisoned one ends as: kept for the owner to see. */
const parkedQueue = 'parked'

/** Starts the queue and the workers of these kinds. Called once a process, by boot. */
export async function startJobs(
  kinds: readonly JobKind<never>[],
  work: { workers: boolean },
): Promise<void> {
  const starting = new PgBoss({
    // A job is asked for in the caller's durable transaction; having taken or finished one twice does no harm.
    connectionString: jobsUrl(),
    application_name: 'sundry jobs',
    // Nobody is notified by the database: every such commit waits for all others of its kind, and a sale asks for a mail.
    max: 3,
    // A shop of one has few jobs; looking after the queue once a minute is plenty.
    superviseIntervalSeconds: 60,
    maintenanceIntervalSeconds: 600,
  })
  starting.on('error', (error) => log.error({ error: error.message }, 'job queue'))
  await starting.start()
  await starting.createQueue(parkedQueue, { retentionSeconds: 90 * 86_400 })
  for (const kind of kinds) {
    const options: QueueOptions & { deadLetter: string; policy?: string } = {
      retryLimit: kind.options?.retries ?? 10,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 3600,
      expireInSeconds: kind.options?.expireInSeconds ?? 60,
      deleteAfterSeconds: 3600,
      deadLetter: parkedQueue,
      ...(kind.options?.single ? { policy: 'short' } : {}),
    }
    await starting.createQueue(kind.name, options)
    if (kind.options?.cron) await starting.schedule(kind.name, kind.options.cron, {}, { tz: 'UTC' })
    if (!work.workers) continue
    const ids: string[] = []
    for (let number = 0; number < (kind.options?.concurrency ?? 1); number++) {
      const id = await starting.work(
        kind.name,
        {
          batchSize,
          // As long as there is more, without a pause.
          burstWhenBatchFull: true,
          perJobResults: true,
          pollingIntervalSeconds: pollEverySeconds,
        },
        (jobs: Job[]) => workOff(kind, jobs),
      )
      ids.push(id)
    }
    workers.set(kind.name, ids)
  }
  boss = starting
  // What a killed process was working on is taken up again now, not at the first look a minute from here: one that is
  // killed again and again before that would never get to it.
  starting
    .supervise()
    .catch((error: unknown) => log.error({ error: String(error) }, 'looking after the job queue'))
}

/** A database that went silent is given up on here too; looking after the queue may take longer than any page. */
function jobsUrl(): string {
  const url = new URL(urlWithoutWaiting())
  url.searchParams.set('query_timeout', '60000')
  return url.href
}

async function workOff(kind: JobKind<never>, jobs: readonly Job[]): Promise<JobResult[]> {
  const results: JobResult[] = []
  for (const job of jobs) {
    try {
      // The queue of a kind holds jobs of that kind alone.
      await withRequestId(`job-${job.id}`, () => kind.handle(job.data as never))
      results.push({ id: job.id, status: 'completed' })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      results.push({ id: job.id, status: 'failed', output: { message } })
    }
  }
  return results
}

/** Waits for running jobs (at most 10 s) and ends the queue. */
export async function stopJobs(): Promise<void> {
  const stopping = boss
  boss = undefined
  workers.clear()
  await stopping?.stop({ graceful: true, timeout: 10_000 })
}

/**
 * Asks for a job in the caller's transaction: it exists exactly when the transaction commits.
 * key: a second job with the same key is not made while the first one waits (needs options.single).
 */
export async function sendJob<Data extends object>(
  tx: Tx,
  kind: JobKind<Data>,
  data: Data,
): Promise<void> {
  await (boss ?? starved()).send(kind.name, data, { db: over(tx) })
  afterCommit(tx, () => tellWorkers(kind.name))
}

/** Asks for a job now, outside any transaction. */
export async function sendJobNow<Data extends object>(
  kind: JobKind<Data>,
  data: Data,
): Promise<void> {
  await (boss ?? starved()).send(kind.name, data)
  tellWorkers(kind.name)
}

function tellWorkers(name: string): void {
  for (const id of workers.get(name) ?? []) boss?.notifyWorker(id)
}

function starved(): never {
  throw new Error('The job queue is not running; startJobs() comes first.')
}

function over(db: Db) {
  return {
    async executeSql(text: string, values: unknown[] = []) {
      const result = await db.executeQuery(CompiledQuery.raw(text, values))
      return { rows: result.rows }
    },
  }
}
