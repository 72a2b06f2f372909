import { sql } from 'kysely'
import type { Tx } from '#modules/platform/server/index.ts'

/** Table -> when a row of it is over; each column has its index. What only answers "expired" stays a day longer to say so. */
const over = {
  member_session: sql`expires_at <= clock_now()`,
  sign_in_code: sql`expires_at < clock_now() - interval '1 day'`,
  email_change: sql`expires_at < clock_now() - interval '1 day'`,
  half_sign_in: sql`expires_at <= clock_now()`,
  passkey_challenge: sql`expires_at <= clock_now()`,
  kept_form: sql`expires_at <= clock_now()`,
  alarm_link: sql`expires_at < clock_now() - interval '30 days'`,
  known_device: sql`last_seen_at < clock_now() - interval '400 days'`,
  totp_factor: sql`confirmed_at is null and created_at < clock_now() - interval '1 day'`,
} as const

export type Swept = Readonly<Record<keyof typeof over, number>>

/** Removes at most so many rows of each table; rows somebody holds just now wait for the next time. */
export async function deleteOver(tx: Tx, most: number): Promise<Swept> {
  const swept: Partial<Record<keyof typeof over, number>> = {}
  // The keys of an object of ours.
  for (const table of Object.keys(over) as (keyof typeof over)[]) {
    const result = await sql`
      delete from ${sql.table(table)} where ctid = any(array(
        select ctid from ${sql.table(table)} where ${over[table]} limit ${most} for update skip locked))
    `.execute(tx)
    swept[table] = Number(result.numAffectedRows ?? 0)
  }
  // Each table has its number now.
  return swept as Swept
}
