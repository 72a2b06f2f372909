import { expect, test } from 'vitest'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { db } from '#modules/platform/server/index.ts'
import { runSelfTest, selfTestLines } from './index.ts'

useDatabase()
emptyBeforeEach()

test('the self-test looks at every part, and its findings stay until the next one [commerce 13]', async () => {
  expect(await selfTestLines(db())).toEqual([])
  await runSelfTest()
  const first = await selfTestLines(db())
  expect(first.map((line) => line.name).toSorted()).toEqual([
    'backup',
    'clock',
    'database',
    'disk',
    'mail',
    'storage',
    'webhook',
    'work',
  ])
  expect(first.find((line) => line.name === 'storage')).toMatchObject({ tone: 'good' })
  expect(first.find((line) => line.name === 'backup')).toMatchObject({
    title: 'There is no backup',
  })
  await db()
    .insertInto('backup_run')
    .values({
      state: 'done',
      cause: 'asked',
      finished_at: new Date(),
      bytes: 5_000_000,
      place: '/srv/backups',
    })
    .execute()
  await runSelfTest()
  const second = await selfTestLines(db())
  expect(second).toHaveLength(8)
  expect(second.find((line) => line.name === 'backup')).toMatchObject({ tone: 'good' })
})
