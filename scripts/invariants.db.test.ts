import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { db } from '#modules/platform/server/index.ts'
import { useDatabase } from '../test/database.ts'
import { invariants } from './invariants.ts'

useDatabase()

test.each(invariants.map((invariant) => [invariant.id, invariant]))(
  '%s can be asked and holds on an empty shop',
  async (_id, invariant) => {
    const { rows } = await sql<{ broken: number }>`${sql.raw(invariant.sql)}`.execute(db())
    expect(Number(rows[0]?.broken)).toBe(0)
  },
)
