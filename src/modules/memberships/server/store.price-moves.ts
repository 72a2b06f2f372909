import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { reaching, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { LeftOut, PersonState } from '../price-move.ts'
import type { Interval, IntervalUnit, SubscriptionStatus } from '../types.ts'

/** Stripe has the other price so long before the renewal that asks for it: short, since plans cannot be changed meanwhile. */
const leadTime = sql`interval '1 day'`
/** And no later than this: a renewal under way is not touched. */
const lastMoment = sql`interval '2 minutes'`
/** Whoever asks Stripe for one has so long; then somebody else asks again. */
const heldFor = sql`interval '2 minutes'`
const mostTries = 20

const openStates = sql`('waiting', 'told', 'setting', 'set')`

/** Why a subscription is left out; null: it is moved. */
const leftOut = sql<LeftOut | null>`case
  when s.member_id is null then 'nobody'
  when s.cancels_at is not null or s.is_to_end then 'ending'
  when s.next_plan_id is not null then 'changing'
  when s.is_paused or s.status = 'paused' then 'paused'
  when s.status in ('past_due', 'unpaid') then 'owing'
  when s.discount_duration is not null then 'coupon'
  when s.money <> 'kept' then 'money'
  when s.period_ends_at is null or (select count(*) <> 1 or bool_or(i.quantity <> 1 or i.plan_id is null) from subscription_item i
    where i.subscription_id = s.id) then 'odd'
  when exists (select from price_move_person other where other.subscription_id = s.id and other.state in ${openStates}) then 'moving'
end`

export interface MoveCounts {
  readonly toMove: number
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>
}

/** Of the live subscriptions of a plan: how many would be moved, and why the others would not. */
export async function countMovable(
  db: Db,
  backendId: number,
  fromPlanId: string,
): Promise<MoveCounts> {
  const { rows } = await sql<{ reason: LeftOut | null; all: number }>`
    select ${leftOut} as reason, count(*)::int as all from subscription s
    where s.backend_id = ${backendId} and s.plan_id = ${fromPlanId} and s.is_live and s.surplus_reason is null
    group by 1`.execute(db)
  const out: Partial<Record<LeftOut, number>> = {}
  for (const { reason, all } of rows) if (reason !== null) out[reason] = all
  return { toMove: rows.find(({ reason }) => reason === null)?.all ?? 0, leftOut: out }
}

export interface MovableRow {
  readonly id: string
  readonly customerId: string | undefined
  readonly email: string | undefined
  readonly status: SubscriptionStatus
  readonly interval: Interval
  readonly periodStartsAt: Date | undefined
  readonly periodEndsAt: Date | undefined
  readonly reason: LeftOut | undefined
}

/** The live subscriptions of a plan, the newest first. */
export async function movableRows(
  db: Db,
  backendId: number,
  fromPlanId: string,
  reach: Reach,
): Promise<MovableRow[]> {
  const rows = await db
    .selectFrom('subscription as s')
    .leftJoin('member', 'member.id', 's.member_id')
    .select([
      's.id',
      's.customer_id',
      'member.email',
      's.status',
      's.interval_unit',
      's.interval_count',
      's.period_started_at',
      's.period_ends_at',
      leftOut.as('reason'),
    ])
    .where('s.backend_id', '=', backendId)
    .where('s.plan_id', '=', fromPlanId)
    .where('s.is_live', '=', true)
    .where('s.surplus_reason', 'is', null)
    .$call(reaching(reach, { table: 'subscription', at: 'started_at', as: 's' }))
    .execute()
  return rows.map((row) => ({
    id: row.id,
    customerId: row.customer_id ?? undefined,
    email: row.email ?? undefined,
    // The table's checks hold both to the words of their types.
    status: row.status as SubscriptionStatus,
    interval: { unit: row.interval_unit as IntervalUnit, count: row.interval_count },
    periodStartsAt: row.period_started_at ?? undefined,
    periodEndsAt: row.period_ends_at ?? undefined,
    reason: row.reason ?? undefined,
  }))
}

// ---- a move ----

export interface PriceMove {
  readonly id: string
  readonly fromPlanId: string
  readonly toPlanId: string
  readonly noticeDays: number
  readonly state: 'running' | 'called_off' | 'done'
  readonly createdAt: Date
  readonly finishedAt: Date | undefined
}

const moveColumns = [
  'id',
  'from_plan_id',
  'to_plan_id',
  'notice_days',
  'state',
  'created_at',
  'finished_at',
] as const

const moveFromRow = (row: {
  id: string
  from_plan_id: string
  to_plan_id: string
  notice_days: number
  state: string
  created_at: Date
  finished_at: Date | null
}): PriceMove => ({
  id: row.id,
  fromPlanId: row.from_plan_id,
  toPlanId: row.to_plan_id,
  noticeDays: row.notice_days,
  // The table's check holds it to the words of this type.
  state: row.state as PriceMove['state'],
  createdAt: row.created_at,
  finishedAt: row.finished_at ?? undefined,
})

export async function findMove(
  db: Db,
  backendId: number,
  id: string,
): Promise<PriceMove | undefined> {
  const row = await db
    .selectFrom('price_move')
    .select(moveColumns)
    .where('backend_id', '=', backendId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && moveFromRow(row)
}

/** Moves of a plan's subscribers, the newest first. */
export async function movesOf(
  db: Db,
  backendId: number,
  fromPlanId: string,
  most: number,
): Promise<PriceMove[]> {
  const rows = await db
    .selectFrom('price_move')
    .select(moveColumns)
    .where('backend_id', '=', backendId)
    .where('from_plan_id', '=', fromPlanId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map(moveFromRow)
}

/** false: another one of this plan goes on. */
export async function insertMove(
  tx: Tx,
  move: {
    readonly id: string
    readonly backendId: number
    readonly fromPlanId: string
    readonly toPlanId: string
    readonly noticeDays: number
    readonly askedBy: string
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('price_move')
    .values({
      id: move.id,
      backend_id: move.backendId,
      from_plan_id: move.fromPlanId,
      to_plan_id: move.toPlanId,
      notice_days: move.noticeDays,
      asked_by: move.askedBy,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Writes down everybody there is, and who of them is left out. Returns how many are to be told. */
export async function listPersons(
  tx: Tx,
  backendId: number,
  move: { readonly id: string; readonly fromPlanId: string },
): Promise<number> {
  const { rows } = await sql<{ to_tell: number }>`
    with listed as (
      insert into price_move_person (move_id, subscription_id, state, reason, settled_at)
      select ${move.id}::uuid, one.id, case when one.reason is null then 'waiting' else 'left_out' end, one.reason,
        case when one.reason is null then null else clock_now() end
      from (select s.id, s.started_at, ${leftOut} as reason from subscription s
        where s.backend_id = ${backendId} and s.plan_id = ${move.fromPlanId} and s.is_live and s.surplus_reason is null) one
      order by one.started_at, one.id
      returning state
    ) select count(*) filter (where state = 'waiting')::int as to_tell from listed`.execute(tx)
  return rows[0]?.to_tell ?? 0
}

/** Whoever was not told yet is not told. false: it does not run any more. */
export async function callOff(tx: Tx, backendId: number, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('price_move')
    .set({ state: 'called_off', called_off_at: sql<Date>`clock_now()` })
    .where('backend_id', '=', backendId)
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await tx
    .updateTable('price_move_person')
    .set({ state: 'kept', settled_at: sql<Date>`clock_now()` })
    .where('move_id', '=', id)
    .where('state', '=', 'waiting')
    .execute()
  return true
}

export interface Progress {
  readonly states: Readonly<Partial<Record<PersonState, number>>>
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>
  /** Of those Stripe is asked for: it said no, or could not be reached. */
  readonly failed: number
}

export async function progressOf(db: Db, moveId: string): Promise<Progress> {
  const { rows } = await sql<{
    state: PersonState
    reason: LeftOut | null
    all: number
    failed: number
  }>`
    select state, reason, count(*)::int as all,
      count(*) filter (where failure is not null and state in ${openStates})::int as failed
    from price_move_person where move_id = ${moveId}::uuid group by state, reason`.execute(db)
  const states: Partial<Record<PersonState, number>> = {}
  const out: Partial<Record<LeftOut, number>> = {}
  for (const { state, reason, all } of rows) {
    states[state] = (states[state] ?? 0) + all
    if (reason !== null) out[reason] = all
  }
  return { states, leftOut: out, failed: rows.reduce((sum, { failed }) => sum + failed, 0) }
}

/** Which of a move's subscribers a list shows. */
export const personFilters = {
  all: sql`true`,
  coming: sql`p.state in ${openStates}`,
  moved: sql`p.state = 'moved'`,
  staying: sql`p.state in ('left', 'kept', 'left_out')`,
  failed: sql`(p.failure is not null and p.state in ${openStates})`,
} as const

export interface PersonRow {
  readonly id: string
  readonly customerId: string | undefined
  readonly email: string | undefined
  readonly state: PersonState
  readonly reason: LeftOut | undefined
  readonly firstAt: Date | undefined
  readonly failure: string | undefined
}

export async function personRows(
  db: Db,
  moveId: string,
  filter: keyof typeof personFilters,
  { mark, direction, limit }: Reach,
): Promise<PersonRow[]> {
  const isDown = direction === 'older'
  const { rows } = await sql<{
    id: number
    customer_id: string | null
    email: string | null
    state: PersonState
    reason: LeftOut | null
    first_at: Date | null
    failure: string | null
  }>`
    select p.id, s.customer_id, member.email, p.state, p.reason, p.first_at, p.failure
    from price_move_person p join subscription s on s.id = p.subscription_id left join member on member.id = s.member_id
    where p.move_id = ${moveId}::uuid and ${personFilters[filter]}
      and ${mark === undefined ? sql`true` : isDown ? sql`p.id > ${mark}` : sql`p.id < ${mark}`}
    order by p.id ${sql.raw(isDown ? 'asc' : 'desc')} limit ${limit}`.execute(db)
  return rows.map((row) => ({
    id: String(row.id),
    customerId: row.customer_id ?? undefined,
    email: row.email ?? undefined,
    state: row.state,
    reason: row.reason ?? undefined,
    firstAt: row.first_at ?? undefined,
    failure: row.failure ?? undefined,
  }))
}

/** Those that failed are tried again at once. Returns how many. */
export async function retryFailed(tx: Tx, moveId: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('price_move_person')
    .set({ due_at: sql<Date>`machine_now()`, tries: 0, failure: null })
    .where('move_id', '=', moveId)
    .where('failure', 'is not', null)
    .where('state', 'in', ['told', 'setting', 'set'])
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

// ---- telling ----

/** The next move with somebody to tell, taken for one step. */
export async function takeMove(
  tx: Tx,
  backendId: number,
  pauseMs: number,
): Promise<PriceMove | undefined> {
  const { rows } = await sql<Parameters<typeof moveFromRow>[0]>`
    update price_move set next_at = machine_now() + ${pauseMs} * interval '1 millisecond'
    where id = (
      select m.id from price_move m where m.backend_id = ${backendId} and m.finished_at is null and m.next_at <= machine_now()
        and exists (select from price_move_person p where p.move_id = m.id
          and p.state = case when m.state = 'running' then 'waiting' else 'told' end)
      order by m.next_at limit 1 for update skip locked
    )
    returning id, from_plan_id, to_plan_id, notice_days, state, created_at, finished_at`.execute(tx)
  return rows[0] && moveFromRow(rows[0])
}

export interface PersonToTell {
  readonly id: string
  readonly stripeSubscriptionId: string
  readonly email: string | undefined
  /** Of this moment: since the list was made somebody may have cancelled. */
  readonly reason: LeftOut | 'ended' | undefined
  readonly isTrial: boolean
  readonly periodStartsAt: Date | undefined
  readonly periodEndsAt: Date | undefined
}

/** The next ones of a move, locked, with what stands in the way now. */
export async function nextToTell(
  tx: Tx,
  move: Pick<PriceMove, 'id' | 'fromPlanId'>,
  state: 'waiting' | 'told',
  most: number,
): Promise<PersonToTell[]> {
  const { rows } = await sql<{
    id: number
    stripe_subscription_id: string
    email: string | null
    reason: LeftOut | 'ended' | null
    status: string
    period_started_at: Date | null
    period_ends_at: Date | null
  }>`
    select p.id, s.stripe_subscription_id, member.email, s.status, s.period_started_at, s.period_ends_at,
      case when not s.is_live or s.surplus_reason is not null or s.plan_id is distinct from ${move.fromPlanId} then 'ended'
        else nullif(${leftOut}, 'moving') end as reason
    from price_move_person p join subscription s on s.id = p.subscription_id left join member on member.id = s.member_id
    where p.move_id = ${move.id}::uuid and p.state = ${state}
    order by p.id limit ${most} for update of p skip locked`.execute(tx)
  return rows.map((row) => ({
    id: String(row.id),
    stripeSubscriptionId: row.stripe_subscription_id,
    email: row.email ?? undefined,
    reason: row.reason ?? undefined,
    isTrial: row.status === 'trialing',
    periodStartsAt: row.period_started_at ?? undefined,
    periodEndsAt: row.period_ends_at ?? undefined,
  }))
}

export async function setTold(tx: Tx, id: string, firstAt: Date): Promise<void> {
  await tx
    .updateTable('price_move_person')
    .set({ state: 'told', told_at: sql<Date>`clock_now()`, first_at: firstAt })
    .where('id', '=', Number(id))
    .execute()
}

export async function settlePerson(
  tx: Tx,
  id: string,
  state: 'left' | 'kept' | 'left_out',
  reason?: LeftOut,
): Promise<void> {
  await tx
    .updateTable('price_move_person')
    .set({ state, reason: reason ?? null, settled_at: sql<Date>`clock_now()`, failure: null })
    .where('id', '=', Number(id))
    .execute()
}

// ---- what the renewals bring ----

/** Writes down who has been charged the other price, and who has ended or changed the plan; and which moves have nobody left. */
export async function settleMoves(tx: Tx, backendId: number): Promise<void> {
  await sql`
    update price_move_person p set state = case when s.plan_id = m.to_plan_id and p.state in ('setting', 'set') then 'moved' else 'left' end,
      settled_at = clock_now(), failure = null
    from price_move m, subscription s
    where m.backend_id = ${backendId} and m.finished_at is null and p.move_id = m.id and p.state in ${openStates}
      and s.id = p.subscription_id
      and (not s.is_live or s.surplus_reason is not null or s.plan_id is distinct from m.from_plan_id)`.execute(
    tx,
  )
  await sql`
    update price_move m set finished_at = clock_now(), state = case when m.state = 'running' then 'done' else m.state end
    where m.backend_id = ${backendId} and m.finished_at is null
      and not exists (select from price_move_person p where p.move_id = m.id and p.state in ${openStates})`.execute(
    tx,
  )
}

// ---- asking Stripe ----

export interface PersonToSet {
  readonly id: string
  readonly subscriptionId: string
  /** Which price Stripe is to have. */
  readonly planId: string
  readonly isBack: boolean
  readonly tries: number
}

/**
 * Takes those whose next renewal is to be at the other price, and is near; and of moves that were called off those whose price is to be
 * what it was. Of the latter Stripe has the other price, perhaps.
 */
export async function claimDue(tx: Tx, backendId: number, most: number): Promise<PersonToSet[]> {
  const { rows } = await sql<{
    id: number
    subscription_id: string
    plan_id: string
    is_back: boolean
    tries: number
  }>`
    with due as (
      select p.id, m.state = 'called_off' as is_back, case when m.state = 'called_off' then m.from_plan_id else m.to_plan_id end as plan_id
      from price_move m join price_move_person p on p.move_id = m.id join subscription s on s.id = p.subscription_id
        join plan target on target.id = m.to_plan_id
      where m.backend_id = ${backendId} and m.finished_at is null and p.due_at <= machine_now()
        and s.is_live and s.plan_id = m.from_plan_id and s.surplus_reason is null
        and s.period_ends_at > clock_now() + ${lastMoment}
        and case when m.state = 'called_off' then p.state in ('setting', 'set')
          else p.state in ('told', 'setting') and target.is_enabled and s.status = 'active' and not s.is_paused and s.cancels_at is null
            and s.money = 'kept' and not s.is_to_end
            and (s.next_plan_id is null or (p.state = 'setting' and s.next_plan_id = m.to_plan_id))
            and s.period_ends_at >= p.first_at and s.period_ends_at <= clock_now() + ${leadTime} end
      order by s.period_ends_at limit ${most} for update of p skip locked
    )
    update price_move_person p set state = case when p.state = 'told' then 'setting' else p.state end, due_at = machine_now() + ${heldFor}
    from due where p.id = due.id
    returning p.id, p.subscription_id, due.plan_id, due.is_back, p.tries`.execute(tx)
  return rows.map((row) => ({
    id: String(row.id),
    subscriptionId: row.subscription_id,
    planId: row.plan_id,
    isBack: row.is_back,
    tries: row.tries,
  }))
}

/** Stripe has the price. */
export async function noteSet(db: Db, id: string): Promise<void> {
  await db
    .updateTable('price_move_person')
    .set({ state: 'set', failure: null, tries: 0 })
    .where('id', '=', Number(id))
    .where('state', '=', 'setting')
    .execute()
}

/** Later again, each time a little later. isRefused: Stripe said no, so nothing of it can have been done. */
export async function noteNotSet(
  db: Db,
  id: string,
  words: string,
  isRefused: boolean,
): Promise<void> {
  await sql`
    update price_move_person set failure = ${words.slice(0, 500)}, tries = least(tries + 1, ${mostTries}),
      state = case when state = 'setting' and ${isRefused} then 'told' else state end,
      due_at = machine_now() + least(15, tries + 1) * interval '1 minute'
    where id = ${id}::bigint and state in ('told', 'setting', 'set')`.execute(db)
}

/** Locks one that Stripe has put back; false: somebody else has settled it. */
export async function lockUnset(tx: Tx, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('price_move_person')
    .select('id')
    .where('id', '=', Number(id))
    .where('state', 'in', ['setting', 'set'])
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Before a subscription's plan is changed otherwise: keeps a move away from it meanwhile. false: Stripe is being asked for the move, or has
 * been; then the plan stays until it is renewed.
 */
export async function keepMoveAway(tx: Tx, subscriptionId: string): Promise<boolean> {
  await sql`
    update price_move_person set due_at = greatest(due_at, machine_now() + ${heldFor})
    where subscription_id = ${subscriptionId}::uuid and state = 'told'`.execute(tx)
  return !(await isBeingMoved(tx, subscriptionId))
}

/** Whether Stripe has the price of a move for the next renewal, or is being asked for it. */
export async function isBeingMoved(db: Db, subscriptionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('price_move_person')
    .select('id')
    .where('subscription_id', '=', subscriptionId)
    .where('state', 'in', ['setting', 'set'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The move of one of its subscribers, and to whom a mail about it goes. */
export async function moveOfPerson(
  tx: Tx,
  backendId: number,
  id: string,
): Promise<
  | {
      readonly move: PriceMove
      readonly stripeSubscriptionId: string
      readonly email: string | undefined
    }
  | undefined
> {
  const row = await tx
    .selectFrom('price_move_person')
    .innerJoin('subscription', 'subscription.id', 'price_move_person.subscription_id')
    .leftJoin('member', 'member.id', 'subscription.member_id')
    .select(['price_move_person.move_id', 'subscription.stripe_subscription_id', 'member.email'])
    .where('price_move_person.id', '=', Number(id))
    .executeTakeFirst()
  const move = row && (await findMove(tx, backendId, row.move_id))
  return row && move
    ? { move, stripeSubscriptionId: row.stripe_subscription_id, email: row.email ?? undefined }
    : undefined
}

/** Whether Stripe has, or had just now, the price of this plan because of a move. */
export async function moveTo(
  tx: Tx,
  subscriptionId: string,
  planId: string | undefined,
): Promise<boolean> {
  if (planId === undefined) return false
  const row = await tx
    .selectFrom('price_move_person')
    .innerJoin('price_move', 'price_move.id', 'price_move_person.move_id')
    .select('price_move_person.id')
    .where('price_move_person.subscription_id', '=', subscriptionId)
    .where('price_move.to_plan_id', '=', planId)
    .where(
      sql<boolean>`(price_move_person.state in ('setting', 'set')
        or (price_move_person.state = 'kept' and price_move_person.settled_at > clock_now() - interval '1 hour'))`,
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
