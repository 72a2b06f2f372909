import { expect, test } from 'vitest'
import { inWorkshop, mostAtWork, WorkshopFullError } from './image-workshop.ts'

test('one or two pictures at once, six wait in order, the next is turned away, and afterwards all is free again', async () => {
  const started: number[] = []
  const finish: (() => void)[] = []
  const work = (number: number) =>
    inWorkshop(async () => {
      started.push(number)
      await new Promise<void>((done) => finish.push(done))
      return number
    })
  const all = Array.from({ length: mostAtWork + 6 }, (_, n) => n + 1)
  const jobs = all.map(work)
  expect(started).toEqual(all.slice(0, mostAtWork))
  await expect(work(9)).rejects.toThrow(WorkshopFullError)
  for (let done = 0; done < jobs.length; done++) {
    finish[done]?.()
    await jobs[done]
    await Promise.resolve()
  }
  expect(started).toEqual(all)
  expect(await inWorkshop(async () => 'free')).toBe('free')
})

test('work that fails gives its place back', async () => {
  for (let round = 0; round < 10; round++)
    await expect(inWorkshop(() => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged')
  expect(await inWorkshop(async () => 'free')).toBe('free')
})
