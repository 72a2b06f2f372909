import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Heartbeat } from './heartbeat.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const ignore = (): undefined => undefined

it('does its job again and again', async () => {
  let done = 0
  const heart = new Heartbeat({
    what: 'x',
    everyMs: 100,
    onFault: ignore,
    job: async () => {
      done += 1
    },
  })
  await vi.advanceTimersByTimeAsync(350)
  expect(done).toBe(3)
  await heart.close()
  await vi.advanceTimersByTimeAsync(500)
  expect(done).toBe(3)
})

it('is never at it twice at once, and looks again when asked meanwhile', async () => {
  let running = 0
  let most = 0
  let done = 0
  const ends: (() => void)[] = []
  const heart = new Heartbeat({
    what: 'x',
    everyMs: 1_000,
    onFault: ignore,
    job: async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => ends.push(resolve))
      running -= 1
      done += 1
    },
  })
  heart.beat()
  heart.beat()
  heart.beat()
  await vi.advanceTimersByTimeAsync(0)
  ends.shift()?.()
  await vi.advanceTimersByTimeAsync(0)
  ends.shift()?.()
  await vi.advanceTimersByTimeAsync(0)
  expect([done, most]).toEqual([2, 1])
  await heart.close()
})

it('tells of a failure once, goes on trying, and tells again after it has worked', async () => {
  const faults: unknown[] = []
  let isBroken = true
  const heart = new Heartbeat({
    what: 'Writing',
    everyMs: 100,
    onFault: (what, error) => faults.push([what, error]),
    job: async () => {
      if (isBroken) throw new Error('away')
    },
  })
  await vi.advanceTimersByTimeAsync(550)
  expect(faults).toEqual([['Writing', new Error('away')]])
  isBroken = false
  await vi.advanceTimersByTimeAsync(100)
  isBroken = true
  await vi.advanceTimersByTimeAsync(100)
  expect(faults).toHaveLength(2)
  await heart.close()
})
