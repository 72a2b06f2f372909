import { expect, test } from 'vitest'
import { inWorkshop, WorkshopFullError } from './image-workshop.ts'

test('two pictures at once, six wait in order, the next is turned away, and afterwards all is free again', async () => {
  const started: number[] = []
  const finish: (() => void)[] = []
  const work = (number: number) =>
    inWorkshop(async () => {
      started.push(number)
      await new Promise<void>((done) => finish.push(done))
      return number
    })
  const jobs = [1, 2, 3, 4, 5, 6, 7, 8].map(work)
  expect(started).toEqual([1, 2])
  await expect(work(9)).rejects.toThrow(WorkshopFullError)
  for (let done = 0; done < jobs.length; done++) {
    finish[done]?.()
    await jobs[done]
    await Promise.resolve()
  }
  expect(started).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(await inWorkshop(async () => 'free')).toBe('free')
})

test('work that fails gives its place back', async () => {
  for (let round = 0; round < 10; round++)
    await expect(inWorkshop(() => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged')
  expect(await inWorkshop(async () => 'free')).toBe('free')
})
