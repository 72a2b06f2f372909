import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import type { TestClock } from './objects/test-clock.ts'
import type { Deleted } from './objects/deleted.ts'
import type { Reading, Work } from './work.ts'
import { invalidRequest, noSuchPathObject } from '../api-error.ts'
import { boundaryAfter, DAY_SECONDS } from './billing/calendar.ts'
import { BILLING_TASKS } from './billing/due.ts'
import { isEnded, rhythmOfAll } from './billing/subscription.ts'
import { listOperation } from './lists.ts'
import { pathParam } from './operation.ts'

const KEPT_SECONDS = 30 * DAY_SECONDS

/** Without subscriptions a clock may go this far at once (docs.stripe.com/billing/testing/test-clocks). */
const LONGEST_SECONDS = 2 * 366 * DAY_SECONDS

const MOST_SUBSCRIPTIONS = 100

export const testClockOperations: readonly Operation[] = [
  {
    route: 'POST /v1/test_helpers/test_clocks',
    write: (work, params) => createClock(work, params),
  },
  {
    route: 'GET /v1/test_helpers/test_clocks/{clock}',
    read: (reading, _params, path) => liveClock(reading, pathParam(path, 'clock')),
  },
  {
    route: 'DELETE /v1/test_helpers/test_clocks/{clock}',
    write: (work, _params, path) => deleteClock(work, pathParam(path, 'clock')),
  },
  listOperation('/v1/test_helpers/test_clocks', 'test_helpers.test_clock'),
  {
    route: 'POST /v1/test_helpers/test_clocks/{clock}/advance',
    write: (work, params, path) => beginAdvance(work, params, pathParam(path, 'clock')),
  },
]

async function createClock(work: Work, params: Params): Promise<TestClock> {
  const frozen = params.integer('frozen_time') ?? 0
  if (frozen < 0)
    throw invalidRequest('`frozen_time` is a unix timestamp.', { param: 'frozen_time' })
  if (params.has('customer'))
    throw invalidRequest('Give the customer its clock instead: `test_clock` of a customer.', {
      param: 'customer',
    })
  const clock = work.put('test_helpers.test_clock', {
    id: work.id('clock'),
    object: 'test_helpers.test_clock',
    created: work.now,
    deletes_after: work.now + KEPT_SECONDS,
    frozen_time: frozen,
    livemode: false,
    name: params.text('name', 300) ?? null,
    status: 'ready',
    status_details: {},
  })
  work.put('_clock', { id: clock.id, object: '_clock', created: work.now, tasks: [] })
  work.emit('test_helpers.test_clock.created', clock)
  work.later(clock.deletes_after * 1000, 'clock.delete', clock.id)
  return clock
}

async function liveClock(reading: Reading, id: string): Promise<TestClock> {
  const clock = await reading.atPath('test_helpers.test_clock', id, 'test_clock')
  if ('deleted' in clock) throw noSuchPathObject('test_helpers.test_clock', id, 'test_clock')
  return clock
}

/** The clock starts on its way; everything that falls due is done step by step after the answer. */
async function beginAdvance(work: Work, params: Params, id: string): Promise<TestClock> {
  const clock = await liveClock(work, id)
  if (clock.status !== 'ready')
    throw invalidRequest('The test clock is already advancing.', { code: 'test_clock_advancing' })
  const target = params.integer('frozen_time') ?? 0
  if (target <= clock.frozen_time)
    throw invalidRequest('A test clock goes forward only: `frozen_time` must be later.', {
      param: 'frozen_time',
    })
  const furthest = await furthestFrom(work, clock)
  if (target > furthest)
    throw invalidRequest(
      `A test clock goes at most two intervals of its shortest subscription at once, up to ${furthest}.`,
      { param: 'frozen_time' },
    )
  const advancing = work.put('test_helpers.test_clock', {
    ...clock,
    status: 'advancing',
    status_details: { advancing: { target_frozen_time: target } },
  })
  work.emit('test_helpers.test_clock.advancing', advancing)
  work.later(work.nowMs, 'clock.advance', id)
  return advancing
}

async function furthestFrom(work: Work, clock: TestClock): Promise<number> {
  const page = await work.list('subscription', {
    limit: MOST_SUBSCRIPTIONS,
    conditions: [{ path: ['test_clock'], is: clock.id }],
  })
  const bounds = page.data
    .filter((one) => !isEnded(one))
    .map((one) => {
      const rhythm = rhythmOfAll(one)
      const once = boundaryAfter(clock.frozen_time, rhythm, clock.frozen_time)
      return boundaryAfter(clock.frozen_time, rhythm, once)
    })
  return Math.min(clock.frozen_time + LONGEST_SECONDS, ...bounds)
}

async function deleteClock(work: Work, id: string): Promise<Deleted<'test_helpers.test_clock'>> {
  const clock = await liveClock(work, id)
  const customers = await work.list('customer', {
    limit: 100,
    conditions: [{ path: ['test_clock'], is: id }],
  })
  // What goes by the clock goes with it, and nobody is told of each of them.
  for (const { id: customer } of customers.data)
    work.put('customer', { id: customer, object: 'customer', deleted: true }, { listed: false })
  const subscriptions = await work.list('subscription', {
    limit: MOST_SUBSCRIPTIONS,
    conditions: [{ path: ['test_clock'], is: id }],
  })
  for (const one of subscriptions.data)
    work.put('subscription', { ...one, status: 'canceled' }, { listed: false })
  work.callOff(id)
  work.put('_clock', { id, object: '_clock', created: clock.created, tasks: [] })
  const gone: Deleted<'test_helpers.test_clock'> = {
    id,
    object: 'test_helpers.test_clock',
    deleted: true,
  }
  work.put('test_helpers.test_clock', gone, { listed: false })
  work.emit('test_helpers.test_clock.deleted', clock)
  return gone
}

/** What test clocks do by the account's clock. */
export const CLOCK_TASKS: Readonly<Record<string, (work: Work, id: string) => Promise<unknown>>> = {
  'clock.delete': deleteClock,
  'clock.advance': advanceStep,
}

/**
 * One thing that falls due on a clock's way, or its arrival. Each step is kept before the next one
 * begins, so that a killed sandbox goes on where it was.
 */
async function advanceStep(work: Work, id: string): Promise<void> {
  const clock = await liveClock(work, id)
  const target = clock.status_details.advancing?.target_frozen_time
  if (target === undefined) return
  const record = await work.named('_clock', id, 'test_clock')
  const [next] = record.tasks.toSorted((a, b) => a.atMs - b.atMs)
  if (next === undefined || next.atMs > target * 1000) {
    const ready = work.put('test_helpers.test_clock', {
      ...clock,
      frozen_time: target,
      status: 'ready',
      status_details: {},
    })
    work.emit('test_helpers.test_clock.ready', ready)
    return
  }
  work.later(work.nowMs, 'clock.advance', id)
  work.put('_clock', { ...record, tasks: record.tasks.filter((task) => task.id !== next.id) })
  const run = BILLING_TASKS[next.type]
  if (run === undefined) throw new Error(`No such task: ${next.type}`)
  await work.trying(async (inner) => run(await inner.onClock(id, next.atMs), next.object))
}
