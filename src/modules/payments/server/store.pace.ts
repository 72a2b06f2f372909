import { sql } from 'kysely'
import { db } from '#modules/platform/server/index.ts'

// NOTE: pacing is of machine time (clock_timestamp()), never of the shop's clock: it protects a real connection.

export interface Turns {
  /** The database's machine time of the first turn, Unix milliseconds; undefined when it would be too far away: nothing was taken. */
  readonly startsAt: number | undefined
  /** The same clock, when it was asked. */
  readonly askedAt: number
  /** How long calls are stopped altogether. */
  readonly pausedForMs: number
}

/** Nobody takes turns or pauses further ahead than this: what lies beyond was written before the machine's clock was set back. */
const horizon = sql`clock_timestamp() + interval '2 minutes'`
const nextAt = sql`greatest(
  clock_timestamp(),
  case when pace.next_at < ${horizon} then pace.next_at end,
  case when pace.paused_until < ${horizon} then pace.paused_until end
)`

/**
 * Takes `count` turns, `spacingMs` apart, of the row that all processes draw from: none is given out twice and none lies
 * nearer to another. Nothing is taken when the first would be more than mostWaitMs away.
 */
export async function reserveTurns(
  backendId: number,
  count: number,
  spacingMs: number,
  mostWaitMs: number,
): Promise<Turns> {
  const length = sql`${count * spacingMs} * interval '1 millisecond'`
  const { rows } = await sql<{ starts_at: number; asked_at: number }>`
    insert into stripe_pace as pace (backend_id, next_at)
    values (${backendId}, clock_timestamp() + ${length})
    on conflict (backend_id) do update
      set next_at = ${nextAt} + ${length}
      where ${nextAt} <= clock_timestamp() + ${mostWaitMs} * interval '1 millisecond'
    returning (extract(epoch from next_at - ${length}) * 1000)::float8 as starts_at,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as asked_at
  `.execute(db('leases'))
  const row = rows[0]
  if (row) return { startsAt: row.starts_at, askedAt: row.asked_at, pausedForMs: 0 }
  const waiting = await sql<{ wait: number; asked_at: number }>`
    select (extract(epoch from ${nextAt} - clock_timestamp()) * 1000)::float8 as wait,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as asked_at
    from stripe_pace as pace where backend_id = ${backendId}
  `.execute(db('leases'))
  return {
    startsAt: undefined,
    askedAt: waiting.rows[0]?.asked_at ?? 0,
    pausedForMs: waiting.rows[0]?.wait ?? 0,
  }
}

export async function pauseUntil(backendId: number, milliseconds: number): Promise<void> {
  await sql`
    insert into stripe_pace as pace (backend_id, paused_until)
    values (${backendId}, clock_timestamp() + ${milliseconds} * interval '1 millisecond')
    on conflict (backend_id) do update set paused_until = greatest(pace.paused_until, excluded.paused_until)
  `.execute(db('leases'))
}
