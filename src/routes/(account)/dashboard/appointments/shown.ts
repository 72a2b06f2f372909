import type { Appointment } from '#modules/booking/types.ts'

/** An appointment as a list tells it. */
export function rowOf({ id, title, startsAt, endsAt, state, cancelledBy }: Appointment) {
  return { id, title, startsAt, endsAt, state, cancelledBy }
}

/** What became of it, in a word; undefined while it stands. */
export function stateWords(one: Pick<Appointment, 'state' | 'cancelledBy'>): string | undefined {
  switch (one.state) {
    case 'confirmed':
      return undefined
    case 'completed':
      return 'Took place'
    case 'no_show':
      return 'You did not come'
    case 'cancelled':
      return one.cancelledBy === 'customer' ? 'You cancelled it' : 'Cancelled by the shop'
  }
}
