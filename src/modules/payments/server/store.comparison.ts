import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { clockNow, reaching, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Interval, SubscriptionStatus } from '../types.ts'

/** How far a comparison of all subscriptions with Stripe's has come, or how it ended. */
export interface ComparisonRow {
  readonly state: 'running' | 'done' | 'failed'
  readonly told: number
  readonly differing: number
  readonly failure: string | undefined
  readonly startedAt: Date
  readonly finishedAt: Date | undefined
}

export interface ComparisonRun {
  readonly id: number
  readonly isHealing: boolean
  readonly holder: string
}

/** What Stripe told of a subscription that differs, as far as a person would want to see it. */
export interface ToldBrief {
  readonly status: SubscriptionStatus
  /** Of all that it consists of, each period. */
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
  readonly periodEndsAt: string | null
  readonly trialEndsAt: string | null
  readonly cancelsAt: string | null
  readonly endedAt: string | null
  readonly isPaused: boolean
  readonly discount: string | null
}

export interface DifferenceRow {
  readonly id: string
  readonly stripeSubscriptionId: string
  /** undefined: Stripe does not list it any more. */
  readonly told: ToldBrief | undefined
  readonly foundAt: Date
  /** It is being looked up, or will be by then; undefined: nobody has asked for it. */
  readonly dueAt: Date | undefined
  readonly failure: string | undefined
}

/** undefined: one is running already. */
export async function insertComparison(
  db: Db,
  one: { readonly backendId: number; readonly isHealing: boolean },
): Promise<string | undefined> {
  const row = await db
    .insertInto('mirror_comparison')
    .values({
      backend_id: one.backendId,
      is_healing: one.isHealing,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row && String(row.id)
}

/** The one that runs, for so many seconds; undefined: none does, or somebody else is at it. */
export async function claimComparison(
  db: Db,
  backendId: number,
  holder: string,
  seconds: number,
): Promise<ComparisonRun | undefined> {
  const row = await db
    .updateTable('mirror_comparison')
    .set({ holder, held_until: heldFor(seconds), told: 0, differing: 0 })
    .where('backend_id', '=', backendId)
    .where('state', '=', 'running')
    .where('held_until', '<=', sql<Date>`machine_now()`)
    .returning(['id', 'is_healing'])
    .executeTakeFirst()
  return row && { id: row.id, isHealing: row.is_healing, holder }
}

const heldFor = (seconds: number) => sql<Date>`machine_now() + ${seconds} * interval '1 second'`

/** Counts on and holds it for longer. false: somebody else took it over. */
export async function noteCompared(
  tx: Tx,
  run: ComparisonRun,
  more: { readonly told: number; readonly differing: number; readonly seconds: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('mirror_comparison')
    .set({
      told: sql<number>`told + ${more.told}`,
      differing: sql<number>`differing + ${more.differing}`,
      held_until: heldFor(more.seconds),
    })
    .where('id', '=', run.id)
    .where('holder', '=', run.holder)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function endComparison(
  db: Db,
  run: ComparisonRun,
  failure: string | undefined,
): Promise<void> {
  await db
    .updateTable('mirror_comparison')
    .set({
      state: failure === undefined ? 'done' : 'failed',
      failure: failure?.slice(0, 500) ?? null,
      finished_at: clockNow,
    })
    .where('id', '=', run.id)
    .where('holder', '=', run.holder)
    .where('state', '=', 'running')
    .execute()
}

/** Of a day each, and more while somebody plays with it: the last hundred are kept. */
export async function pruneComparisons(db: Db, backendId: number): Promise<void> {
  await sql`
    delete from mirror_comparison where backend_id = ${backendId} and id <= (
      select id from mirror_comparison where backend_id = ${backendId} order by id desc offset 100 limit 1)`.execute(
    db,
  )
}

export async function lastComparison(
  db: Db,
  backendId: number,
): Promise<ComparisonRow | undefined> {
  const row = await db
    .selectFrom('mirror_comparison')
    .select(['state', 'told', 'differing', 'failure', 'started_at', 'finished_at'])
    .where('backend_id', '=', backendId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (
    row && {
      // The table's check holds it to these words.
      state: row.state as ComparisonRow['state'],
      told: row.told,
      differing: row.differing,
      failure: row.failure ?? undefined,
      startedAt: row.started_at,
      finishedAt: row.finished_at ?? undefined,
    }
  )
}

/** isDue: to be looked up at once. What was found before is told anew. */
export async function insertDifferences(
  tx: Tx,
  backendId: number,
  found: readonly { readonly id: string; readonly told: ToldBrief | undefined }[],
  isDue: boolean,
): Promise<void> {
  if (found.length === 0) return
  await tx
    .insertInto('mirror_difference')
    .values(
      found.map(({ id, told }) => ({
        backend_id: backendId,
        stripe_subscription_id: id,
        told: told ? JSON.stringify(told) : null,
        due_at: isDue ? clockNow : null,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['stripe_subscription_id', 'backend_id']).doUpdateSet((set) => ({
        told: set.ref('excluded.told'),
        found_at: clockNow,
        due_at: sql<Date | null>`coalesce(excluded.due_at, mirror_difference.due_at)`,
        tries: 0,
        failure: null,
      })),
    )
    .execute()
}

export async function differenceRows(
  db: Db,
  backendId: number,
  reach: Reach,
): Promise<DifferenceRow[]> {
  const rows = await db
    .selectFrom('mirror_difference')
    .select(['id', 'stripe_subscription_id', 'told', 'found_at', 'due_at', 'failure'])
    .where('backend_id', '=', backendId)
    .$call(reaching(reach, { table: 'mirror_difference', at: 'found_at' }))
    .execute()
  return rows.map((row) => ({
    id: String(row.id),
    stripeSubscriptionId: row.stripe_subscription_id,
    // Written by this file alone.
    told: (row.told as ToldBrief | null) ?? undefined,
    foundAt: row.found_at,
    dueAt: row.due_at ?? undefined,
    failure: row.failure ?? undefined,
  }))
}

/** How many differ, and of how many of them a look is asked for. */
export async function countDifferences(
  db: Db,
  backendId: number,
): Promise<{ readonly all: number; readonly due: number }> {
  const row = await db
    .selectFrom('mirror_difference')
    .select((select) => [
      select.fn.countAll<number>().as('all'),
      select.fn.count<number>('due_at').as('due'),
    ])
    .where('backend_id', '=', backendId)
    .executeTakeFirstOrThrow()
  return row
}

/** id: of one difference; undefined: all of them. Returns how many were not asked for before. */
export async function askForDifferences(
  tx: Tx,
  backendId: number,
  id: string | undefined,
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('mirror_difference')
    .set({ due_at: clockNow, tries: 0, failure: null })
    .where('backend_id', '=', backendId)
    .where('due_at', 'is', null)
    .$if(id !== undefined, (query) => query.where('id', '=', Number(id)))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** So many that are due, nobody else's for a minute. */
export async function claimDifferences(
  db: Db,
  backendId: number,
  most: number,
): Promise<{ readonly id: string; readonly stripeSubscriptionId: string }[]> {
  const { rows } = await sql<{ id: string; stripeSubscriptionId: string }>`
    update mirror_difference set due_at = clock_now() + interval '1 minute', tries = tries + 1
    where id in (
      select id from mirror_difference where backend_id = ${backendId} and due_at <= clock_now()
      order by due_at limit ${most} for update skip locked)
    returning id::text, stripe_subscription_id as "stripeSubscriptionId"`.execute(db)
  return rows
}

/** Stripe could not be asked about it: again, later each time, and after so many tries not by itself any more. */
export async function postponeDifference(
  db: Db,
  id: string,
  failure: string,
  mostTries: number,
): Promise<void> {
  await db
    .updateTable('mirror_difference')
    .set({
      due_at: sql<Date | null>`case when tries < ${mostTries} then clock_now() + tries * tries * interval '10 seconds' end`,
      failure: failure.slice(0, 500),
    })
    .where('id', '=', Number(id))
    .execute()
}
