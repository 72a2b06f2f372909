import type { Task } from '../../store/store.ts'

export type TestClock = {
  id: string
  object: 'test_helpers.test_clock'
  created: number
  deletes_after: number
  frozen_time: number
  livemode: false
  name: string | null
  status: 'ready' | 'advancing'
  status_details: { advancing?: { target_frozen_time: number } }
}

/** The sandbox's own record of a test clock, under its id: what waits for it, by its own time. */
export type ClockRecord = {
  id: string
  object: '_clock'
  created: number
  tasks: readonly Task[]
}
