import { customerIdsOf } from '#modules/accounts/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { Answer } from '#modules/catalog/answers.ts'
import { dayMs, zoneNamed } from '#modules/platform/zones.ts'
import { dayNumber } from '../open-time.ts'
import type { Appointment } from '../types.ts'
import { answersOfAll } from './store.sessions.ts'
import { comingOf, diaryBetween, hasAppointment, passedOf, type DiaryRow } from './store.mine.ts'

export interface AppointmentList {
  /** What stands and is not over yet, the next first; at most 100. */
  readonly coming: readonly Appointment[]
  /** What is over or cancelled, newest first, 20 a page. */
  readonly passed: ListPage<Appointment>
}

/** The appointments of a member, by every customer they are. */
export async function appointmentsOfMember(
  via: Db,
  memberId: string,
  turn: Turn,
): Promise<AppointmentList> {
  const customerIds = await customerIdsOf(via, memberId)
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  const [coming, passed] = await Promise.all([
    comingOf(via, customerIds, 100),
    readPage(from, 20, (reach) => passedOf(via, customerIds, reach)),
  ])
  return { coming, passed }
}

/** Whether a member ever had an appointment. */
export async function hasBooking(via: Db, memberId: string): Promise<boolean> {
  return hasAppointment(via, await customerIdsOf(via, memberId))
}

/** What stands in the owner's week, in order, with who comes and what they answered; at most 500. monday: a date of the shop's zone. */
export async function weekOfOwner(
  via: Db,
  monday: string,
  zone: string,
): Promise<readonly (DiaryRow & { readonly answers: readonly Answer[] })[]> {
  const calendar = zoneNamed(zone)
  const at = (days: number) => new Date(calendar.instantOf((dayNumber(monday) + days) * dayMs))
  const rows = await diaryBetween(via, at(0), at(7), 500)
  const answers = await answersOfAll(
    via,
    rows.map(({ appointment }) => appointment.id),
  )
  return rows.map((row) => ({ ...row, answers: answers.get(row.appointment.id) ?? [] }))
}
