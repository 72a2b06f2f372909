import os from 'node:os'
import { expect, test } from 'vitest'
import { inPasswordTurn } from './password-turns.ts'

test('a core is left free, whoever waits comes in order, and a failure gives its place on', async () => {
  const most = Math.max(1, os.availableParallelism() - 1)
  const started: number[] = []
  const ends: (() => void)[] = []
  const work = (number: number) =>
    inPasswordTurn(async () => {
      started.push(number)
      await new Promise<void>((end) => ends.push(end))
      if (number === 0) throw new Error('out of memory')
      return number
    })
  const all = Array.from({ length: most + 3 }, (_, number) => work(number))
  const settled = Promise.allSettled(all)
  expect(started).toHaveLength(most)
  for (let at = 0; at < all.length; at++) {
    ends[at]?.()
    await all[at]?.catch(() => undefined)
  }
  expect(started).toEqual(all.map((_, number) => number))
  expect((await settled).map(({ status }) => status)).toEqual([
    'rejected',
    ...all.slice(1).map(() => 'fulfilled'),
  ])
  expect(await inPasswordTurn(async () => 'free')).toBe('free')
})
