import { beforeEach, expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { testRuntime } from '../../../../test/database.ts'
import { chunkTurn } from './chunk-turns.ts'

let isVisited = false

beforeEach(() => {
  isVisited = false
  provideRuntime({ ...testRuntime('postgres://unused', '/unused'), isVisited: () => isVisited })
})

test('nobody waits for a chunk while nobody looks at the shop', async () => {
  let given = 0
  const turns = Array.from({ length: 50 }, () => chunkTurn().then(() => given++))
  await new Promise((resolve) => setImmediate(resolve))
  expect(given).toBe(50)
  await Promise.all(turns)
})

test('while somebody looks, chunks are given one after the other, in the order asked', async () => {
  isVisited = true
  const given: number[] = []
  const turns = Array.from({ length: 5 }, (_, n) => chunkTurn().then(() => given.push(n)))
  await turns[0]
  expect(given).toEqual([0])
  await Promise.all(turns)
  expect(given).toEqual([0, 1, 2, 3, 4])
})
