import { sql } from 'kysely'
import type { Reach } from '#modules/platform/paging.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { Appointment } from '../types.ts'
import { appointmentOf, appointments } from './store.appointments.ts'

const isComing = sql<boolean>`(appointment.state = 'confirmed' and occasion.ends_at > clock_now())`

export async function comingOf(
  via: Db,
  customerIds: readonly string[],
  most: number,
): Promise<Appointment[]> {
  if (customerIds.length === 0) return []
  const rows = await appointments(via)
    .where('appointment.customer_id', 'in', customerIds)
    .where(isComing)
    .orderBy('occasion.starts_at')
    .limit(most)
    .execute()
  return rows.map(appointmentOf)
}

/** Newest first, by when they began or were to begin. */
export async function passedOf(
  via: Db,
  customerIds: readonly string[],
  { mark, direction, limit }: Reach,
): Promise<Appointment[]> {
  if (customerIds.length === 0) return []
  const isDown = direction === 'older'
  const order = isDown ? 'desc' : 'asc'
  const rows = await appointments(via)
    .where('appointment.customer_id', 'in', customerIds)
    .where(sql<boolean>`not ${isComing}`)
    .$if(mark !== undefined, (query) =>
      query.where(
        sql<boolean>`(occasion.starts_at, appointment.id) ${isDown ? sql`<` : sql`>`} (
          select marked.starts_at, seen.id from appointment seen join occasion marked on marked.id = seen.occasion_id
          where seen.id = ${mark ?? null}::uuid)`,
      ),
    )
    .orderBy('occasion.starts_at', order)
    .orderBy('appointment.id', order)
    .limit(limit)
    .execute()
  return rows.map(appointmentOf)
}

export async function hasAppointment(via: Db, customerIds: readonly string[]): Promise<boolean> {
  if (customerIds.length === 0) return false
  const row = await via
    .selectFrom('appointment')
    .select('id')
    .where('customer_id', 'in', customerIds)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export interface DiaryRow {
  readonly appointment: Appointment
  readonly email: string
  readonly name: string
}

/** What stands or took place between two instants, in order, with whose it is; what was cancelled is left out. */
export async function diaryBetween(
  via: Db,
  from: Date,
  until: Date,
  most: number,
): Promise<DiaryRow[]> {
  const rows = await appointments(via)
    .innerJoin('customer', 'customer.id', 'appointment.customer_id')
    .leftJoin('member', 'member.id', 'customer.member_id')
    .select(({ fn }) => [
      fn.coalesce('member.email', 'customer.email').as('email'),
      'member.name as member_name',
    ])
    .where('appointment.state', '!=', 'cancelled')
    .where('occasion.released_at', 'is', null)
    .where('occasion.starts_at', '>=', from)
    .where('occasion.starts_at', '<', until)
    .orderBy('occasion.starts_at')
    .orderBy('appointment.id')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    appointment: appointmentOf(row),
    email: row.email,
    name: row.member_name ?? '',
  }))
}
