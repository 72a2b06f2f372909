import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { DateOverride, Span, WeeklySpan } from '../types.ts'

/** From Monday on, in the order of the day. */
export async function readWeekly(via: Db): Promise<WeeklySpan[]> {
  const rows = await via
    .selectFrom('weekly_hours')
    .select(['weekday', 'from_minute', 'to_minute'])
    .orderBy('weekday')
    .orderBy('from_minute')
    .execute()
  return rows.map((row) => ({
    weekday: row.weekday,
    fromMinute: row.from_minute,
    toMinute: row.to_minute,
  }))
}

/** Of two who change the hours at once, one waits for the other. */
export async function lockHours(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('booking'), hashtext('hours'))`.execute(tx)
}

export async function replaceWeekly(tx: Tx, weekly: readonly WeeklySpan[]): Promise<void> {
  await tx.deleteFrom('weekly_hours').execute()
  if (weekly.length === 0) return
  await tx
    .insertInto('weekly_hours')
    .values(
      weekly.map(({ weekday, fromMinute, toMinute }) => ({
        weekday,
        from_minute: fromMinute,
        to_minute: toMinute,
      })),
    )
    .execute()
}

/** Those of some dates, both ends included, in order. from, to: "2026-11-24". */
export async function readOverrides(via: Db, from: string, to: string): Promise<DateOverride[]> {
  const { rows } = await sql<{
    date: string
    label: string | null
    spans: readonly (readonly [number, number])[]
  }>`
    select to_char(on_date, 'YYYY-MM-DD') as date, label,
      coalesce((
        select json_agg(json_build_array(from_minute, to_minute) order by from_minute)
        from date_override_hours hours where hours.on_date = date_override.on_date
      ), '[]') as spans
    from date_override
    where on_date between ${from}::date and ${to}::date
    order by on_date
  `.execute(via)
  return rows.map(({ date, label, spans }) => ({
    date,
    label: label ?? undefined,
    spans: spans.map(([fromMinute, toMinute]) => ({ fromMinute, toMinute })),
  }))
}

/** How many dates from one on have hours of their own. */
export async function countOverrides(via: Db, from: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from date_override where on_date >= ${from}::date
  `.execute(via)
  return rows[0]?.count ?? 0
}

/** Gives each of some dates these hours, instead of whatever it had. */
export async function writeOverrides(
  tx: Tx,
  dates: readonly string[],
  label: string | undefined,
  spans: readonly Span[],
): Promise<void> {
  await sql`
    insert into date_override (on_date, label) select unnest(${[...dates]}::date[]), ${label ?? null}
    on conflict (on_date) do update set label = excluded.label
  `.execute(tx)
  await sql`delete from date_override_hours where on_date = any(${[...dates]}::date[])`.execute(tx)
  await sql`
    insert into date_override_hours (on_date, from_minute, to_minute)
    select on_date, from_minute, to_minute
    from unnest(${[...dates]}::date[]) as dates (on_date),
      unnest(${spans.map((span) => span.fromMinute)}::int[], ${spans.map((span) => span.toMinute)}::int[]) as spans (from_minute, to_minute)
  `.execute(tx)
}

/** They have the hours of their weekday again. Returns how many had their own. */
export async function deleteOverrides(tx: Tx, from: string, to: string): Promise<number> {
  const result = await sql`
    delete from date_override where on_date between ${from}::date and ${to}::date
  `.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}
