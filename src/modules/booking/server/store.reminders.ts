import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Appointment } from '../types.ts'

export type ReminderKind = 'day' | 'hour'

export interface Reminder {
  readonly appointmentId: string
  readonly kind: ReminderKind
  readonly version: number
}

/** Those of an appointment as it is now whose time lies ahead. */
export async function insertReminders(tx: Tx, one: Appointment): Promise<void> {
  await sql`
    insert into appointment_reminder (appointment_id, kind, version, due_at)
    select ${one.id}::uuid, kind, ${one.version}::int, due_at
    from (values
      ('day', ${one.startsAt}::timestamptz - interval '24 hours'),
      ('hour', ${one.startsAt}::timestamptz - interval '1 hour')) as reminder (kind, due_at)
    where due_at > clock_now()
    on conflict do nothing
  `.execute(tx)
}

/** Those of an appointment that wait are not sent any more. */
export async function dropReminders(tx: Tx, appointmentId: string): Promise<void> {
  await tx
    .updateTable('appointment_reminder')
    .set({ state: 'dropped', settled_at: clockNow })
    .where('appointment_id', '=', appointmentId)
    .where('state', '=', 'waiting')
    .execute()
}

export async function isReminderDue(via: Db): Promise<boolean> {
  const row = await via
    .selectFrom('appointment_reminder')
    .select('kind')
    .where('state', '=', 'waiting')
    .where('due_at', '<=', clockNow)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Those whose time has come, the first ones first. The caller holds the lock on the owner's time. */
export async function dueReminders(tx: Tx, most: number): Promise<readonly Reminder[]> {
  return tx
    .selectFrom('appointment_reminder')
    .select(['appointment_id as appointmentId', 'kind', 'version'])
    .where('state', '=', 'waiting')
    .where('due_at', '<=', clockNow)
    .orderBy('due_at')
    .orderBy('appointment_id')
    .orderBy('kind')
    .limit(most)
    .execute() as Promise<readonly Reminder[]> // kind is held to these words by its check
}

/** Whether the reminder an hour before it is due, or was, as well. */
export async function isLastReminderDue(via: Db, one: Appointment): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select ${one.startsAt}::timestamptz - interval '1 hour' <= clock_now() as due`.execute(via)
  return rows[0]?.due ?? false
}

export async function settleReminder(
  tx: Tx,
  { appointmentId, kind, version }: Reminder,
  state: 'sent' | 'dropped',
): Promise<void> {
  await tx
    .updateTable('appointment_reminder')
    .set({ state, settled_at: clockNow })
    .where('appointment_id', '=', appointmentId)
    .where('kind', '=', kind)
    .where('version', '=', version)
    .execute()
}
