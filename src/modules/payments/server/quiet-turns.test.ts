import { beforeEach, expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { testRuntime } from '../../../../test/database.ts'
import { until } from '../../../../test/until.ts'
import { inQuietTurn } from './quiet-turns.ts'

let isVisited = false

beforeEach(() => {
  isVisited = false
  provideRuntime({ ...testRuntime('postgres://unused', '/unused'), isVisited: () => isVisited })
})

/** Pieces of work that end when they are told to. */
function pieces(count: number) {
  const begun: number[] = []
  const ends: (() => void)[] = []
  const all = Array.from({ length: count }, (_, n) =>
    inQuietTurn(async () => {
      begun.push(n)
      await new Promise<void>((end) => (ends[n] = end))
      return n
    }),
  )
  return { begun, all, end: (n: number) => ends[n]?.() }
}

test('four at once while nobody looks at the shop, in the order asked', async () => {
  const { begun, all, end } = pieces(6)
  expect(begun).toEqual([0, 1, 2, 3])
  end(2)
  await until('the fifth begins', () => begun.length === 5)
  end(0)
  await until('the sixth begins', () => begun.length === 6)
  expect(begun).toEqual([0, 1, 2, 3, 4, 5])
  for (let n = 0; n < 6; n++) end(n)
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5])
})

test('one at once while somebody looks, and four again when they have gone', async () => {
  isVisited = true
  const { begun, all, end } = pieces(6)
  expect(begun).toEqual([0])
  end(0)
  await until('the second begins', () => begun.length === 2)
  expect(begun).toEqual([0, 1])
  isVisited = false
  end(1)
  await until('four more begin', () => begun.length === 6)
  for (let n = 2; n < 6; n++) end(n)
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5])
})

test('work that fails gives its place to the next, and tells whoever asked for it', async () => {
  isVisited = true
  const failing = inQuietTurn(() => Promise.reject(new Error('No.')))
  const next = inQuietTurn(() => Promise.resolve('done'))
  await expect(failing).rejects.toThrow('No.')
  expect(await next).toBe('done')
})
