import { sql } from 'kysely'
import { clockNow, db, triedAgain, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { IncomingEvent } from '../types.ts'

export interface EventToStore extends IncomingEvent {
  readonly backendId: number
  readonly source: 'webhook' | 'poll'
  readonly state: 'pending' | 'ignored' | 'quarantined'
  readonly outcome: string | undefined
  /** How often it came in this batch. */
  readonly deliveries: number
}

/**
 * Stores events, each once, in one statement and one commit. Returns the ids that were new.
 * A duplicate of any age only raises its count of deliveries; seeing it again in a poll is no delivery and writes nothing.
 */
export async function storeEvents(told: readonly EventToStore[]): Promise<ReadonlySet<string>> {
  // Always in the same order: of two statements with the same events, one waits. Who works on events takes them as they come,
  // so that a deadlock is rare and not impossible; its victim begins anew, because no caller of ours would.
  const events = told.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const statement = sql<{ id: string; is_new: boolean }>`
    insert into stripe_event as known
      (id, backend_id, type, object_type, object_id, group_key, created_at_stripe, api_version, source, deliveries, payload, state, outcome, handled_at)
    select id, backend_id, type, object_type, object_id, group_key, coalesce(created_at, clock_now()), api_version, source, deliveries,
      payload::json, state, outcome, case when state = 'pending' then null else clock_now() end
    from unnest(
      ${events.map((event) => event.id)}::text[],
      ${events.map((event) => event.backendId)}::int[],
      ${events.map((event) => event.type)}::text[],
      ${events.map((event) => event.objectType ?? null)}::text[],
      ${events.map((event) => event.objectId ?? null)}::text[],
      ${events.map((event) => event.groupKey)}::text[],
      ${events.map((event) => (Number.isNaN(event.createdAt.getTime()) ? null : event.createdAt))}::timestamptz[],
      ${events.map((event) => event.apiVersion ?? null)}::text[],
      ${events.map((event) => event.source)}::text[],
      ${events.map((event) => event.deliveries)}::int[],
      ${events.map((event) => event.payload)}::text[],
      ${events.map((event) => event.state)}::text[],
      ${events.map((event) => event.outcome ?? null)}::text[]
    ) as told (id, backend_id, type, object_type, object_id, group_key, created_at, api_version, source, deliveries, payload, state, outcome)
    on conflict (id) do update set deliveries = known.deliveries + excluded.deliveries where excluded.source = 'webhook'
    returning id, (xmax = 0) as is_new
  `
  const { rows } = await triedAgain(() => statement.execute(db('money')))
  return new Set(rows.filter((row) => row.is_new).map((row) => row.id))
}

/** What the last webhook and the last refusal say about the endpoint, at most one write each ten seconds a process. */
export async function noteWebhook(
  backendId: number,
  what: 'received' | 'refused',
  count: number,
): Promise<void> {
  await sql`
    insert into stripe_cursor as cursor (backend_id, last_webhook_at, refused_signatures, last_refused_at)
    values (${backendId}, ${what === 'received' ? clockNow : null}, ${what === 'refused' ? count : 0}, ${what === 'refused' ? clockNow : null})
    on conflict (backend_id) do update set
      last_webhook_at = coalesce(excluded.last_webhook_at, cursor.last_webhook_at),
      refused_signatures = cursor.refused_signatures + excluded.refused_signatures,
      last_refused_at = coalesce(excluded.last_refused_at, cursor.last_refused_at)
  `.execute(db('leases'))
}

export interface ClaimedEvent {
  readonly id: string
  readonly type: string
  readonly objectId: string | undefined
  readonly groupKey: string
  readonly attempts: number
}

/** An object and its waiting events, leased to one holder. */
export interface ClaimedGroup {
  readonly groupKey: string
  readonly events: readonly ClaimedEvent[]
}

/** A sale or refund raises a few events of one object; so far into the queue is looked for different ones. */
const eventsAGroup = 8

/**
 * Takes up to `most` groups whose events are due and that nobody works on, those due longest first, in one statement. It
 * reads the beginning of the queue only: however long a backlog is, taking from it costs the same.
 * The lease runs in machine time; a worker that died loses it after leaseSeconds.
 */
export async function claimGroups(
  holder: string,
  backendId: number,
  most: number,
  leaseSeconds: number,
): Promise<ClaimedGroup[]> {
  const { rows } = await sql<{
    id: string
    type: string
    object_id: string | null
    group_key: string
    attempts: number
  }>`
    with due as (
      select group_key from (
        select group_key, next_attempt_at from stripe_event
        where state = 'pending' and next_attempt_at <= clock_now() and backend_id = ${backendId}
          and not exists (select 1 from sync_lease where sync_lease.group_key = stripe_event.group_key and leased_until > machine_now())
        order by next_attempt_at limit ${most * eventsAGroup}
      ) first_in_line
      group by group_key order by min(next_attempt_at) limit ${most}
    ), leased as (
      insert into sync_lease as lease (group_key, holder, leased_until)
      select group_key, ${holder}::uuid, machine_now() + ${leaseSeconds} * interval '1 second' from due
      on conflict (group_key) do update set holder = excluded.holder, leased_until = excluded.leased_until
        where lease.leased_until <= machine_now()
      returning group_key
    )
    select event.id, event.type, event.object_id, event.group_key, event.attempts
    from leased join stripe_event event on event.group_key = leased.group_key and event.state = 'pending'
    order by event.received_at
  `.execute(db('leases'))
  const groups = new Map<string, ClaimedEvent[]>()
  for (const row of rows) {
    const events = groups.get(row.group_key) ?? []
    events.push({
      id: row.id,
      type: row.type,
      objectId: row.object_id ?? undefined,
      groupKey: row.group_key,
      attempts: row.attempts,
    })
    groups.set(row.group_key, events)
  }
  return [...groups].map(([groupKey, events]) => ({ groupKey, events }))
}

/** Takes the lease on one object, for those who come without an event. Returns whether it was free. */
export async function takeLease(
  groupKey: string,
  holder: string,
  leaseSeconds: number,
): Promise<boolean> {
  const result = await sql`
    insert into sync_lease as lease (group_key, holder, leased_until)
    values (${groupKey}, ${holder}::uuid, machine_now() + ${leaseSeconds} * interval '1 second')
    on conflict (group_key) do update set holder = excluded.holder, leased_until = excluded.leased_until
      where lease.leased_until <= machine_now()
  `.execute(db('leases'))
  return (result.numAffectedRows ?? 0n) > 0n
}

/** Whether somebody is at this object right now. */
export async function isLeased(via: Db, groupKey: string): Promise<boolean> {
  const row = await via
    .selectFrom('sync_lease')
    .select('group_key')
    .where('group_key', '=', groupKey)
    .where('leased_until', '>', sql<Date>`machine_now()`)
    .executeTakeFirst()
  return row !== undefined
}

/** All of them: for a process that is the only one, when it begins. What died before it would hold them for a minute. */
export async function giveBackAllLeases(via: Db): Promise<void> {
  await via.deleteFrom('sync_lease').execute()
}

/** Gives the lease back without having written anything. */
export async function giveBackLease(via: Db, groupKey: string, holder: string): Promise<void> {
  await via
    .deleteFrom('sync_lease')
    .where('group_key', '=', groupKey)
    .where('holder', '=', holder)
    .execute()
}

/**
 * The end of a transaction that writes a result: finishes the events it settles (none for those who came without one) and
 * gives the lease back, which proves that we still hold it; what a comparison found to differ is settled by it, too. false: somebody
 * else took over, and nothing may be written.
 */
export async function finishGroup(
  tx: Tx,
  lease: { readonly groupKey: string; readonly holder: string },
  ids: readonly string[],
  state: 'done' | 'ignored',
  outcome: string,
): Promise<boolean> {
  const { rows } = await sql`
    with given_back as (
      delete from sync_lease where group_key = ${lease.groupKey} and holder = ${lease.holder}::uuid returning holder
    ), finished as (
      update stripe_event set state = ${state}, outcome = ${outcome}, handled_at = clock_now(), last_error = null, attempts = attempts + 1
      where id = any(${ids}::text[]) and state = 'pending' and exists (select from given_back)
    ), settled as (
      delete from mirror_difference where stripe_subscription_id = ${lease.groupKey} and exists (select from given_back)
    )
    select holder from given_back
  `.execute(tx)
  return rows.length > 0
}

export async function postponeEvents(
  tx: Tx,
  ids: readonly string[],
  next: { readonly waitMs: number; readonly countsAsAttempt: boolean } | 'park',
  error: string,
): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('stripe_event')
    .set(
      next === 'park'
        ? { state: 'parked', handled_at: clockNow, last_error: error, attempts: sql`attempts + 1` }
        : {
            next_attempt_at: sql`clock_now() + ${next.waitMs} * interval '1 millisecond'`,
            last_error: error,
            ...(next.countsAsAttempt ? { attempts: sql<number>`attempts + 1` } : {}),
          },
    )
    .where('id', 'in', ids)
    .where('state', '=', 'pending')
    .execute()
}

/**
 * Parks what has been due for long and belongs to another account or mode than the present one: nobody works on it any more.
 * Returns how many.
 */
export async function parkForeignEvents(
  backendId: number,
  afterMs: number,
  most: number,
): Promise<number> {
  const result = await sql`
    update stripe_event foreign_event set state = 'parked', handled_at = clock_now(),
      last_error = 'It belongs to the Stripe account or mode whose keys were set before. Set those keys again to work on it.'
    where id in (
      select id from stripe_event
      where state = 'pending' and next_attempt_at <= clock_now() - ${afterMs} * interval '1 millisecond' and backend_id <> ${backendId}
      order by next_attempt_at limit ${most}
      for update skip locked
    )
  `.execute(db('money'))
  return Number(result.numAffectedRows ?? 0)
}

/** Puts a parked or quarantined event back to work, by the owner's hand. */
export async function replayEvent(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable('stripe_event')
    .set({
      state: 'pending',
      attempts: 0,
      next_attempt_at: clockNow,
      handled_at: null,
      outcome: null,
    })
    .where('id', '=', id)
    .where('state', 'in', ['parked', 'done', 'ignored'])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** What tells of somebody who is being forgotten, and is needed by nobody once it is worked on. */
const ofWhoLeft = sql`type in ('customer.deleted', 'payment_method.detached')`

/** Removes what personal data a payload holds once it has served; the row stays as the guard against repeats. */
export async function prunePayloads(most: number): Promise<number> {
  const served = sql`state in ('done', 'ignored') and payload::text <> 'null'`
  let pruned = 0
  for (const which of [ofWhoLeft, sql`received_at < clock_now() - interval '90 days'`]) {
    const result = await sql`
      update stripe_event set payload = 'null'
      where id in (
        select id from stripe_event where ${which} and ${served} order by received_at limit ${most}
      )
    `.execute(db('money'))
    pruned += Number(result.numAffectedRows ?? 0)
  }
  return pruned
}

export interface Cursor {
  readonly lastEventId: string | undefined
  readonly lastEventAt: Date | undefined
  readonly polledAt: Date | undefined
  readonly lastWebhookAt: Date | undefined
  readonly webhookMissed: number
  readonly lastMissedAt: Date | undefined
  readonly refusedSignatures: number
  readonly lastRefusedAt: Date | undefined
  readonly lastError: string | undefined
  readonly lastErrorAt: Date | undefined
}

export async function readCursor(via: Db, backendId: number): Promise<Cursor> {
  const row = await via
    .selectFrom('stripe_cursor')
    .selectAll()
    .where('backend_id', '=', backendId)
    .executeTakeFirst()
  return {
    lastEventId: row?.last_event_id ?? undefined,
    lastEventAt: row?.last_event_at ?? undefined,
    polledAt: row?.polled_at ?? undefined,
    lastWebhookAt: row?.last_webhook_at ?? undefined,
    webhookMissed: row?.webhook_missed ?? 0,
    lastMissedAt: row?.last_missed_at ?? undefined,
    refusedSignatures: row?.refused_signatures ?? 0,
    lastRefusedAt: row?.last_refused_at ?? undefined,
    lastError: row?.last_error ?? undefined,
    lastErrorAt: row?.last_error_at ?? undefined,
  }
}

/**
 * Takes the turn to poll: true for one process an interval. Also the only place where polled_at moves.
 */
export async function takePollTurn(backendId: number, everySeconds: number): Promise<boolean> {
  const result = await sql`
    insert into stripe_cursor as cursor (backend_id, polled_at) values (${backendId}, clock_now())
    on conflict (backend_id) do update set polled_at = clock_now()
      where cursor.polled_at is null or cursor.polled_at <= clock_now() - ${everySeconds} * interval '1 second'
  `.execute(db('money'))
  return (result.numAffectedRows ?? 0n) > 0n
}

export async function moveCursor(
  backendId: number,
  change: {
    readonly lastEventId?: string
    readonly lastEventAt?: Date
    readonly missed?: number
    readonly error?: string | null
  },
): Promise<void> {
  await db('money')
    .updateTable('stripe_cursor')
    .set({
      ...(change.lastEventId ? { last_event_id: change.lastEventId } : {}),
      ...(change.lastEventAt ? { last_event_at: change.lastEventAt } : {}),
      ...(change.missed
        ? {
            webhook_missed: sql<number>`webhook_missed + ${change.missed}`,
            last_missed_at: clockNow,
          }
        : {}),
      ...(change.error === undefined
        ? {}
        : { last_error: change.error, last_error_at: change.error === null ? null : clockNow }),
    })
    .where('backend_id', '=', backendId)
    .execute()
}
