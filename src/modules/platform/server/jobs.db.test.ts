import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { useDatabase } from '../../../../test/database.ts'
import { until } from '../../../../test/until.ts'
import { db, inTransaction, sendJob, startJobs, stopJobs, type JobKind } from './index.ts'

useDatabase()
afterEach(stopJobs)

function aKind(name: string, handle: (number: number) => Promise<void>) {
  const kind: JobKind<{ readonly number: number }> = {
    name,
    handle: ({ number }) => handle(number),
    options: { concurrency: 2 },
  }
  return kind
}

test('jobs asked for in one transaction are all done without a pause, each once', async () => {
  const done: number[] = []
  const kind = aKind('test.many', async (number) => void done.push(number))
  await startJobs([kind], { workers: true })
  const numbers = Array.from({ length: 60 }, (_, index) => index)
  await inTransaction(async (tx) => {
    for (const number of numbers) await sendJob(tx, kind, { number })
  })
  // With a pause between batches of five it would take twelve of them.
  await until('all are done', () => done.length >= numbers.length, 10_000)
  expect(done.toSorted((one, other) => one - other)).toEqual(numbers)
})

test('what a transaction asked for that is rolled back is never done', async () => {
  const done: number[] = []
  const kind = aKind('test.rolled-back', async (number) => void done.push(number))
  await startJobs([kind], { workers: true })
  const failing = inTransaction(async (tx) => {
    await sendJob(tx, kind, { number: 1 })
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  await inTransaction((tx) => sendJob(tx, kind, { number: 2 }))
  await until('the other one is done', () => done.includes(2))
  expect(done).toEqual([2])
})

test('a job that fails is tried again, and those taken together with it are not', async () => {
  const tries = new Map<number, number>()
  const kind = aKind('test.failing', async (number) => {
    tries.set(number, (tries.get(number) ?? 0) + 1)
    if (number === 1 && tries.get(1) === 1) throw new Error('on purpose')
  })
  await startJobs([kind], { workers: true })
  await inTransaction(async (tx) => {
    for (const number of [0, 1, 2]) await sendJob(tx, kind, { number })
  })
  await until('it was tried again', () => tries.get(1) === 2)
  expect(tries.get(0)).toBe(1)
  expect(tries.get(2)).toBe(1)
})

test('a job whose worker died long ago is taken up by the next start, not a minute later', async () => {
  const done: number[] = []
  const kind = aKind('test.left', async (number) => void done.push(number))
  await startJobs([kind], { workers: false })
  await inTransaction((tx) => sendJob(tx, kind, { number: 1 }))
  await stopJobs()
  // As a process leaves it that was killed while it worked.
  await sql`update pgboss.job set state = 'active', started_on = now() - interval '1 hour' where name = ${kind.name}`.execute(
    db(),
  )
  await sql`update pgboss.queue set monitor_on = null, monitor_claim_on = null where name = ${kind.name}`.execute(
    db(),
  )
  await startJobs([kind], { workers: true })
  await until('it is done', () => done.length === 1, 20_000)
})
