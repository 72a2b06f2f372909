import type { Condition } from '../store/store.ts'
import type { StripeEvent } from './events.ts'
import type { Operation } from './operation.ts'
import type { Params } from './params.ts'
import { invalidRequest } from '../api-error.ts'
import { DAY_MS } from '../durations.ts'
import { listPage } from './lists.ts'
import { pathParam } from './operation.ts'

/** How long events can be read (docs.stripe.com/api/events). */
export const EVENTS_KEPT_MS = 30 * DAY_MS

const MAX_TYPES = 20

/** Events as they are read: how many endpoints still wait for each is looked up afresh. */
export type UndeliveredCount = (events: readonly string[]) => Promise<ReadonlyMap<string, number>>

export function eventOperations(
  undelivered: (account: string) => UndeliveredCount,
): readonly Operation[] {
  const current = async (
    account: string,
    events: readonly StripeEvent[],
  ): Promise<StripeEvent[]> => {
    const open = await undelivered(account)(events.map((event) => event.id))
    return events.map((event) => ({ ...event, pending_webhooks: open.get(event.id) ?? 0 }))
  }
  return [
    {
      route: 'GET /v1/events',
      async read(reading, params) {
        const answer = await listPage(reading, 'event', '/v1/events', params, [ofTypes], {
          delivered: params.flag('delivery_success'),
          createdFrom: Math.ceil((reading.nowMs - EVENTS_KEPT_MS) / 1000),
        })
        if (!('data' in answer) || !Array.isArray(answer.data)) return answer
        return { ...answer, data: await current(reading.account, answer.data) }
      },
    },
    {
      route: 'GET /v1/events/{event}',
      async read(reading, _params, path) {
        const event = await reading.atPath('event', pathParam(path, 'event'), 'id')
        const [fresh] = await current(reading.account, [event])
        return fresh ?? event
      },
    },
  ]
}

/** `type=charge.*`, `type=charge.refunded` or `types[]=...` (at most 20, not both). */
function ofTypes(params: Params): Condition | undefined {
  const type = params.text('type')
  const types = params.texts('types')
  if (type !== undefined && types !== undefined)
    throw invalidRequest('You may pass either `type` or `types`, but not both.', {
      param: 'types',
    })
  if (types !== undefined) {
    if (types.length > MAX_TYPES)
      throw invalidRequest(`You may pass up to ${MAX_TYPES} types.`, { param: 'types' })
    return { any: types.map(ofType) }
  }
  return type === undefined ? undefined : ofType(type)
}

function ofType(type: string): Condition {
  return type.endsWith('*')
    ? { path: ['type'], startsWith: type.slice(0, -1) }
    : { path: ['type'], is: type }
}
