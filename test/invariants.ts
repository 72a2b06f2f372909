import { sql } from 'kysely'
import { db } from '#modules/platform/server/index.ts'
import { invariants } from '../scripts/invariants.ts'

/** What `npm run check` would complain about right now; [] = all holds. */
export async function brokenInvariants(): Promise<string[]> {
  const broken: string[] = []
  for (const invariant of invariants) {
    const { rows } = await sql<{ broken: number }>`${sql.raw(invariant.sql)}`.execute(db())
    if (Number(rows[0]?.broken) !== 0)
      broken.push(`${invariant.id}: ${invariant.words} (${rows[0]?.broken})`)
  }
  return broken
}
