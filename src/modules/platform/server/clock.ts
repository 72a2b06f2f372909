import { sql } from 'kysely'
import type { Db, Tx } from './database.ts'

/**
 * Now, by the one clock: the database's now() plus the stored offset. In a transaction it stands still.
 * Prefer comparing in SQL (`clock_now()`); ask only where the instant itself is needed.
 */
export async function now(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_now() as now`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('clock_now() gave no row')
  return row.now
}

/**
 * Seconds since 1970 by the database's own clock, whatever the rehearsal moved. Only for what is compared with a clock
 * outside of the shop: codes of authenticator apps.
 */
export async function realSeconds(db: Db): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    select floor(extract(epoch from clock_timestamp()))::bigint as seconds`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('clock_timestamp() gave no row')
  return row.seconds
}

/** The same by this process's own clock. Only to be compared with the database's: it decides nothing. */
export function machineSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

/** `clock_now()` inside a Kysely expression. */
export const clockNow = sql<Date>`clock_now()`

/**
 * Moves the one clock forward. Only rehearsal mode and tests may; the caller has proven that.
 * milliseconds: how far, more than 0. A trigger tells it (NOTIFY clock) after the commit.
 */
export async function advanceClock(tx: Tx, milliseconds: number): Promise<void> {
  if (!Number.isSafeInteger(milliseconds) || milliseconds <= 0)
    throw new RangeError('The clock moves forward only, by whole milliseconds.')
  await sql`update clock set offset_ms = offset_ms + ${milliseconds}`.execute(tx)
}

/** Takes back what the one clock was moved by. Returns whether it had been moved. */
export async function setRealTime(tx: Tx): Promise<boolean> {
  const result = await sql`update clock set offset_ms = 0 where offset_ms <> 0`.execute(tx)
  return (result.numAffectedRows ?? 0n) > 0n
}

/**
 * Elapsed time for measuring and pacing inside one process, in milliseconds. Never for deciding who may what.
 */
export function stopwatch(): () => number {
  const began = performance.now()
  return () => performance.now() - began
}
