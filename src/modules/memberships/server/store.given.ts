import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { GiftTime } from '../given-time.ts'
import type { TypedGiven } from '../given-form.ts'
import type { SubscriptionMoney } from '../subscription-money.ts'
import type { SubscriptionStatus } from '../types.ts'
import type { Standing } from '../access.ts'

export interface GivenRow {
  readonly id: string
  readonly customerId: string
  readonly planId: string
  readonly title: string
  readonly description: string
  readonly group: string
  readonly tier: number
  readonly kind: 'comp' | 'gift'
  readonly compEndsAt: Date | undefined
  readonly months: number | undefined
  readonly runsFrom: Date | undefined
  readonly runsUntil: Date | undefined
  readonly leftMs: number | undefined
  readonly reason: string
  readonly createdAt: Date
  readonly begunToldAt: Date | undefined
  readonly endedAt: Date | undefined
  readonly endedReason: string | undefined
}

const columns = [
  'given_plan.id',
  'given_plan.customer_id',
  'given_plan.plan_id',
  'plan.title',
  'plan.description',
  'plan.plan_group',
  'plan.tier',
  'given_plan.kind',
  'given_plan.comp_ends_at',
  'given_plan.months',
  'given_plan.runs_from',
  'given_plan.runs_until',
  'given_plan.left_ms',
  'given_plan.reason',
  'given_plan.created_at',
  'given_plan.begun_told_at',
  'given_plan.ended_at',
  'given_plan.ended_reason',
] as const

const given = (db: Db) =>
  db
    .selectFrom('given_plan')
    .innerJoin('plan', 'plan.id', 'given_plan.plan_id')
    .select([...columns])

type Row = Awaited<ReturnType<ReturnType<typeof given>['executeTakeFirstOrThrow']>>

function fromRow(row: Row): GivenRow {
  return {
    id: row.id,
    customerId: row.customer_id,
    planId: row.plan_id,
    title: row.title,
    description: row.description,
    group: row.plan_group,
    tier: row.tier,
    // The table's check holds it to the words of this type.
    kind: row.kind as GivenRow['kind'],
    compEndsAt: row.comp_ends_at ?? undefined,
    months: row.months ?? undefined,
    runsFrom: row.runs_from ?? undefined,
    runsUntil: row.runs_until ?? undefined,
    leftMs: row.left_ms ?? undefined,
    reason: row.reason,
    createdAt: row.created_at,
    begunToldAt: row.begun_told_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    endedReason: row.ended_reason ?? undefined,
  }
}

/** Every customer of the same person: of their account, or this one alone. */
const samePerson = (customerId: string) => sql<string>`(
  select other.id from customer own join customer other on other.id = own.id or other.member_id = own.member_id
  where own.id = ${customerId}::uuid)`

/** What was given to the person behind a customer and goes on, held; at most `most`. */
export async function lockGoing(tx: Tx, customerId: string, most: number): Promise<GivenRow[]> {
  const rows = await given(tx)
    .where(sql<boolean>`given_plan.customer_id in ${samePerson(customerId)}`)
    .where('given_plan.ended_at', 'is', null)
    .orderBy('given_plan.id')
    .limit(most)
    .forNoKeyUpdate('given_plan')
    .execute()
  return rows.map(fromRow)
}

export async function lockGiven(tx: Tx, id: string): Promise<GivenRow | undefined> {
  const row = await given(tx)
    .where('given_plan.id', '=', id)
    .forNoKeyUpdate('given_plan')
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Everything given to these customers, what goes on first, then the newest. */
export async function givenOf(
  db: Db,
  customerIds: readonly string[],
  most: number,
): Promise<GivenRow[]> {
  if (customerIds.length === 0) return []
  const rows = await given(db)
    .where('given_plan.customer_id', 'in', customerIds)
    .orderBy(sql`given_plan.ended_at is null`, 'desc')
    .orderBy('given_plan.created_at', 'desc')
    .orderBy('given_plan.id', 'desc')
    .limit(most)
    .execute()
  return rows.map(fromRow)
}

/** false: this id is taken: the form was sent before. */
export async function insertGiven(
  tx: Tx,
  one: TypedGiven & { readonly customerId: string; readonly givenBy: string },
): Promise<boolean> {
  const { what } = one
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('given_plan')
    .values({
      id: one.id,
      customer_id: one.customerId,
      plan_id: one.planId,
      kind: what.kind,
      comp_ends_at: what.kind === 'comp' ? (what.endsAt ?? null) : null,
      months: what.kind === 'gift' ? what.months : null,
      reason: one.reason,
      given_by: one.givenBy,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** isTold: its beginning needs no telling (any more); else it is told when it has come. */
export async function storeGiftTime(
  tx: Tx,
  id: string,
  time: GiftTime,
  isTold: boolean,
): Promise<void> {
  await tx
    .updateTable('given_plan')
    .set({
      runs_from: time.runsFrom ?? null,
      runs_until: time.runsUntil ?? null,
      left_ms: time.leftMs ?? null,
      begun_told_at: isTold ? sql<Date>`coalesce(begun_told_at, clock_now())` : null,
    })
    .where('id', '=', id)
    .execute()
}

export async function setSettled(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('given_plan').set({ settled_at: clockNow }).where('id', '=', id).execute()
}

export async function setBegunTold(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('given_plan').set({ begun_told_at: clockNow }).where('id', '=', id).execute()
}

/** at: when it ended by its time; undefined = it is taken back now, with why. */
export async function setEnded(
  tx: Tx,
  id: string,
  how: { readonly at: Date } | { readonly reason: string },
): Promise<void> {
  await tx
    .updateTable('given_plan')
    .set('at' in how ? { ended_at: how.at } : { ended_at: clockNow, ended_reason: how.reason })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute()
}

/**
 * What is to be looked at: a gift that has begun and nobody told so, what has ended by its time, and now and then each gift (accounts
 * may have become one meanwhile). The one that was not looked at for longest first.
 */
export async function dueGiven(
  db: Db,
  most: number,
): Promise<{ readonly id: string; readonly customerId: string }[]> {
  const { rows } = await sql<{ id: string; customer_id: string }>`
    select id, customer_id from given_plan
    where ended_at is null and (
      coalesce(comp_ends_at, runs_until) <= clock_now()
      or (kind = 'gift' and begun_told_at is null and runs_from <= clock_now())
      or (kind = 'gift' and settled_at < clock_now() - interval '10 minutes'))
    order by settled_at, id limit ${most}`.execute(db)
  return rows.map((row) => ({ id: row.id, customerId: row.customer_id }))
}

/** Whom it was given to: the address a mail about it goes to. */
export async function addressOf(tx: Tx, customerId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('customer')
    .leftJoin('member', 'member.id', 'customer.member_id')
    .select(['customer.email', 'member.email as member_email'])
    .where('customer.id', '=', customerId)
    .executeTakeFirst()
  return row?.member_email ?? row?.email
}

/** The live subscriptions of the person behind a customer, each with the tier of its plan. */
export async function liveOfPerson(
  tx: Tx,
  customerId: string,
): Promise<(Standing & { readonly group: string; readonly tier: number })[]> {
  const rows = await tx
    .selectFrom('subscription')
    .innerJoin('plan', 'plan.id', 'subscription.plan_id')
    .select([
      'subscription.status',
      'subscription.period_ends_at',
      'subscription.cancels_at',
      'subscription.past_due_since',
      'subscription.is_paused',
      'subscription.money',
      'plan.plan_group',
      'plan.tier',
    ])
    .where(
      sql<boolean>`(subscription.customer_id in ${samePerson(customerId)}
        or subscription.member_id = (select member_id from customer where id = ${customerId}::uuid))`,
    )
    .where('subscription.is_live', '=', true)
    .where('subscription.is_gone', '=', false)
    .where('subscription.surplus_reason', 'is', null)
    .limit(100)
    .execute()
  return rows.map((row) => ({
    // The table's checks hold both to the words of these types.
    status: row.status as SubscriptionStatus,
    periodEndsAt: row.period_ends_at ?? undefined,
    cancelsAt: row.cancels_at ?? undefined,
    pastDueSince: row.past_due_since ?? undefined,
    isPaused: row.is_paused,
    money: row.money as SubscriptionMoney,
    group: row.plan_group,
    tier: row.tier,
  }))
}

/** Every customer of a member. */
export async function customersOfMember(db: Db, memberId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('customer')
    .select('id')
    .where('member_id', '=', memberId)
    .limit(200)
    .execute()
  return rows.map((row) => row.id)
}

/** How many have each plan by being given it, or have a gift of it that waits. */
export async function givenCounts(
  db: Db,
  planIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ planId: string; given: number }>`
    select plan_id as "planId", count(distinct customer_id)::int as given from given_plan
    where plan_id = any(${planIds}::uuid[]) and ended_at is null
      and coalesce(comp_ends_at, runs_until, 'infinity') > clock_now()
    group by plan_id`.execute(db)
  return new Map(rows.map((row) => [row.planId, row.given]))
}
