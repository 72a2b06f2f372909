import { customerIdsOf } from '#modules/accounts/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { Appointment } from '../types.ts'
import { comingOf, hasAppointment, passedOf } from './store.mine.ts'

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
