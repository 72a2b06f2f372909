import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** The name of a member's calendar; undefined where there is none. */
export async function calendarName(db: Db, memberId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('calendar_feed')
    .select('name')
    .where('member_id', '=', memberId)
    .executeTakeFirst()
  return row?.name
}

/** Gives the member's calendar a new name. */
export async function renameCalendar(tx: Tx, memberId: string): Promise<void> {
  const fresh = sql<string>`gen_random_uuid()`
  await tx
    .insertInto('calendar_feed')
    .values({ member_id: memberId })
    .onConflict((conflict) =>
      conflict.column('member_id').doUpdateSet({ name: fresh, made_at: clockNow }),
    )
    .execute()
}

export async function deleteCalendar(tx: Tx, memberId: string): Promise<void> {
  await tx.deleteFrom('calendar_feed').where('member_id', '=', memberId).execute()
}

export async function memberOfCalendar(
  db: Db,
  name: string,
): Promise<{ memberId: string; isOwner: boolean } | undefined> {
  return db
    .selectFrom('calendar_feed')
    .innerJoin('member', 'member.id', 'calendar_feed.member_id')
    .select([
      'calendar_feed.member_id as memberId',
      sql<boolean>`member.role = 'owner'`.as('isOwner'),
    ])
    .where('calendar_feed.name', '=', name)
    .executeTakeFirst()
}

/** One appointment of a calendar. */
export interface FeedRow {
  readonly id: string
  readonly title: string
  readonly version: number
  readonly place: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly changedAt: Date
  /** Whose it is. */
  readonly name: string
  readonly email: string
}

/**
 * What stands in a calendar: what is not cancelled, from some days ago to some days ahead, by when it begins. customerIds undefined: everybody's.
 */
export async function feedRows(
  db: Db,
  customerIds: readonly string[] | undefined,
  within: { readonly daysBack: number; readonly daysAhead: number; readonly most: number },
): Promise<readonly FeedRow[]> {
  const whose = customerIds ? sql`a.customer_id = any(${customerIds}::uuid[])` : sql`true`
  const { rows } = await sql<FeedRow>`
    select a.id, a.title, a.version, a.place, o.starts_at as "startsAt", o.ends_at as "endsAt",
      coalesce((select max(at) from appointment_change where appointment_id = a.id), a.created_at) as "changedAt",
      coalesce(nullif(m.name, ''), c.name, '') as name, coalesce(m.email, c.email) as email
    from occasion o join appointment a on a.occasion_id = o.id and a.state <> 'cancelled'
    join customer c on c.id = a.customer_id left join member m on m.id = c.member_id
    where o.released_at is null and ${whose}
      and o.starts_at between clock_now() - ${within.daysBack} * interval '1 day' and clock_now() + ${within.daysAhead} * interval '1 day'
    order by o.starts_at, a.id limit ${within.most}
  `.execute(db)
  return rows
}
