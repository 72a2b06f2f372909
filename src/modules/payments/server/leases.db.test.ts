import { expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db } from '#modules/platform/server/index.ts'
import { useDatabase } from '../../../../test/database.ts'
import { giveBackAllLeases } from './index.ts'
import { takeLease } from './store.inbox.ts'

useDatabase()

test('M29: what a killed process held is free at once when the only process begins again', async () => {
  const [before, fresh] = [newId(), newId()]
  expect(await takeLease('cs_test_held', before, 60)).toBe(true)
  expect(await takeLease('cs_test_held', fresh, 60)).toBe(false)
  await giveBackAllLeases(db('money'))
  expect(await takeLease('cs_test_held', fresh, 60)).toBe(true)
})
