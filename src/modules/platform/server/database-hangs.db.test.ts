import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { useDatabase } from '../../../../test/database.ts'
import { Toxic } from '../../../../test/faults/toxic.ts'
import { until } from '../../../../test/until.ts'
import { closeDatabase, db, inTransaction, runtime } from './index.ts'

const { url } = useDatabase()

test('M03: a database that goes silent without a word is given up on in time, and asked anew when it is back', async () => {
  const before = runtime()
  const wire = await Toxic.toDatabase(url()).open()
  await closeDatabase()
  provideRuntime({ ...before, databaseUrl: wire.databaseUrl(url()) })
  const ask = () => sql<{ one: number }>`select 1 as one`.execute(db('money'))
  try {
    // Connections that stand and are idle, as they are most of the time.
    await Promise.all(Array.from({ length: 6 }, ask))
    wire.hang()
    const answers = await Promise.allSettled([
      ...Array.from({ length: 6 }, ask),
      inTransaction((tx) => sql`select 1`.execute(tx), 'money'),
    ])
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 'rejected'))
    wire.heal()
    await until('it answers again', () =>
      ask().then(
        () => true,
        () => false,
      ),
    )
    // None of the dead connections is left in the pool.
    await Promise.all(Array.from({ length: 6 }, ask))
  } finally {
    await closeDatabase()
    await wire.down()
    provideRuntime(before)
  }
})
