import type { Doc } from '../store/store.ts'
import type { Kind } from '../engine/kinds.ts'
import type { Work } from '../engine/work.ts'
import { invalidRequest, noSuchPathObject } from '../api-error.ts'

const KINDS: readonly Kind[] = [
  'customer',
  'product',
  'price',
  'coupon',
  'promotion_code',
  'subscription',
  'invoice',
  'setup_intent',
  'checkout.session',
  'payment_intent',
  'payment_method',
  'charge',
  'refund',
  'dispute',
  'radar.early_fraud_warning',
]

/**
 * Changes an object without an event, as if the event had been lost for ever: what a program's
 * reconciliation has to find. `changes` is laid over the object, hashes one level deep. Fields the
 * object does not have are refused, so that no shape is invented.
 */
export async function driftObject(
  work: Work,
  body: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const id = body['object']
  const changes = body['changes']
  if (typeof id !== 'string' || !isHash(changes))
    throw invalidRequest('Say what: {"object":"cus_...","changes":{"name":"Other"}}.', {
      param: 'object',
    })
  for (const kind of KINDS) {
    const found: Doc | undefined = await work.get(kind, id)
    if (found === undefined) continue
    for (const name of Object.keys(changes))
      if (name === 'id' || name === 'object' || !(name in found))
        throw invalidRequest(`A ${kind} has no ${name} to drift.`, { param: `changes[${name}]` })
    const drifted: Doc = { ...found, ...merged(found, changes), id: found.id, object: found.object }
    work.putSilently(kind, drifted)
    return drifted
  }
  throw noSuchPathObject('object', id, 'object')
}

function merged(
  found: Doc,
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => {
      const before = found[name]
      return [name, isHash(before) && isHash(value) ? { ...before, ...value } : value]
    }),
  )
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
