import { networkOf } from '#modules/accounts/network.ts'
import { customerIdsOf } from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import {
  isSigned,
  now,
  runtime,
  sign,
  useLimit,
  type Db,
  type Limit,
  type LimitResult,
  type Tx,
} from '#modules/platform/server/index.ts'
import { senderAddress } from '#modules/notifications/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { calendarFeed, calendarFile, calendarUid } from '../calendar-file.ts'
import { findAppointment, lastChange } from './store.appointments.ts'
import {
  calendarName,
  deleteCalendar,
  feedRows,
  memberOfCalendar,
  renameCalendar,
} from './store.feeds.ts'
import { personOf } from './telling.ts'

const purpose = 'calendar feed'
/** Calendars look ahead, and a little back. */
const shown = { daysBack: 30, daysAhead: 400, most: 2_000 } as const
/** Programs fetch a calendar every few minutes at most; many of them may sit behind one address. */
const fetchesByNetwork: Limit = { name: 'calendar:network', most: 120, windowSeconds: 60 }

/** The key of a member's own calendar: who has it reads their appointments, and all of them of the owner's. undefined: they have none. */
export async function calendarKey(db: Db, member: MemberActor): Promise<string | undefined> {
  const name = await calendarName(db, member.memberId)
  return name && `${name}.${sign(purpose, name)}`
}

/** Gives the member a calendar, or the one they have a new key: the former one opens nothing any more. */
export async function makeCalendar(tx: Tx, member: MemberActor): Promise<void> {
  await renameCalendar(tx, member.memberId)
}

/** Takes the member's calendar away. */
export async function dropCalendar(tx: Tx, member: MemberActor): Promise<void> {
  await deleteCalendar(tx, member.memberId)
}

/** Counts one fetch of a calendar from a network. */
export function mayFetchCalendar(network: string): Promise<LimitResult> {
  return useLimit(fetchesByNetwork, networkOf(network))
}

/**
 * The calendar of a key, as iCalendar: what stands of the last 30 days and the next 400, 2,000 appointments at most. The same as long as nothing changes.
 * undefined for a key that was never given out or is not good any more.
 */
export async function calendarOf(db: Db, key: string): Promise<string | undefined> {
  const [name = '', signature = ''] = key.slice(0, 100).split('.', 2)
  if (!isId(name) || !isSigned(signature, purpose, name)) return undefined
  const whose = await memberOfCalendar(db, name)
  if (!whose) return undefined
  const customerIds = whose.isOwner ? undefined : await customerIdsOf(db, whose.memberId)
  const [site, rows] = await Promise.all([siteIdentity(db), feedRows(db, customerIds, shown)])
  const { origin } = runtime().settings
  const url = `${origin}${whose.isOwner ? '/admin/calendar' : '/dashboard/appointments'}`
  return calendarFeed(
    whose.isOwner ? `Appointments of ${site.name}` : `Appointments with ${site.name}`,
    rows.map((row) => ({
      uid: calendarUid(row.id, new URL(origin).hostname),
      version: row.version,
      title: whose.isOwner
        ? `${row.title}: ${row.name || row.email}`
        : `${row.title} with ${site.name}`,
      startsAt: row.startsAt,
      endsAt: row.endsAt,
      place: row.place,
      words: whose.isOwner ? `${row.name}\n${row.email}`.trim() : `Move or cancel it: ${url}`,
      url,
      isCancelled: false,
      changedAt: row.changedAt,
    })),
  )
}

/** One of a customer's own appointments as a file for their calendar; of a cancelled one what takes it out again. undefined for any other. */
export async function calendarFileOf(
  db: Db,
  customerIds: readonly string[],
  appointmentId: string,
): Promise<string | undefined> {
  const one = isId(appointmentId) ? await findAppointment(db, appointmentId) : undefined
  if (!one || !customerIds.includes(one.customerId)) return undefined
  const [site, customer, changedAt] = await Promise.all([
    siteIdentity(db),
    personOf(db, one.customerId),
    lastChange(db, one.id),
  ])
  const { origin } = runtime().settings
  const url = `${origin}/dashboard/appointments`
  return calendarFile(
    {
      uid: calendarUid(one.id, new URL(origin).hostname),
      version: one.version,
      title: `${one.title} with ${site.name}`,
      startsAt: one.startsAt,
      endsAt: one.endsAt,
      place: one.place,
      words: `Move or cancel it: ${url}`,
      url,
      isCancelled: one.state === 'cancelled',
      changedAt: changedAt ?? (await now(db)),
    },
    { name: site.name, email: senderAddress(site.name) },
    customer,
  )
}
