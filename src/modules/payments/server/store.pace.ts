import { sql } from 'kysely'
import { db } from '#modules/platform/server/index.ts'

// NOTE: pacing is of machine time (clock_timestamp()), never of the shop's clock: it protects a real connection.

/**
 * Takes `count` evenly spaced turns. startsInMs: until the first of them; undefined when it would be more than
 * mostWaitMs away, and then nothing was taken. pausedForMs: how long calls are stopped altogether.
 */
export async function reserveTurns(
  backendId: number,
  count: number,
  spacingMs: number,
  mostWaitMs: number,
): Promise<{ startsInMs: number | undefined; pausedForMs: number }> {
  const { rows } = await sql<{ starts_in: number }>`
    insert into stripe_pace as pace (backend_id, next_at)
    values (${backendId}, clock_timestamp() + ${count * spacingMs} * interval '1 millisecond')
    on conflict (backend_id) do update
      set next_at = greatest(pace.next_at, clock_timestamp(), coalesce(pace.paused_until, '-infinity'))
        + ${count * spacingMs} * interval '1 millisecond'
      where greatest(pace.next_at, coalesce(pace.paused_until, '-infinity'))
        <= clock_timestamp() + ${mostWaitMs} * interval '1 millisecond'
    returning (extract(epoch from next_at - clock_timestamp()) * 1000 - ${count * spacingMs})::float8 as starts_in
  `.execute(db('leases'))
  const row = rows[0]
  if (row) return { startsInMs: Math.max(0, row.starts_in), pausedForMs: 0 }
  const waiting = await sql<{ wait: number }>`
    select (extract(epoch from greatest(next_at, coalesce(paused_until, '-infinity')) - clock_timestamp()) * 1000)::float8 as wait
    from stripe_pace where backend_id = ${backendId}
  `.execute(db('leases'))
  return { startsInMs: undefined, pausedForMs: waiting.rows[0]?.wait ?? 0 }
}

export async function pauseUntil(backendId: number, milliseconds: number): Promise<void> {
  await sql`
    insert into stripe_pace as pace (backend_id, paused_until)
    values (${backendId}, clock_timestamp() + ${milliseconds} * interval '1 millisecond')
    on conflict (backend_id) do update set paused_until = greatest(pace.paused_until, excluded.paused_until)
  `.execute(db('leases'))
}
