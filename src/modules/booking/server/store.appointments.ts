import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Appointment, Busy, PlaceKind, AppointmentState, Service } from '../types.ts'

/**
 * Every change of the owner's time goes one after another: limits, seats and series are exact, and two that want the same never deadlock.
 * Held until the transaction ends.
 */
export async function lockBooking(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('booking'), hashtext('time'))`.execute(tx)
}

/** An occasion that stands, as the slots see it. */
export interface Taken extends Busy {
  readonly occasionId: string
  readonly startsAt: number
  readonly productId: string
  readonly freeSeats: number
}

/** What is taken between two instants, its buffers included. besides: an occasion that does not count, because it is being moved. */
export async function takenBetween(
  via: Db,
  from: Date,
  until: Date,
  besides: string | undefined,
): Promise<Taken[]> {
  const { rows } = await sql<{
    id: string
    product_id: string
    starts: number
    from: number
    until: number
    free: number
  }>`
    select id, product_id, (extract(epoch from starts_at) * 1000)::float8 as starts,
      (extract(epoch from lower(blocked)) * 1000)::float8 as from, (extract(epoch from upper(blocked)) * 1000)::float8 as until,
      seats - (select count(*) from appointment where occasion_id = occasion.id and state <> 'cancelled')::int as free
    from occasion
    where released_at is null and blocked && tstzrange(${from}, ${until}) and id is distinct from ${besides ?? null}::uuid
  `.execute(via)
  return rows.map((row) => ({
    occasionId: row.id,
    productId: row.product_id,
    startsAt: row.starts,
    from: row.from,
    until: row.until,
    freeSeats: row.free,
  }))
}

export interface NewOccasion {
  readonly id: string
  readonly service: Service
  readonly startsAt: Date
  readonly isOverlapAllowed: boolean
}

/** Throws 23P01 where it would overlap another one. */
export async function insertOccasion(tx: Tx, occasion: NewOccasion): Promise<void> {
  const { terms, productId } = occasion.service
  const minutes = (count: number) => sql`${count} * interval '1 minute'`
  const ends = sql<Date>`${occasion.startsAt}::timestamptz + ${minutes(terms.duration)}`
  await tx
    .insertInto('occasion')
    .values({
      id: occasion.id,
      product_id: productId,
      starts_at: occasion.startsAt,
      ends_at: ends,
      blocked: sql`tstzrange(${occasion.startsAt}::timestamptz - ${minutes(terms.bufferBefore)}, ${ends} + ${minutes(terms.bufferAfter)})`,
      seats: terms.seats,
      overlap_allowed: occasion.isOverlapAllowed,
    })
    .execute()
}

/** The time is free again once nobody has a seat in it. */
export async function releaseIfEmpty(tx: Tx, occasionId: string): Promise<void> {
  await sql`
    update occasion set released_at = clock_now()
    where id = ${occasionId} and released_at is null
      and not exists (select from appointment where occasion_id = ${occasionId} and state <> 'cancelled')
  `.execute(tx)
}

/** The time is free again, for whoever has the last seat in it and leaves it in this transaction. */
export async function releaseOccasion(tx: Tx, occasionId: string): Promise<void> {
  await sql`update occasion set released_at = clock_now() where id = ${occasionId} and released_at is null`.execute(
    tx,
  )
}

/** Whether nobody else has a seat in it. */
export async function isOnly(via: Db, occasionId: string, appointmentId: string): Promise<boolean> {
  const other = await via
    .selectFrom('appointment')
    .select('id')
    .where('occasion_id', '=', occasionId)
    .where('id', '!=', appointmentId)
    .where('state', '!=', 'cancelled')
    .executeTakeFirst()
  return other === undefined
}

/** Whether a customer has a seat in it. */
export async function hasSeat(via: Db, occasionId: string, customerId: string): Promise<boolean> {
  const seat = await via
    .selectFrom('appointment')
    .select('id')
    .where('occasion_id', '=', occasionId)
    .where('customer_id', '=', customerId)
    .where('state', '!=', 'cancelled')
    .executeTakeFirst()
  return seat !== undefined
}

/** The lowest seat nobody has; undefined when all are taken. */
export async function freeSeat(
  tx: Tx,
  occasionId: string,
): Promise<{ readonly seat: number; readonly seats: number } | undefined> {
  const { rows } = await sql<{ seat: number; seats: number }>`
    select seat, seats from occasion, generate_series(1, seats) as seat
    where id = ${occasionId} and not exists (
      select from appointment a where a.occasion_id = occasion.id and a.seat = seat.seat and a.state <> 'cancelled'
    )
    order by seat limit 1
  `.execute(tx)
  return rows[0]
}

export interface NewAppointment {
  readonly id: string
  readonly key: string
  readonly occasionId: string
  readonly seat: number
  readonly seats: number
  readonly customerId: string
  readonly service: Service
  readonly localStart: string
  readonly zone: string
  readonly ownerLocalStart: string
  readonly ownerZone: string
  readonly bookedBy: 'customer' | 'owner'
  readonly rightId: string | undefined
}

export async function insertAppointment(tx: Tx, one: NewAppointment): Promise<void> {
  const { terms, title } = one.service
  await tx
    .insertInto('appointment')
    .values({
      id: one.id,
      key: one.key,
      occasion_id: one.occasionId,
      seat: one.seat,
      seats: one.seats,
      customer_id: one.customerId,
      title,
      local_start: one.localStart,
      zone: one.zone,
      owner_local_start: one.ownerLocalStart,
      owner_zone: one.ownerZone,
      place_kind: terms.placeKind,
      place: terms.place,
      cancel_cutoff: terms.cancelCutoff ?? null,
      move_cutoff: terms.moveCutoff ?? null,
      most_moves: terms.mostMoves ?? null,
      booked_by: one.bookedBy,
      right_id: one.rightId ?? null,
    })
    .execute()
}

export async function noteChange(
  tx: Tx,
  change: {
    readonly appointmentId: string
    readonly version: number
    readonly kind: 'booked' | 'moved' | 'cancelled' | 'completed' | 'no_show' | 'restored'
    readonly actorKind: 'owner' | 'member' | 'system'
    readonly startsAt: Date
    readonly formerStartsAt?: Date
  },
): Promise<void> {
  await tx
    .insertInto('appointment_change')
    .values({
      appointment_id: change.appointmentId,
      version: change.version,
      kind: change.kind,
      actor_kind: change.actorKind,
      starts_at: change.startsAt,
      former_starts_at: change.formerStartsAt ?? null,
    })
    .execute()
}

export const appointments = (via: Db) =>
  via
    .selectFrom('appointment')
    .innerJoin('occasion', 'occasion.id', 'appointment.occasion_id')
    .selectAll('appointment')
    .select(['occasion.starts_at', 'occasion.ends_at', 'occasion.product_id'])

type Row = Awaited<ReturnType<ReturnType<typeof appointments>['executeTakeFirstOrThrow']>>

export function appointmentOf(row: Row): Appointment {
  return {
    id: row.id,
    occasionId: row.occasion_id,
    productId: row.product_id,
    customerId: row.customer_id,
    title: row.title,
    // Both are checked by their columns.
    state: row.state as AppointmentState,
    placeKind: row.place_kind as PlaceKind,
    place: row.place,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    localStart: row.local_start,
    zone: row.zone,
    cancelCutoff: row.cancel_cutoff ?? undefined,
    moveCutoff: row.move_cutoff ?? undefined,
    mostMoves: row.most_moves ?? undefined,
    moves: row.moves,
    version: row.version,
    rightId: row.right_id ?? undefined,
    cancelledBy: (row.cancelled_by as Appointment['cancelledBy'] | null) ?? undefined, // the column's check
    cancelReason: row.cancel_reason ?? undefined,
    isSessionReturned: row.session_returned,
  }
}

export async function findAppointment(via: Db, id: string): Promise<Appointment | undefined> {
  const row = await appointments(via).where('appointment.id', '=', id).executeTakeFirst()
  return row && appointmentOf(row)
}

export async function findByKey(via: Db, key: string): Promise<Appointment | undefined> {
  const row = await appointments(via).where('appointment.key', '=', key).executeTakeFirst()
  return row && appointmentOf(row)
}

export async function writeCancelled(
  tx: Tx,
  id: string,
  by: 'customer' | 'owner' | 'system',
  reason: string | undefined,
): Promise<void> {
  await sql`
    update appointment set state = 'cancelled', cancelled_by = ${by}, cancelled_at = clock_now(),
      cancel_reason = ${reason ?? null}, version = version + 1
    where id = ${id}
  `.execute(tx)
}

export async function writeMoved(
  tx: Tx,
  id: string,
  to: {
    readonly occasionId: string
    readonly seat: number
    readonly seats: number
    readonly localStart: string
    readonly zone: string
    readonly ownerLocalStart: string
    readonly ownerZone: string
    readonly countsAsMove: boolean
  },
): Promise<void> {
  await tx
    .updateTable('appointment')
    .set({
      occasion_id: to.occasionId,
      seat: to.seat,
      seats: to.seats,
      local_start: to.localStart,
      zone: to.zone,
      owner_local_start: to.ownerLocalStart,
      owner_zone: to.ownerZone,
      moves: sql<number>`moves + ${to.countsAsMove ? 1 : 0}`,
      version: sql<number>`version + 1`,
    })
    .where('id', '=', id)
    .execute()
}

export async function writeAttendance(
  tx: Tx,
  id: string,
  state: 'confirmed' | 'completed' | 'no_show',
): Promise<void> {
  await tx
    .updateTable('appointment')
    .set({ state, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .execute()
}

/** When something happened to it last. */
export async function lastChange(via: Db, appointmentId: string): Promise<Date | undefined> {
  const row = await via
    .selectFrom('appointment_change')
    .select('at')
    .where('appointment_id', '=', appointmentId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.at
}
