import { sql } from 'kysely'
import { db } from './database.ts'

export interface Limit {
  /** What is limited, e.g. 'sign-in'. */
  readonly name: string
  readonly most: number
  readonly windowSeconds: number
}

export type LimitResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly retryAfterSeconds: number }

/**
 * Counts one use and tells whether it was still within the limit. Shared by all processes; counted in
 * its own transaction, so a refused or failed act counts too. Windows are of real time: they protect the
 * machine and its people, and a moved rehearsal clock must not open them.
 */
export async function useLimit(limit: Limit, who: string): Promise<LimitResult> {
  const { rows } = await sql<{ used: number; retry: number }>`
    insert into rate_window (key, window_start, used)
    values (
      ${`${limit.name}:${who}`},
      to_timestamp(floor(extract(epoch from now()) / ${limit.windowSeconds}) * ${limit.windowSeconds}),
      1
    )
    on conflict (key, window_start) do update set used = rate_window.used + 1
    returning used, ceil(extract(epoch from window_start) + ${limit.windowSeconds} - extract(epoch from now()))::int as retry
  `.execute(db('leases'))
  const row = rows[0]
  if (!row || row.used <= limit.most) return { ok: true }
  return { ok: false, retryAfterSeconds: Math.max(1, row.retry) }
}

/** Removes windows that are over. Returns how many. */
export async function sweepLimits(): Promise<number> {
  const result =
    await sql`delete from rate_window where window_start < now() - interval '1 day'`.execute(db())
  return Number(result.numAffectedRows ?? 0)
}
