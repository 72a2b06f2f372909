import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import { clockNow, reaching, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Cause, EndReason, Entitlement, EntitlementEvent, EntitlementState } from '../types.ts'

interface Row {
  id: string
  customer_id: string
  member_id: string | null
  benefit: string
  subject_id: string
  source_kind: string
  source_id: string
  state: string
  reason: string | null
  starts_at: Date
  ends_at: Date | null
}

const columns = [
  'entitlement.id',
  'entitlement.customer_id',
  'customer.member_id',
  'entitlement.benefit',
  'entitlement.subject_id',
  'entitlement.source_kind',
  'entitlement.source_id',
  'entitlement.state',
  'entitlement.reason',
  'entitlement.starts_at',
  'entitlement.ends_at',
] as const

function fromRow(row: Row): Entitlement {
  return {
    id: row.id,
    customerId: row.customer_id,
    memberId: row.member_id ?? undefined,
    benefit: row.benefit,
    subjectId: row.subject_id,
    source: { kind: row.source_kind, id: row.source_id },
    // The table's checks hold both to the words of these types.
    state: row.state as EntitlementState,
    reason: (row.reason as EndReason | null) ?? undefined,
    startsAt: row.starts_at,
    endsAt: row.ends_at ?? undefined,
  }
}

/** What has an end ends by itself, at that moment. */
const hasNotEnded = sql<boolean>`(entitlement.ends_at is null or entitlement.ends_at > clock_now())`

const entitlements = (db: Db) =>
  db
    .selectFrom('entitlement')
    .innerJoin('customer', 'customer.id', 'entitlement.customer_id')
    .select(columns)

export async function findEntitlement(db: Db, id: string): Promise<Entitlement | undefined> {
  const row = await entitlements(db).where('entitlement.id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/**
 * One entitlement a thing, nearest to the mark first: of several to the same thing the one that opens it, else the newest.
 * A member's entitlements are few (what one person bought here), so choosing before paging is cheap.
 */
export async function shelfOfMember(
  db: Db,
  memberId: string,
  benefit: string,
  reach: Reach,
): Promise<Entitlement[]> {
  const rows = await db
    .with('shelf', (query) =>
      query
        .selectFrom('entitlement')
        .innerJoin('customer', 'customer.id', 'entitlement.customer_id')
        .distinctOn('entitlement.subject_id')
        .select([...columns, 'entitlement.created_at'])
        .where('customer.member_id', '=', memberId)
        .where('entitlement.benefit', '=', benefit)
        .orderBy('entitlement.subject_id')
        .orderBy(sql`array_position(array['active', 'pending', 'suspended'], entitlement.state)`)
        .orderBy('entitlement.created_at', 'desc')
        .orderBy('entitlement.id', 'desc'),
    )
    .selectFrom('shelf')
    .selectAll()
    .$call(reaching(reach, { table: 'entitlement', at: 'created_at', as: 'shelf' }))
    .execute()
  return rows.map(fromRow)
}

export async function eventsOf(
  db: Db,
  entitlementIds: readonly string[],
  most: number,
): Promise<EntitlementEvent[]> {
  if (entitlementIds.length === 0) return []
  const rows = await db
    .selectFrom('entitlement_event')
    .select(['id', 'entitlement_id', 'at', 'state', 'reason', 'actor_kind', 'cause'])
    .where('entitlement_id', 'in', entitlementIds)
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    entitlementId: row.entitlement_id,
    at: row.at,
    // Written by this file alone, from values of these types.
    state: row.state as EntitlementState,
    reason: (row.reason as EndReason | null) ?? undefined,
    actor: row.actor_kind as Cause['actor'],
    cause: row.cause ?? undefined,
  }))
}

export async function entitlementsOfSources(
  db: Db,
  sourceKind: string,
  sourceIds: readonly string[],
): Promise<Entitlement[]> {
  if (sourceIds.length === 0) return []
  const rows = await entitlements(db)
    .where('entitlement.source_kind', '=', sourceKind)
    .where('entitlement.source_id', 'in', sourceIds)
    .orderBy('entitlement.created_at')
    .orderBy('entitlement.id')
    .execute()
  return rows.map(fromRow)
}

export async function activeEntitlementOfMember(
  db: Db,
  memberId: string,
  benefit: string,
  subjectId?: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('entitlement')
    .innerJoin('customer', 'customer.id', 'entitlement.customer_id')
    .select('entitlement.id')
    .where('customer.member_id', '=', memberId)
    .where('entitlement.benefit', '=', benefit)
    .$if(subjectId !== undefined, (query) =>
      query.where('entitlement.subject_id', '=', subjectId ?? ''),
    )
    .where('entitlement.state', '=', 'active')
    .where(sql<boolean>`entitlement.starts_at <= clock_now()`)
    .where(hasNotEnded)
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

/** What opens these things to whoever is one of these customers, oldest first. */
export async function sourcesOpening(
  db: Db,
  customerIds: readonly string[],
  benefit: string,
  subjectIds: readonly string[],
  most: number,
): Promise<Entitlement[]> {
  if (customerIds.length === 0 || subjectIds.length === 0) return []
  const rows = await entitlements(db)
    .where('entitlement.customer_id', 'in', customerIds)
    .where('entitlement.benefit', '=', benefit)
    .where('entitlement.subject_id', 'in', subjectIds)
    .where('entitlement.state', '=', 'active')
    .where(sql<boolean>`entitlement.starts_at <= clock_now()`)
    .where(hasNotEnded)
    .orderBy('entitlement.created_at')
    .orderBy('entitlement.id')
    .limit(most)
    .execute()
  return rows.map(fromRow)
}

export interface NewEntitlement {
  readonly customerId: string
  readonly benefit: string
  readonly subjectId: string
  readonly source: {
    readonly kind: 'order_line' | 'subscription' | 'gift' | 'comp' | 'import'
    readonly id: string
  }
}

/** Inserts what is not there yet, with its first event, in one statement. */
export async function insertEntitlements(
  tx: Tx,
  grants: readonly NewEntitlement[],
  cause: Cause,
): Promise<void> {
  if (grants.length === 0) return
  await tx
    .with('granted', (query) =>
      query
        .insertInto('entitlement')
        .values(
          grants.map((grant) => ({
            customer_id: grant.customerId,
            benefit: grant.benefit,
            subject_id: grant.subjectId,
            source_kind: grant.source.kind,
            source_id: grant.source.id,
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .returning(['id', 'state']),
    )
    .insertInto('entitlement_event')
    .columns(['entitlement_id', 'state', 'actor_kind', 'cause'])
    .expression((query) =>
      query
        .selectFrom('granted')
        .select([
          'granted.id',
          'granted.state',
          sql<string>`${cause.actor}`.as('actor_kind'),
          sql<string>`${cause.cause}`.as('cause'),
        ]),
    )
    .execute()
}

/** Moves the entitlements of a source from one of the given states; returns those that moved. */
export async function moveEntitlements(
  tx: Tx,
  source: { readonly kind: string; readonly ids: readonly string[] },
  from: readonly { readonly state: EntitlementState; readonly reason?: EndReason }[],
  to: { readonly state: EntitlementState; readonly reason: EndReason | null },
  cause: Cause,
): Promise<string[]> {
  if (source.ids.length === 0) return []
  const { rows } = await sql<{ entitlement_id: string }>`
    with moved as (
      update entitlement set state = ${to.state}, reason = ${to.reason}, updated_at = ${clockNow}
      where source_kind = ${source.kind} and source_id = any(${source.ids}::uuid[])
        and (${sql.join(
          from.map((allowed) =>
            allowed.reason === undefined
              ? sql`state = ${allowed.state}`
              : sql`(state = ${allowed.state} and reason = ${allowed.reason})`,
          ),
          sql` or `,
        )})
      returning id
    )
    insert into entitlement_event (entitlement_id, state, reason, actor_kind, cause)
    select id, ${to.state}, ${to.reason}, ${cause.actor}, ${cause.cause} from moved
    returning entitlement_id
  `.execute(tx)
  return rows.map((row) => row.entitlement_id)
}

export async function subjectsOpenElsewhere(
  db: Db,
  ask: {
    readonly customerId: string
    readonly benefit: string
    readonly subjectIds: readonly string[]
    readonly exceptLineIds: readonly string[]
  },
): Promise<string[]> {
  if (ask.subjectIds.length === 0) return []
  const rows = await db
    .selectFrom('entitlement')
    .innerJoin('customer', 'customer.id', 'entitlement.customer_id')
    .select('entitlement.subject_id')
    .distinct()
    .where('entitlement.benefit', '=', ask.benefit)
    .where('entitlement.subject_id', 'in', ask.subjectIds)
    .where('entitlement.state', '=', 'active')
    .where(hasNotEnded)
    .where(
      sql<boolean>`not (entitlement.source_kind = 'order_line' and entitlement.source_id = any(${ask.exceptLineIds}::uuid[]))`,
    )
    .where((where) =>
      where.or([
        where('customer.id', '=', ask.customerId),
        where('customer.member_id', '=', (query) =>
          query
            .selectFrom('customer as own')
            .select('own.member_id')
            .where('own.id', '=', ask.customerId),
        ),
      ]),
    )
    .execute()
  return rows.map((row) => row.subject_id)
}

export async function entitlementsTo(
  db: Db,
  customerIds: readonly string[],
  benefit: string,
  subjectId: string,
  most: number,
): Promise<Entitlement[]> {
  if (customerIds.length === 0) return []
  const rows = await entitlements(db)
    .where('entitlement.customer_id', 'in', customerIds)
    .where('entitlement.benefit', '=', benefit)
    .where('entitlement.subject_id', '=', subjectId)
    .orderBy('entitlement.created_at', 'desc')
    .orderBy('entitlement.id', 'desc')
    .limit(most)
    .execute()
  return rows.map(fromRow)
}

/** Gives a source's rights to another customer, each in the state it has; returns how many. */
export async function moveSource(
  tx: Tx,
  source: { readonly kind: string; readonly ids: readonly string[] },
  customerId: string,
  cause: Cause,
): Promise<number> {
  if (source.ids.length === 0) return 0
  const { rows } = await sql<{ id: string }>`
    with former as (
      select * from entitlement
      where source_kind = ${source.kind} and source_id = any(${source.ids}::uuid[])
        and customer_id <> ${customerId}::uuid and reason is distinct from 'reassigned'
      for update
    ), given as (
      insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id, state, reason, starts_at, ends_at)
      select ${customerId}::uuid, benefit, subject_id, source_kind, source_id, state, reason, clock_now(), ends_at from former
      on conflict (source_kind, source_id, benefit, subject_id, customer_id)
        do update set state = excluded.state, reason = excluded.reason, starts_at = excluded.starts_at, updated_at = clock_now()
      returning id, state, reason
    ), ended as (
      update entitlement set state = 'revoked', reason = 'reassigned', updated_at = clock_now()
      where id in (select id from former)
      returning id, state, reason
    )
    insert into entitlement_event (entitlement_id, state, reason, actor_kind, cause)
    select id, state, reason, ${cause.actor}, ${cause.cause} from (select * from ended union all select * from given) told
    returning entitlement_id as id
  `.execute(tx)
  return rows.length / 2
}

/**
 * Brings what a subscription gives to where it stands: its one right is made or moved, rights to other things from the same source
 * end. Only what changes is written, and told in an event.
 */
export async function setSubscriptionRight(
  tx: Tx,
  right: {
    readonly subscriptionId: string
    readonly customerId: string
    readonly benefit: string
    readonly subjectId: string
    readonly state: EntitlementState
    readonly reason: EndReason | null
    readonly endsAt: Date | null
  },
  cause: Cause,
): Promise<void> {
  await sql`
    with others as (
      update entitlement set state = 'revoked', reason = 'ended', updated_at = clock_now()
      where source_kind = 'subscription' and source_id = ${right.subscriptionId}::uuid
        and (benefit, subject_id, customer_id) is distinct from (${right.benefit}, ${right.subjectId}::uuid, ${right.customerId}::uuid)
        and state <> 'revoked'
      returning id, state, reason
    ), former as (
      select id, state, reason from entitlement
      where source_kind = 'subscription' and source_id = ${right.subscriptionId}::uuid and benefit = ${right.benefit}
        and subject_id = ${right.subjectId}::uuid and customer_id = ${right.customerId}::uuid
    ), here as (
      insert into entitlement as known (customer_id, benefit, subject_id, source_kind, source_id, state, reason, ends_at)
      values (${right.customerId}, ${right.benefit}, ${right.subjectId}, 'subscription', ${right.subscriptionId},
        ${right.state}, ${right.reason}, ${right.endsAt})
      on conflict (source_kind, source_id, benefit, subject_id, customer_id) do update
        set state = excluded.state, reason = excluded.reason, ends_at = excluded.ends_at, updated_at = clock_now()
        where (known.state, known.reason, known.ends_at) is distinct from (excluded.state, excluded.reason, excluded.ends_at)
      returning id, state, reason
    )
    insert into entitlement_event (entitlement_id, state, reason, actor_kind, cause)
    select id, state, reason, ${cause.actor}, ${cause.cause} from others
    union all
    select here.id, here.state, here.reason, ${cause.actor}, ${cause.cause} from here left join former on former.id = here.id
    where (former.state, former.reason) is distinct from (here.state, here.reason)
  `.execute(tx)
}

/** Brings the one right of something given to where it stands. Only what changes is written; what opens or shuts is told in an event. */
export async function setGivenRight(
  tx: Tx,
  right: NewEntitlement & {
    readonly state: EntitlementState
    readonly reason: EndReason | null
    readonly startsAt: Date
    readonly endsAt: Date | null
  },
  cause: Cause,
): Promise<void> {
  await sql`
    with former as (
      select id, state, reason from entitlement
      where source_kind = ${right.source.kind} and source_id = ${right.source.id}::uuid and benefit = ${right.benefit}
        and subject_id = ${right.subjectId}::uuid and customer_id = ${right.customerId}::uuid
    ), here as (
      insert into entitlement as known (customer_id, benefit, subject_id, source_kind, source_id, state, reason, starts_at, ends_at)
      values (${right.customerId}, ${right.benefit}, ${right.subjectId}, ${right.source.kind}, ${right.source.id},
        ${right.state}, ${right.reason}, ${right.startsAt}, ${right.endsAt})
      on conflict (source_kind, source_id, benefit, subject_id, customer_id) do update
        set state = excluded.state, reason = excluded.reason, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
          updated_at = clock_now()
        where (known.state, known.reason, known.starts_at, known.ends_at)
          is distinct from (excluded.state, excluded.reason, excluded.starts_at, excluded.ends_at)
      returning id, state, reason
    )
    insert into entitlement_event (entitlement_id, state, reason, actor_kind, cause)
    select here.id, here.state, here.reason, ${cause.actor}, ${cause.cause} from here left join former on former.id = here.id
    where (former.state, former.reason) is distinct from (here.state, here.reason)
  `.execute(tx)
}

/** Ends every right that a subscription gave. */
export async function endSubscriptionRights(
  tx: Tx,
  subscriptionId: string,
  cause: Cause,
): Promise<void> {
  await moveEntitlements(
    tx,
    { kind: 'subscription', ids: [subscriptionId] },
    [{ state: 'pending' }, { state: 'active' }, { state: 'suspended' }],
    { state: 'expired', reason: 'ended' },
    cause,
  )
}
