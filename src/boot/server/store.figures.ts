import { sql } from 'kysely'
import { callFigures } from '#modules/payments/server/index.ts'
import { backupState, db, poolFigures } from '#modules/platform/server/index.ts'
import type { Figure } from '#server/application.ts'

/** What waits, what is stuck, how old the last backup is: for the metrics. Counts of open rows only, all of them indexed. */
export async function shopFigures(): Promise<readonly Figure[]> {
  const [{ rows }, backup] = await Promise.all([
    sql<{ name: string; label: string; value: number }>`
      select 'events' as name, state as label, count(*)::int as value from stripe_event
        where state in ('pending', 'parked', 'quarantined') group by state
      union all select 'mails', state, count(*)::int from email_message where state <> 'sent' group by state
      union all select 'jobs', case when name = 'parked' then name else state::text end, count(*)::int
        from pgboss.job where state < 'completed' group by 2
    `.execute(db()),
    backupState(db()),
  ])
  // A state that nothing is in just now is told as 0, not left out.
  const states = {
    events: ['pending', 'parked', 'quarantined'],
    mails: ['queued', 'sending', 'failed'],
    jobs: ['created', 'retry', 'active', 'parked'],
  } as const
  return [
    ...Object.entries(states).flatMap(([name, labels]) =>
      labels.map((label): Figure => ({
        name,
        label: ['state', label],
        value: rows.find((row) => row.name === name && row.label === label)?.value ?? 0,
      })),
    ),
    ...(backup.ageSeconds === undefined
      ? []
      : [{ name: 'backup_age_seconds', value: backup.ageSeconds }]),
    { name: 'backup_failed', value: backup.failure === undefined ? 0 : 1 },
    ...callFigures().map(({ outcome, count }): Figure => ({
      name: 'stripe_calls_total',
      label: ['outcome', outcome],
      value: count,
    })),
    ...poolFigures(),
  ]
}
