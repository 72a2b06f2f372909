import { sql } from 'kysely'
import type { PaymentMode } from '#modules/payments/types.ts'
import type { Reach } from '#modules/platform/paging.ts'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { PlanAtStripe } from '../plan-at-stripe.ts'
import type { PlanCounts } from '../plan-words.ts'
import type { PlanTerms, PlanWords } from '../plan-form.ts'
import type { IntervalUnit, Plan } from '../types.ts'

const columns = [
  'plan.id',
  'plan.title',
  'plan.description',
  'plan.plan_group',
  'plan.tier',
  'plan.amount_minor',
  'plan.currency',
  'plan.interval_unit',
  'plan.interval_count',
  'plan.trial_days',
  'plan.token_allotment',
  'plan.is_enabled',
  'plan.is_example',
  'plan.created_at',
] as const

interface Row {
  id: string
  title: string
  description: string
  plan_group: string
  tier: number
  amount_minor: number
  currency: string
  interval_unit: string
  interval_count: number
  trial_days: number
  token_allotment: number
  is_enabled: boolean
  is_example: boolean
  created_at: Date
}

function fromRow(row: Row): Plan {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    group: row.plan_group,
    tier: row.tier,
    amountMinor: row.amount_minor,
    currency: row.currency,
    // The table's check holds it to the words of this type.
    interval: { unit: row.interval_unit as IntervalUnit, count: row.interval_count },
    trialDays: row.trial_days,
    tokenAllotment: row.token_allotment,
    isEnabled: row.is_enabled,
    isExample: row.is_example,
    createdAt: row.created_at,
  }
}

/** Enabled ones first, then by group, tier and price. An owner's plans are few. */
export async function allPlans(db: Db, most: number): Promise<Plan[]> {
  const rows = await db
    .selectFrom('plan')
    .select(columns)
    .orderBy('is_enabled', 'desc')
    .orderBy('plan_group')
    .orderBy('tier')
    .orderBy('amount_minor')
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map(fromRow)
}

/** Those that are open to whoever wants to subscribe, by group, tier and price. */
export async function offeredPlans(db: Db, most: number): Promise<Plan[]> {
  const rows = await db
    .selectFrom('plan')
    .select(columns)
    .where('is_enabled', '=', true)
    .orderBy('plan_group')
    .orderBy('tier')
    .orderBy('amount_minor')
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map(fromRow)
}

export async function findPlan(db: Db, id: string): Promise<Plan | undefined> {
  const row = await db.selectFrom('plan').select(columns).where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** Locked until the transaction ends, before those who are subscribing to it. */
export async function lockPlan(tx: Tx, id: string): Promise<Plan | undefined> {
  const row = await tx
    .selectFrom('plan')
    .select(columns)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The plan that costs, lasts and is called the same, made a moment ago: pressing twice is once. */
export async function findJustMade(
  tx: Tx,
  words: PlanWords,
  terms: PlanTerms,
  withinSeconds: number,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('plan')
    .select('id')
    .where('title', '=', words.title)
    .where('amount_minor', '=', terms.amountMinor)
    .where('currency', '=', terms.currency)
    .where('interval_unit', '=', terms.interval.unit)
    .where('interval_count', '=', terms.interval.count)
    .where(sql<boolean>`lower(plan_group) = lower(${terms.group})`)
    .where('created_at', '>', sql<Date>`clock_now() - ${withinSeconds} * interval '1 second'`)
    .executeTakeFirst()
  return row?.id
}

/** How the group is written already, whatever the case; as given where it is new. */
export async function spelledGroup(db: Db, group: string): Promise<string> {
  const row = await db
    .selectFrom('plan')
    .select('plan_group')
    .where(sql<boolean>`lower(plan_group) = lower(${group})`)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row?.plan_group ?? group
}

/** Whoever makes a plan waits for the one who is making another: pressing twice at once is once. */
export async function waitForOtherMakers(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('a plan is being made'))`.execute(tx)
}

export async function insertPlan(
  tx: Tx,
  words: PlanWords,
  terms: PlanTerms,
  options: { readonly isExample?: boolean } = {},
): Promise<string> {
  const { id } = await tx
    .insertInto('plan')
    .values({
      title: words.title,
      description: words.description,
      tier: words.tier,
      trial_days: words.trialDays,
      token_allotment: words.tokenAllotment,
      plan_group: terms.group,
      amount_minor: terms.amountMinor,
      currency: terms.currency,
      interval_unit: terms.interval.unit,
      interval_count: terms.interval.count,
      is_example: options.isExample ?? false,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/**
 * Deletes the example plans that nothing hangs on; used: those left that are still enabled. What a real account of Stripe knows stays, too:
 * its price would be of nothing.
 */
export async function deleteUnusedExamplePlans(
  tx: Tx,
): Promise<{ readonly deleted: number; readonly used: readonly string[] }> {
  const gone = await sql`
    delete from plan where is_example
      and not exists (select from subscription s where plan.id in (s.plan_id, s.next_plan_id, s.noted_plan_id))
      and not exists (select from subscription_item where plan_id = plan.id)
      and not exists (select from subscription_checkout where plan_id = plan.id)
      and not exists (select from allotment where plan_id = plan.id)
      and not exists (select from subscription_event where plan_id = plan.id)
      and not exists (select from given_plan where plan_id = plan.id)
      and not exists (select from coupon_plan where plan_id = plan.id)
      and not exists (select from post_opener where benefit = 'plan' and subject_id = plan.id)
      and not exists (select from plan_price p join stripe_backend b on b.id = p.backend_id
        where p.plan_id = plan.id and b.mode <> 'rehearsal' and p.stripe_price_id is not null)`.execute(
    tx,
  )
  const rows = await tx
    .selectFrom('plan')
    .select('id')
    .where('is_example', '=', true)
    .where('is_enabled', '=', true)
    .execute()
  return { deleted: Number(gone.numAffectedRows ?? 0n), used: rows.map(({ id }) => id) }
}

export async function updateWords(tx: Tx, id: string, words: PlanWords): Promise<void> {
  await tx
    .updateTable('plan')
    .set({
      title: words.title,
      description: words.description,
      tier: words.tier,
      trial_days: words.trialDays,
      token_allotment: words.tokenAllotment,
      is_example: false,
      updated_at: clockNow,
    })
    .where('id', '=', id)
    .execute()
}

export async function setEnabled(tx: Tx, id: string, isEnabled: boolean): Promise<void> {
  await tx
    .updateTable('plan')
    .set({ is_enabled: isEnabled, updated_at: clockNow })
    .where('id', '=', id)
    .execute()
}

/** How many pay for each plan, try it, owe for it; those that are about to end are told apart. */
export async function countsOf(
  db: Db,
  planIds: readonly string[],
): Promise<Map<string, Omit<PlanCounts, 'given'>>> {
  const { rows } = await sql<Omit<PlanCounts, 'given'> & { readonly planId: string }>`
    select plan_id as "planId",
      (count(*) filter (where status = 'active'))::int as paying,
      (count(*) filter (where status = 'trialing'))::int as trying,
      (count(*) filter (where status = 'past_due'))::int as owing,
      (count(*) filter (where status in ('active', 'trialing', 'past_due') and cancels_at is not null))::int as ending
    from subscription
    where plan_id = any(${planIds}::uuid[]) and is_live and surplus_reason is null
    group by plan_id`.execute(db)
  return new Map(rows.map(({ planId, ...counts }) => [planId, counts]))
}

/** How many are at the payment page for each plan right now. */
export async function openCheckoutsOf(
  db: Db,
  planIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ planId: string; open: number }>`
    select plan_id as "planId", count(*)::int as open from subscription_checkout
    where plan_id = any(${planIds}::uuid[]) and state = 'open' and not is_to_close
    group by plan_id`.execute(db)
  return new Map(rows.map((row) => [row.planId, row.open]))
}

/** Enabled ones first, then by group, tier and price; beyond the mark, or upwards from it. */
export async function planRows(db: Db, reach: Reach): Promise<Plan[]> {
  const order = sql`(not is_enabled, plan_group, tier, amount_minor, id)`
  const isDown = reach.direction === 'older'
  const rows = await db
    .selectFrom('plan')
    .select(columns)
    .$if(reach.mark !== undefined, (query) =>
      query.where(
        sql<boolean>`${order} ${sql.raw(isDown ? '>' : '<')} (
          select not mark.is_enabled, mark.plan_group, mark.tier, mark.amount_minor, mark.id
          from plan mark where mark.id::text = ${reach.mark})`,
      ),
    )
    .orderBy(sql`not is_enabled`, isDown ? 'asc' : 'desc')
    .orderBy('plan_group', isDown ? 'asc' : 'desc')
    .orderBy('tier', isDown ? 'asc' : 'desc')
    .orderBy('amount_minor', isDown ? 'asc' : 'desc')
    .orderBy('id', isDown ? 'asc' : 'desc')
    .limit(reach.limit)
    .execute()
  return rows.map(fromRow)
}

// ---- plans at Stripe ----

/** Asks for the plan to be brought to Stripe, or to be brought up to date there. */
export async function askForSync(tx: Tx, planId: string, backendId: number): Promise<void> {
  await tx
    .insertInto('plan_price')
    .values({ plan_id: planId, backend_id: backendId })
    .onConflict((conflict) =>
      conflict.columns(['plan_id', 'backend_id']).doUpdateSet({
        due_at: clockNow,
        tries: 0,
        // Whoever asks for it here wants it so, whatever was done there before.
        changed_there_at: null,
        closed_there_at: null,
      }),
    )
    .execute()
}

/** Stripe changed a price of ours, or the product of all of them: they are looked at soon. false: it is none of ours. */
export async function notePlansChangedThere(
  tx: Tx,
  backendId: number,
  offerId: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update plan_price set changed_there_at = clock_now(), due_at = coalesce(due_at, clock_now())
    where backend_id = ${backendId} and stripe_price_id is not null and (stripe_price_id = ${offerId} or exists (
      select from membership_product p where p.backend_id = ${backendId} and p.stripe_product_id = ${offerId}))
  `.execute(tx)
  return (numAffectedRows ?? 0n) > 0n
}

/** Whether Stripe told of a change since the plan was last brought there. */
export async function isChangedThere(db: Db, backendId: number, planId: string): Promise<boolean> {
  const row = await db
    .selectFrom('plan_price')
    .select('changed_there_at')
    .where('backend_id', '=', backendId)
    .where('plan_id', '=', planId)
    .executeTakeFirst()
  return row?.changed_there_at != null
}

export async function noteClosedThere(tx: Tx, backendId: number, planId: string): Promise<void> {
  await tx
    .updateTable('plan_price')
    .set({ closed_there_at: clockNow, changed_there_at: null })
    .where('backend_id', '=', backendId)
    .where('plan_id', '=', planId)
    .execute()
}

/**
 * Plans that this backend has never heard of: after going live, or with other keys, that is all of them. Examples are shown in the
 * rehearsal alone: nothing of them is made at an account of the owner's.
 */
export async function askForAll(
  db: Db,
  { id: backendId, mode }: { readonly id: number; readonly mode: PaymentMode },
): Promise<number> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('plan_price')
    .columns(['plan_id', 'backend_id'])
    .expression((query) =>
      query
        .selectFrom('plan')
        .select(['plan.id', sql<number>`${backendId}::int`.as('backend_id')])
        .where('plan.is_enabled', '=', true)
        .$if(mode !== 'rehearsal', (plans) => plans.where('plan.is_example', '=', false)),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(numInsertedOrUpdatedRows ?? 0n)
}

/** What this backend is known to hold of these plans; a plan it never heard of is not among them. */
export async function plansAtStripe(
  db: Db,
  backendId: number,
  planIds: readonly string[],
): Promise<Map<string, PlanAtStripe>> {
  if (planIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('plan_price')
    .select(['plan_id', 'stripe_price_id', 'due_at', 'last_error', 'closed_there_at'])
    .where('backend_id', '=', backendId)
    .where('plan_id', 'in', planIds)
    .execute()
  return new Map(
    rows.map((row) => [
      row.plan_id,
      {
        isThere: row.stripe_price_id !== null,
        isDue: row.due_at !== null,
        problem: row.last_error ?? undefined,
        closedThereAt: row.closed_there_at ?? undefined,
      },
    ]),
  )
}

/**
 * Plans whose turn at Stripe has come. Each is put off at once by the time one try may take, so that of several processes
 * one works on it, and a process that dies leaves it to the next.
 */
export async function takeDuePlans(db: Db, backendId: number, most: number): Promise<string[]> {
  const { rows } = await sql<{ plan_id: string }>`
    update plan_price set due_at = clock_now() + interval '1 minute', tries = tries + 1
    where backend_id = ${backendId} and plan_id in (
      select plan_id from plan_price where backend_id = ${backendId} and due_at <= clock_now()
      order by due_at limit ${most} for update skip locked)
    returning plan_id`.execute(db)
  return rows.map((row) => row.plan_id)
}

/** Takes one plan's turn now, for somebody who waits. */
export async function takePlan(db: Db, backendId: number, planId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('plan_price')
    .set({
      due_at: sql<Date>`clock_now() + interval '1 minute'`,
      tries: sql<number>`tries + 1`,
    })
    .where('backend_id', '=', backendId)
    .where('plan_id', '=', planId)
    .where('due_at', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function priceAtStripe(
  db: Db,
  backendId: number,
  planId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('plan_price')
    .select('stripe_price_id')
    .where('backend_id', '=', backendId)
    .where('plan_id', '=', planId)
    .executeTakeFirst()
  return row?.stripe_price_id ?? undefined
}

/** What Stripe answered. Due again at once when the plan was changed while Stripe was asked. */
export async function storePriceAtStripe(
  db: Db,
  backendId: number,
  planId: string,
  there: {
    readonly stripePriceId: string
    readonly isActive: boolean
    readonly title: string
  },
): Promise<void> {
  await sql`
    update plan_price set stripe_price_id = coalesce(stripe_price_id, ${there.stripePriceId}),
      is_active_there = ${there.isActive}, title_there = ${there.title}, last_error = null, tries = 0, changed_there_at = null,
      due_at = case when exists (select from plan where plan.id = ${planId} and is_enabled = ${there.isActive} and title = ${there.title})
        then null else clock_now() end
    where plan_id = ${planId} and backend_id = ${backendId}`.execute(db)
}

export async function noteFailedSync(
  db: Db,
  backendId: number,
  planId: string,
  error: string,
): Promise<void> {
  await db
    .updateTable('plan_price')
    .set({
      last_error: error.slice(0, 500),
      due_at: sql<Date>`clock_now() + least(3600, 5 * 2 ^ least(tries, 10)) * interval '1 second'`,
    })
    .where('plan_id', '=', planId)
    .where('backend_id', '=', backendId)
    .execute()
}

export async function productAtStripe(db: Db, backendId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('membership_product')
    .select('stripe_product_id')
    .where('backend_id', '=', backendId)
    .executeTakeFirst()
  return row?.stripe_product_id ?? undefined
}

export async function askForProduct(db: Db, backendId: number): Promise<void> {
  await db
    .insertInto('membership_product')
    .values({ backend_id: backendId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function storeProductAtStripe(
  db: Db,
  backendId: number,
  productId: string,
): Promise<void> {
  await db
    .updateTable('membership_product')
    .set({ stripe_product_id: productId })
    .where('backend_id', '=', backendId)
    .execute()
}
