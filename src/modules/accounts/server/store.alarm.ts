import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'

/** More browsers than anybody has; a member's oldest make room. */
const mostDevices = 50

/** Notes that the member signs in with this browser. Whether it is the first time. */
export async function noteDevice(tx: Tx, memberId: string, digest: string): Promise<boolean> {
  const { rows } = await sql<{ isNew: boolean }>`
    insert into known_device (member_id, device_sha256) values (${memberId}, ${digest})
    on conflict (member_id, device_sha256) do update set last_seen_at = clock_now()
    returning xmax = 0 as "isNew"
  `.execute(tx)
  const isNew = rows[0]?.isNew === true
  if (isNew)
    await tx
      .deleteFrom('known_device')
      .where('member_id', '=', memberId)
      .where('device_sha256', 'in', (select) =>
        select
          .selectFrom('known_device')
          .select('device_sha256')
          .where('member_id', '=', memberId)
          .orderBy('last_seen_at', 'desc')
          .offset(mostDevices),
      )
      .execute()
  return isNew
}

export async function deleteDevices(tx: Tx, memberId: string): Promise<void> {
  await tx.deleteFrom('known_device').where('member_id', '=', memberId).execute()
}

export type AlarmReason =
  | 'sign_in'
  | 'factor_added'
  | 'factor_removed'
  | 'recovery_used'
  | 'recovery_replaced'

export async function insertAlarmLink(
  tx: Tx,
  link: {
    id: string
    memberId: string
    digest: string
    reason: AlarmReason
    undoesFactors: boolean
    days: number
  },
): Promise<void> {
  await tx
    .insertInto('alarm_link')
    .values({
      id: link.id,
      member_id: link.memberId,
      token_sha256: link.digest,
      reason: link.reason,
      undoes_factors: link.undoesFactors,
      expires_at: sql<Date>`clock_now() + ${link.days} * interval '1 day'`,
    })
    .execute()
}

const columns = [
  'id',
  'member_id as memberId',
  'undoes_factors as undoesFactors',
  'used_at as usedAt',
  sql<boolean>`expires_at <= clock_now()`.as('isExpired'),
] as const

export async function alarmLink(db: Db, digest: string) {
  return db
    .selectFrom('alarm_link')
    .select(columns)
    .where('token_sha256', '=', digest)
    .executeTakeFirst()
}

export async function lockAlarmLink(tx: Tx, digest: string) {
  return tx
    .selectFrom('alarm_link')
    .select(columns)
    .where('token_sha256', '=', digest)
    .forUpdate()
    .executeTakeFirst()
}

export async function markAlarmLinkUsed(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('alarm_link').set({ used_at: clockNow }).where('id', '=', id).execute()
}
