import type { Delivery, DeliveryFault } from '../store/store.ts'
import type { StripeEvent } from '../engine/events.ts'
import type { DeliveryChaos } from '../chaos/chaos.ts'
import type { Dice } from '../chaos/dice.ts'

/** After a page's answer, this long until the first attempt under `timing: 'after_redirect'`. */
const AFTER_REDIRECT_MS = 1_500

/** Faults of a single message and the chaos field that gives their probability. */
const MESSAGE_FAULTS: readonly [keyof DeliveryChaos, DeliveryFault][] = [
  ['truncate_body', 'truncated_body'],
  ['bad_signature', 'bad_signature'],
  ['stale_timestamp', 'stale_timestamp'],
  ['wrong_livemode', 'wrong_livemode'],
  ['old_api_version', 'old_api_version'],
]

/**
 * The deliveries of one event: one for each endpoint that wants it, and what chaos makes of them.
 * A dropped delivery is written down too, so that the log tells what never arrived.
 */
export function planDeliveries(given: {
  account: string
  event: StripeEvent
  endpoints: readonly string[]
  nowMs: number
  chaos: DeliveryChaos
  dice: Dice
  newId: () => string
}): Delivery[] {
  const { account, event, nowMs, chaos, dice, newId } = given
  const planned: Delivery[] = []
  for (const endpoint of given.endpoints) {
    const first: Delivery = {
      id: newId(),
      account,
      event: event.id,
      eventType: event.type,
      endpoint,
      status: 'pending',
      held: chaos.hold,
      createdMs: nowMs,
      nextAtMs: nowMs + (chaos.timing === 'after_redirect' ? AFTER_REDIRECT_MS : 0),
      attempts: [],
      faults: [],
      cause: 'first',
    }
    if (!isChosen(chaos, event.type, endpoint)) {
      planned.push(first)
      continue
    }
    const strikes = (fault: string, probability: number): boolean =>
      dice.strikes('deliveries', fault, probability, chaos.times)
    if (nowMs < chaos.drop_all_until_ms || strikes('drop', chaos.drop)) {
      planned.push({ ...first, status: 'dropped' })
      continue
    }
    const wait =
      chaos.delay_min_ms +
      dice.next() * Math.max(0, chaos.delay_max_ms - chaos.delay_min_ms) +
      dice.next() * chaos.reorder_window_ms
    const faults = MESSAGE_FAULTS.filter(([field, fault]) => {
      const probability = chaos[field]
      return typeof probability === 'number' && strikes(fault, probability)
    }).map(([, fault]) => fault)
    const sent = { ...first, faults, nextAtMs: first.nextAtMs + Math.round(wait) }
    planned.push(sent)
    if (strikes('duplicate', chaos.duplicate))
      planned.push({ ...sent, id: newId(), faults: [], cause: 'duplicate' })
    if (strikes('late_duplicate', chaos.late_duplicate))
      planned.push({
        ...sent,
        id: newId(),
        faults: [],
        cause: 'duplicate',
        nextAtMs: sent.nextAtMs + chaos.late_duplicate_after_ms,
      })
  }
  return planned
}

function isChosen(chaos: DeliveryChaos, type: string, endpoint: string): boolean {
  const typeChosen =
    chaos.types.length === 0 ||
    chaos.types.some((one) =>
      one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : one === type,
    )
  return typeChosen && (chaos.endpoints.length === 0 || chaos.endpoints.includes(endpoint))
}
