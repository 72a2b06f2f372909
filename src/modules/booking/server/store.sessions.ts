import { sql } from 'kysely'
import type { Answer } from '#modules/catalog/answers.ts'
import { newId } from '#modules/platform/ids.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { Appointment } from '../types.ts'
import { appointmentOf, appointments } from './store.appointments.ts'

/** What brought sessions: a line of an order, or something the owner gave. */
export interface RightSource {
  readonly kind: 'order_line' | 'comp'
  readonly id: string
  readonly productId: string
}

/** Once for each source. */
export async function insertRight(tx: Tx, source: RightSource, granted: number): Promise<void> {
  await tx
    .insertInto('session_right')
    .values({
      id: newId(),
      source_kind: source.kind,
      source_id: source.id,
      product_id: source.productId,
      granted,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export interface RightRow {
  readonly id: string
  readonly sourceId: string
  readonly productId: string
  readonly granted: number
  readonly used: number
}

/** Oldest first. */
export async function rightsFrom(via: Db, sources: readonly RightSource[]): Promise<RightRow[]> {
  if (sources.length === 0) return []
  return via
    .selectFrom('session_right')
    .select(['id', 'source_id as sourceId', 'product_id as productId', 'granted', 'used'])
    .where((where) =>
      where.or(
        sources.map((source) =>
          where.and([
            where('source_kind', '=', source.kind),
            where('source_id', '=', source.id),
            where('product_id', '=', source.productId),
          ]),
        ),
      ),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** What was given back of it leaves so many; never fewer than are used. */
export async function writeGranted(tx: Tx, rightId: string, granted: number): Promise<void> {
  await sql`update session_right set granted = greatest(used, least(granted, ${granted})) where id = ${rightId}`.execute(
    tx,
  )
}

/** Why nothing can be booked with these sessions now; undefined when one can. Call it under the lock of booking. */
export async function whyNoSession(
  tx: Tx,
  rightId: string,
): Promise<'no_sessions' | 'booked' | undefined> {
  await completePassed(tx, { rightId })
  const { rows } = await sql<{ free: boolean; booked: boolean }>`
    select used < granted as free,
      exists (select from appointment where right_id = session_right.id and state = 'confirmed') as booked
    from session_right where id = ${rightId} for update
  `.execute(tx)
  const [right] = rows
  if (right?.booked) return 'booked'
  return right?.free ? undefined : 'no_sessions'
}

/** Throws 23514 when none is left: ask whyNoSession() first. */
export async function useSession(tx: Tx, rightId: string): Promise<void> {
  await sql`update session_right set used = used + 1 where id = ${rightId}`.execute(tx)
}

/** Of a cancelled appointment: once. */
export async function returnSession(tx: Tx, appointmentId: string, rightId: string): Promise<void> {
  await sql`
    with returned as (
      update appointment set session_returned = true where id = ${appointmentId} and not session_returned returning id
    ) update session_right set used = used - 1 where id = ${rightId} and exists (select from returned)
  `.execute(tx)
}

/** The appointments that stand by these sessions, over or not. */
export async function activeOf(via: Db, rightIds: readonly string[]): Promise<Appointment[]> {
  if (rightIds.length === 0) return []
  const rows = await appointments(via)
    .where('appointment.right_id', 'in', rightIds)
    .where('appointment.state', '=', 'confirmed')
    .execute()
  return rows.map(appointmentOf)
}

/**
 * Counts as taken place what is over and of which the owner said nothing else: of some sessions, or so many of all. Returns how many. Call it
 * under the lock of booking.
 */
export async function completePassed(
  tx: Tx,
  which: { readonly rightId: string } | { readonly most: number },
): Promise<number> {
  const some =
    'rightId' in which
      ? sql`appointment.right_id = ${which.rightId}`
      : sql`appointment.id in (
          select over.id from appointment over join occasion on occasion.id = over.occasion_id
          where over.state = 'confirmed' and occasion.ends_at <= clock_now() limit ${which.most})`
  const { rows } = await sql<{ id: string }>`
    with passed as (
      update appointment set state = 'completed', version = version + 1 from occasion
      where occasion.id = appointment.occasion_id and appointment.state = 'confirmed' and occasion.ends_at <= clock_now() and ${some}
      returning appointment.id, appointment.version, occasion.starts_at
    ) insert into appointment_change (appointment_id, version, kind, actor_kind, starts_at)
      select id, version, 'completed', 'system', starts_at from passed returning appointment_id as id
  `.execute(tx)
  return rows.length
}

export async function insertAnswers(
  tx: Tx,
  appointmentId: string,
  answers: readonly Answer[],
): Promise<void> {
  if (answers.length === 0) return
  await tx
    .insertInto('appointment_answer')
    .values(
      answers.map(({ questionId, question, answer }, position) => ({
        appointment_id: appointmentId,
        question_id: questionId,
        position,
        question,
        answer,
      })),
    )
    .execute()
}

/** What was asked and answered, in order. */
export async function answersOf(via: Db, appointmentId: string): Promise<Answer[]> {
  return via
    .selectFrom('appointment_answer')
    .select(['question_id as questionId', 'question', 'answer'])
    .where('appointment_id', '=', appointmentId)
    .orderBy('position')
    .execute()
}

/** The same of several appointments, by appointment. */
export async function answersOfAll(
  via: Db,
  appointmentIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Answer[]>> {
  if (appointmentIds.length === 0) return new Map()
  const rows = await via
    .selectFrom('appointment_answer')
    .select(['appointment_id', 'question_id as questionId', 'question', 'answer'])
    .where('appointment_id', 'in', appointmentIds)
    .orderBy('appointment_id')
    .orderBy('position')
    .execute()
  return Map.groupBy(
    rows.map(({ appointment_id: id, ...answer }) => ({ id, ...answer })),
    ({ id }) => id,
  )
}

/** What these customers answered last about a service, to be filled in again. */
export async function lastAnswers(
  via: Db,
  customerIds: readonly string[],
  productId: string,
): Promise<Answer[]> {
  if (customerIds.length === 0) return []
  const last = await via
    .selectFrom('appointment')
    .innerJoin('occasion', 'occasion.id', 'appointment.occasion_id')
    .select('appointment.id')
    .where('appointment.customer_id', 'in', customerIds)
    .where('occasion.product_id', '=', productId)
    .orderBy('appointment.created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last ? answersOf(via, last.id) : []
}
