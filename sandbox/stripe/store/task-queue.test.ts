import { expect, it } from 'vitest'
import type { Changes } from './buffered-unit.ts'
import type { Task } from './store.ts'
import { TaskQueue } from './task-queue.ts'

const task = (id: string, atMs: number, object = id): Task => ({ id, atMs, type: 'x', object })

const changes = (scheduled: Task[], called: string[] = []): Changes => ({
  puts: new Map(),
  deliveries: [],
  scheduled,
  unscheduled: called.map((object) => ({ object, type: undefined })),
})

function order(queue: TaskQueue): string[] {
  const ids: string[] = []
  for (let next = queue.next(); next !== undefined; next = queue.next()) ids.push(next.id)
  return ids
}

it('gives tasks earliest first, what was planned on the way in its place', () => {
  const queue = new TaskQueue([task('a', 1), task('b', 5)], 10)
  expect(queue.next()?.id).toBe('a')
  queue.follow(changes([task('later', 9), task('between', 3), task('same', 5)]), 8)
  expect(order(queue)).toEqual(['between', 'b', 'same'])
})

it('forgets what was called off', () => {
  const queue = new TaskQueue([task('a', 1), task('b', 2, 'sub'), task('c', 3)], 10)
  queue.next()
  queue.follow(changes([], ['sub']), 10)
  expect(order(queue)).toEqual(['c'])
})

it('takes in nothing beyond a full batch: others may be due before it', () => {
  const queue = new TaskQueue([task('a', 1), task('b', 4)], 2)
  queue.next()
  queue.follow(changes([task('inside', 3), task('beyond', 6)]), 10)
  expect(order(queue)).toEqual(['inside', 'b'])
})
