import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Lot, LotSource } from '../token-choice.ts'
import type { IntervalUnit } from '../types.ts'

/**
 * Everything that takes or gives tokens of a person goes one after another. Held until the transaction ends; always in the same order,
 * so that two of them never wait for each other.
 */
export async function lockTokens(tx: Tx, customerIds: readonly string[]): Promise<void> {
  for (const id of [...new Set(customerIds)].toSorted())
    await sql`select pg_advisory_xact_lock(hashtext('tokens'), hashtext(${id}))`.execute(tx)
}

/** This customer, and every other one of the same member. */
export async function customersOfPerson(via: Db, customerId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from customer where id = ${customerId}
      or member_id = (select member_id from customer where id = ${customerId}) limit 200`.execute(
    via,
  )
  return rows.map(({ id }) => id)
}

export type EntryKind =
  | 'grant'
  | 'hold'
  | 'capture'
  | 'release'
  | 'expire'
  | 'rollover'
  | 'reverse'
  | 'adjust'
export type TokenActor = 'customer' | 'owner' | 'system'

export interface NewEntry {
  readonly lotId: string
  readonly kind: EntryKind
  readonly delta: number
  readonly appointmentId?: string
  readonly key: string
  readonly actor: TokenActor
  readonly reason: string
}

/** Appends it; the lot follows by itself. false: it was written before. Throws 23514 where more would be used than there is. */
export async function insertEntry(tx: Tx, entry: NewEntry): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into token_entry (lot_id, customer_id, kind, delta, appointment_id, key, actor, reason)
    select id, customer_id, ${entry.kind}, ${entry.delta}, ${entry.appointmentId ?? null}::uuid, ${entry.key}, ${entry.actor}, ${entry.reason}
    from token_lot where id = ${entry.lotId}
    on conflict (key) do nothing`.execute(tx)
  return (numAffectedRows ?? 0n) > 0n
}

export interface NewLot {
  readonly id: string
  readonly customerId: string
  readonly source: LotSource
  readonly key: string
  readonly subscriptionId?: string | undefined
  readonly invoiceId?: string
  readonly granted: number
  readonly validFrom: Date
  readonly validUntil: Date | undefined
  readonly words?: string
}

/** false: there is one from this source. Empty until its grant is entered. */
export async function insertLot(tx: Tx, lot: NewLot): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('token_lot')
    .values({
      id: lot.id,
      customer_id: lot.customerId,
      source_kind: lot.source,
      source_key: lot.key,
      subscription_id: lot.subscriptionId ?? null,
      invoice_id: lot.invoiceId ?? null,
      granted: lot.granted,
      valid_from: lot.validFrom,
      valid_until: lot.validUntil ?? null,
      words: lot.words ?? '',
    })
    .onConflict((conflict) => conflict.column('source_key').doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

export interface LotRow extends Lot {
  readonly customerId: string
  readonly granted: number
  readonly subscriptionId: string | undefined
  readonly isWithdrawn: boolean
}

const lots = (via: Db) =>
  via
    .selectFrom('token_lot')
    .select([
      'id',
      'customer_id',
      'source_kind',
      'subscription_id',
      'granted',
      'remaining',
      'valid_from',
      'valid_until',
      'withdrawn_at',
    ])

type LotColumns = Awaited<ReturnType<ReturnType<typeof lots>['executeTakeFirstOrThrow']>>

const lotOf = (row: LotColumns): LotRow => ({
  id: row.id,
  customerId: row.customer_id,
  // Its check holds it to these words.
  source: row.source_kind as LotSource,
  subscriptionId: row.subscription_id ?? undefined,
  granted: row.granted,
  remaining: row.remaining,
  validFrom: row.valid_from,
  validUntil: row.valid_until ?? undefined,
  isWithdrawn: row.withdrawn_at !== null,
})

/** Of which something is left and valid, now or later; what ends first first. */
export async function lotsLeft(
  via: Db,
  customerIds: readonly string[],
  at: Date,
): Promise<LotRow[]> {
  if (customerIds.length === 0) return []
  const rows = await lots(via)
    .where('customer_id', 'in', customerIds)
    .where('remaining', '>', 0)
    .where('withdrawn_at', 'is', null)
    .where((where) => where.or([where('valid_until', 'is', null), where('valid_until', '>', at)]))
    .orderBy(sql`valid_until nulls last`)
    .orderBy('id')
    .limit(500)
    .execute()
  return rows.map(lotOf)
}

/** That are valid at a moment, used up or not. */
export async function lotsAt(via: Db, customerIds: readonly string[], at: Date): Promise<LotRow[]> {
  if (customerIds.length === 0) return []
  const rows = await lots(via)
    .where('customer_id', 'in', customerIds)
    .where('valid_from', '<=', at)
    .where((where) => where.or([where('valid_until', 'is', null), where('valid_until', '>', at)]))
    .orderBy(sql`valid_until nulls last`)
    .orderBy('id')
    .limit(500)
    .execute()
  return rows.map(lotOf)
}

export async function findLot(via: Db, id: string): Promise<LotRow | undefined> {
  const row = await lots(via).where('id', '=', id).executeTakeFirst()
  return row && lotOf(row)
}

export async function lotsBySources(via: Db, prefix: string): Promise<LotRow[]> {
  const rows = await lots(via)
    .where(sql<boolean>`starts_with(source_key, ${prefix})`)
    .where('source_kind', '=', 'pack')
    .orderBy('source_key')
    .limit(200)
    .execute()
  return rows.map(lotOf)
}

export async function countEntries(via: Db, lotId: string): Promise<number> {
  const row = await via
    .selectFrom('token_entry')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('lot_id', '=', lotId)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Of lots: how many tokens each has in use, held for what is ahead and captured. */
export async function usesOfLots(
  via: Db,
  lotIds: readonly string[],
): Promise<{ readonly held: number; readonly captured: number }> {
  if (lotIds.length === 0) return { held: 0, captured: 0 }
  const { rows } = await sql<{ held: number; captured: number }>`
    select count(*) filter (where state = 'held')::int as held, count(*) filter (where state = 'captured')::int as captured
    from token_use where lot_id = any(${lotIds}::uuid[]) and state in ('held', 'captured')`.execute(
    via,
  )
  return rows[0] ?? { held: 0, captured: 0 }
}

// ---- uses ----

export type UseState = 'committed' | 'held' | 'captured' | 'released'

export interface UseRow {
  readonly appointmentId: string
  readonly customerId: string
  readonly state: UseState
  readonly lotId: string | undefined
  readonly subscriptionId: string | undefined
  readonly periodFrom: Date | undefined
  readonly startsAt: Date
  readonly version: number
  readonly isSpent: boolean
}

const uses = (via: Db) => via.selectFrom('token_use').selectAll()

type UseColumns = Awaited<ReturnType<ReturnType<typeof uses>['executeTakeFirstOrThrow']>>

const useOf = (row: UseColumns): UseRow => ({
  appointmentId: row.appointment_id,
  customerId: row.customer_id,
  state: row.state as UseState,
  lotId: row.lot_id ?? undefined,
  subscriptionId: row.subscription_id ?? undefined,
  periodFrom: row.period_from ?? undefined,
  startsAt: row.starts_at,
  version: row.version,
  isSpent: row.is_spent,
})

export async function findUse(via: Db, appointmentId: string): Promise<UseRow | undefined> {
  const row = await uses(via).where('appointment_id', '=', appointmentId).executeTakeFirst()
  return row && useOf(row)
}

export async function findUses(via: Db, appointmentIds: readonly string[]): Promise<UseRow[]> {
  if (appointmentIds.length === 0) return []
  const rows = await uses(via).where('appointment_id', 'in', appointmentIds).execute()
  return rows.map(useOf)
}

/** How an appointment is paid for from now on. */
export async function writeUse(tx: Tx, use: UseRow): Promise<void> {
  const changing = {
    customer_id: use.customerId,
    state: use.state,
    lot_id: use.lotId ?? null,
    subscription_id: use.subscriptionId ?? null,
    period_from: use.periodFrom ?? null,
    starts_at: use.startsAt,
    version: use.version,
    is_spent: use.isSpent,
  }
  await tx
    .insertInto('token_use')
    .values({ appointment_id: use.appointmentId, ...changing })
    .onConflict((conflict) => conflict.column('appointment_id').doUpdateSet(changing))
    .execute()
}

/** What waits for the tokens of a period, the first that was booked first. */
export async function committedIn(
  via: Db,
  subscriptionId: string,
  from: Date,
  until: Date,
  most: number,
): Promise<UseRow[]> {
  const rows = await uses(via)
    .where('state', '=', 'committed')
    .where('subscription_id', '=', subscriptionId)
    .where('starts_at', '>=', from)
    .where('starts_at', '<', until)
    .orderBy('created_at')
    .orderBy('appointment_id')
    .limit(most)
    .execute()
  return rows.map(useOf)
}

// ---- what a subscription gives ----

export interface PayingSubscription {
  readonly id: string
  readonly periodFrom: Date
  readonly periodUntil: Date
  readonly isPaid: boolean
  readonly anchor: Date
  readonly unit: IntervalUnit
  readonly count: number
  readonly allotment: number
  readonly cancelsAt: Date | undefined
}

/** Subscriptions of a person that go on and will be paid again; a planned change counts from the next period. */
export async function payingSubscriptions(
  via: Db,
  customerIds: readonly string[],
): Promise<PayingSubscription[]> {
  if (customerIds.length === 0) return []
  const { rows } = await sql<{
    id: string
    period_started_at: Date
    period_ends_at: Date
    is_paid: boolean
    anchor: Date
    unit: string
    count: number
    allotment: number
    cancels_at: Date | null
  }>`
    select s.id, s.period_started_at, s.period_ends_at, coalesce(s.trial_ends_at, s.started_at) as anchor, s.cancels_at,
      exists (select from allotment a where a.subscription_id = s.id and a.period_ends_at >= s.period_ends_at) as is_paid,
      coalesce(next.interval_unit, s.interval_unit) as unit, coalesce(next.interval_count, s.interval_count) as count,
      coalesce(next.token_allotment, s.token_allotment) as allotment
    from subscription s left join plan next on next.id = s.next_plan_id
    where s.customer_id = any(${customerIds}::uuid[]) and s.status in ('trialing', 'active') and not s.is_gone and not s.is_paused
      and s.surplus_reason is null and s.money = 'kept' and not s.is_to_end
      and s.period_started_at < s.period_ends_at
    order by s.period_ends_at, s.id limit 20`.execute(via)
  return rows.map((row) => ({
    id: row.id,
    periodFrom: row.period_started_at,
    periodUntil: row.period_ends_at,
    isPaid: row.is_paid,
    anchor: row.anchor,
    unit: row.unit as IntervalUnit,
    count: row.count,
    allotment: row.allotment,
    cancelsAt: row.cancels_at ?? undefined,
  }))
}

/** How many wait for tokens of this subscription from a moment on. */
export async function countCommitted(
  via: Db,
  subscriptionId: string,
  from: Date,
  until: Date,
): Promise<number> {
  const row = await via
    .selectFrom('token_use')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('state', '=', 'committed')
    .where('subscription_id', '=', subscriptionId)
    .where('starts_at', '>=', from)
    .where('starts_at', '<', until)
    .executeTakeFirstOrThrow()
  return row.count
}

export interface DueGrant {
  readonly invoiceId: string
  readonly customerId: string
  readonly tokens: number
  readonly from: Date
  readonly until: Date
}

/** What its paid invoices allotted and nobody has got yet; of periods that are over only what somebody waits for. */
export async function dueGrants(via: Db, subscriptionId: string): Promise<DueGrant[]> {
  const { rows } = await sql<{
    invoice_id: string
    customer_id: string
    tokens: number
    from: Date
    until: Date
  }>`
    select a.invoice_id, s.customer_id, a.tokens, a.period_started_at as from, a.period_ends_at as until
    from allotment a join subscription s on s.id = a.subscription_id
    where a.subscription_id = ${subscriptionId} and a.tokens > 0 and s.customer_id is not null and s.surplus_reason is null
      and a.period_started_at < a.period_ends_at
      and not exists (select from token_lot l where l.invoice_id = a.invoice_id)
      and (a.period_ends_at > clock_now() or exists (
        select from token_use u where u.subscription_id = a.subscription_id and u.state = 'committed'
          and u.starts_at >= a.period_started_at and u.starts_at < a.period_ends_at))
    order by a.period_started_at, a.created_at limit 100`.execute(via)
  return rows.map((row) => ({
    invoiceId: row.invoice_id,
    customerId: row.customer_id,
    tokens: row.tokens,
    from: row.from,
    until: row.until,
  }))
}

export interface LotMoney {
  readonly lot: LotRow
  readonly paidMinor: number
  readonly refundedMinor: number
  /** Of the refunds that count, the newest last. */
  readonly doesThen: readonly (string | null)[]
  readonly disputes: readonly string[]
}

/** Its lots, with what became of the money that each was paid with; the newest first. */
export async function moneyOfLots(
  via: Db,
  of: { readonly subscriptionId: string },
): Promise<LotMoney[]> {
  const { rows } = await sql<
    LotColumns & {
      paid_minor: number
      refunded_minor: number
      does_then: (string | null)[]
      disputes: string[]
    }
  >`
    select l.id, l.customer_id, l.source_kind, l.subscription_id, l.granted, l.remaining, l.valid_from, l.valid_until, l.withdrawn_at,
      i.paid_minor, i.refunded_minor,
      array(select r.does_then from subscription_refund r where r.invoice_id = i.id
        and r.state in ('succeeded', 'pending', 'requires_action') order by r.created_at, r.id limit 200) as does_then,
      array(select d.state from subscription_dispute d where d.invoice_id = i.id limit 200) as disputes
    from token_lot l join subscription_invoice i on i.id = l.invoice_id
    where l.subscription_id = ${of.subscriptionId}
    order by l.valid_from desc limit 60`.execute(via)
  return rows.map((row) => ({
    lot: lotOf(row),
    paidMinor: row.paid_minor,
    refundedMinor: row.refunded_minor,
    doesThen: row.does_then,
    disputes: row.disputes,
  }))
}

export async function setWithdrawn(tx: Tx, lotId: string, isWithdrawn: boolean): Promise<void> {
  await tx
    .updateTable('token_lot')
    .set({ withdrawn_at: isWithdrawn ? clockNow : null })
    .where('id', '=', lotId)
    .execute()
}

/** What was taken back of a lot because its payment went back. */
export async function reversedOf(via: Db, lotId: string): Promise<number> {
  const { rows } = await sql<{ reversed: number }>`
    select coalesce(-sum(delta), 0)::int as reversed from token_entry
    where lot_id = ${lotId} and (starts_with(key, 'reverse:') or starts_with(key, 'restore:'))`.execute(
    via,
  )
  return rows[0]?.reversed ?? 0
}

// ---- debts ----

export interface DebtRow {
  readonly lotId: string
  readonly tokens: number
  readonly taken: number
  readonly isWaived: boolean
}

export async function findDebt(via: Db, lotId: string): Promise<DebtRow | undefined> {
  const row = await via
    .selectFrom('token_debt')
    .selectAll()
    .where('lot_id', '=', lotId)
    .executeTakeFirst()
  return (
    row && {
      lotId: row.lot_id,
      tokens: row.tokens,
      taken: row.taken,
      isWaived: row.waived_at !== null,
    }
  )
}

/** Not waived and not taken whole yet, the oldest first. */
export async function openDebts(via: Db, customerIds: readonly string[]): Promise<DebtRow[]> {
  if (customerIds.length === 0) return []
  const rows = await via
    .selectFrom('token_debt')
    .selectAll()
    .where('customer_id', 'in', customerIds)
    .where('waived_at', 'is', null)
    .where(sql<boolean>`taken < tokens`)
    .orderBy('created_at')
    .orderBy('lot_id')
    .limit(200)
    .execute()
  return rows.map((row) => ({
    lotId: row.lot_id,
    tokens: row.tokens,
    taken: row.taken,
    isWaived: false,
  }))
}

export async function writeDebt(
  tx: Tx,
  customerId: string,
  debt: Omit<DebtRow, 'isWaived'>,
): Promise<void> {
  await tx
    .insertInto('token_debt')
    .values({
      lot_id: debt.lotId,
      customer_id: customerId,
      tokens: debt.tokens,
      taken: debt.taken,
    })
    .onConflict((conflict) =>
      conflict
        .column('lot_id')
        .doUpdateSet({ tokens: debt.tokens, taken: debt.taken, waived_at: null }),
    )
    .execute()
}

export async function setDebt(tx: Tx, debt: Omit<DebtRow, 'isWaived'>): Promise<void> {
  await tx
    .updateTable('token_debt')
    .set({ tokens: debt.tokens, taken: debt.taken })
    .where('lot_id', '=', debt.lotId)
    .execute()
}

export async function waiveDebts(tx: Tx, lotIds: readonly string[]): Promise<void> {
  if (lotIds.length === 0) return
  await tx
    .updateTable('token_debt')
    .set({ waived_at: clockNow })
    .where('lot_id', 'in', lotIds)
    .execute()
}

// ---- rounds and lists ----

/** Lots whose time is over and of which something is left. */
export async function lotsToExpire(via: Db, most: number): Promise<LotRow[]> {
  const rows = await lots(via)
    .where('remaining', '>', 0)
    .where('valid_until', '<=', clockNow)
    .orderBy('valid_until')
    .limit(most)
    .execute()
  return rows.map(lotOf)
}

/**
 * Appointments ahead that wait for tokens which will not come: the subscription is over, ends before, is paused, or its payment stayed out longer
 * than the grace; or its period was paid and had too few. The newest booked first.
 */
export async function commitmentsWithout(
  via: Db,
  graceDays: number,
  most: number,
): Promise<{ readonly appointmentId: string; readonly customerId: string }[]> {
  const { rows } = await sql<{ appointmentId: string; customerId: string }>`
    select u.appointment_id as "appointmentId", u.customer_id as "customerId"
    from token_use u join subscription s on s.id = u.subscription_id
    where u.state = 'committed' and not u.is_spent and u.starts_at > clock_now()
      and (not s.is_live or s.is_gone or s.is_to_end or s.is_paused or s.surplus_reason is not null or s.money <> 'kept'
        or s.status = 'unpaid' or s.cancels_at <= u.starts_at
        or s.past_due_since + ${graceDays} * interval '24 hours' <= clock_now()
        or exists (select from allotment a where a.subscription_id = s.id and a.period_started_at <= u.starts_at and a.period_ends_at > u.starts_at))
    order by u.created_at desc, u.appointment_id limit ${most}`.execute(via)
  return rows
}

/** What waits for tokens of a subscription, the newest booked first. */
export async function commitmentsFrom(
  via: Db,
  subscriptionId: string,
  most: number,
): Promise<{ readonly appointmentId: string; readonly startsAt: Date }[]> {
  return via
    .selectFrom('token_use')
    .select(['appointment_id as appointmentId', 'starts_at as startsAt'])
    .where('state', '=', 'committed')
    .where('is_spent', '=', false)
    .where('subscription_id', '=', subscriptionId)
    .orderBy('created_at', 'desc')
    .orderBy('appointment_id')
    .limit(most)
    .execute()
}

export interface EntryRow {
  readonly id: string
  readonly kind: EntryKind
  readonly delta: number
  /** Of the person, after this entry. */
  readonly balance: number
  readonly appointmentId: string | undefined
  readonly actor: TokenActor
  readonly reason: string
  /** Of whoever gave the lot. */
  readonly words: string
  readonly at: Date
}

/** Entries before one, the newest first. */
export async function entriesOf(
  via: Db,
  customerIds: readonly string[],
  before: string | undefined,
  most: number,
): Promise<EntryRow[]> {
  if (customerIds.length === 0) return []
  const { rows } = await sql<{
    id: string
    kind: string
    delta: number
    balance: number
    appointment_id: string | null
    actor: string
    reason: string
    words: string
    at: Date
  }>`
    with own as (
      select e.id, e.delta, sum(e.delta) over (order by e.id) as balance from token_entry e
      where e.customer_id = any(${customerIds}::uuid[]) and (${before ?? null}::int8 is null or e.id < ${before ?? null}::int8)
    )
    select own.id::text as id, e.kind, own.delta, own.balance::int as balance, e.appointment_id, e.actor, e.reason,
      case when e.kind = 'grant' then l.words else '' end as words, e.at
    from own join token_entry e on e.id = own.id join token_lot l on l.id = e.lot_id
    order by own.id desc limit ${most}`.execute(via)
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind as EntryKind,
    delta: row.delta,
    balance: row.balance,
    appointmentId: row.appointment_id ?? undefined,
    actor: row.actor as TokenActor,
    reason: row.reason,
    words: row.words,
    at: row.at,
  }))
}
