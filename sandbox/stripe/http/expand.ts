import type { Doc } from '../store/store.ts'
import type { Kind } from '../engine/kinds.ts'
import type { Reading } from '../engine/work.ts'
import { asOf } from '../engine/balance.ts'
import { couponAsOf } from '../engine/coupons.ts'
import { kindOfId } from '../engine/id-kinds.ts'
import { invalidRequest } from '../api-error.ts'
import { expandable } from '../schema/index.ts'
import { partAskedFor } from './parts.ts'

const MAX_DEPTH = 4
const MAX_PATHS = 50

/** Which kind of object the id in a field names. */
const KIND_OF_FIELD: Readonly<Record<string, Kind>> = {
  balance_transaction: 'balance_transaction',
  charge: 'charge',
  coupon: 'coupon',
  configuration: 'billing_portal.configuration',
  customer: 'customer',
  default_payment_method: 'payment_method',
  default_price: 'price',
  discount: 'discount',
  discounts: 'discount',
  failure_balance_transaction: 'balance_transaction',
  invoice: 'invoice',
  latest_charge: 'charge',
  latest_invoice: 'invoice',
  payment_intent: 'payment_intent',
  payment_method: 'payment_method',
  pending_setup_intent: 'setup_intent',
  price: 'price',
  product: 'product',
  promotion_code: 'promotion_code',
  setup_intent: 'setup_intent',
  subscription: 'subscription',
  test_clock: 'test_helpers.test_clock',
}

const SHOWN_DELETED: ReadonlySet<Kind> = new Set(['customer', 'product'])

/** Refuses a path that Stripe would not expand: too deep, or not an object behind it. */
export function checkExpand(paths: readonly string[], method: string, pattern: string): void {
  if (paths.length > MAX_PATHS)
    throw invalidRequest(`You can expand at most ${MAX_PATHS} properties.`, { param: 'expand' })
  for (const path of paths) {
    const depth = path.split('.').length
    if (depth > MAX_DEPTH)
      throw invalidRequest(
        `You can't expand more than ${MAX_DEPTH} levels of a property. Property: ${path}`,
        { code: 'property_expansion_max_depth', param: 'expand' },
      )
    if (!expandable(pattern, path, method))
      throw invalidRequest(
        `This property cannot be expanded (${path}). You may want to try expanding 'data.${path}' if this is a list.`,
        { param: 'expand' },
      )
  }
}

/** The answer with the objects behind the given paths in place of their ids. */
export async function expand(
  reading: Reading,
  answer: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  let expanded = answer
  for (const path of paths) expanded = await expandHash(reading, expanded, path.split('.'))
  return expanded
}

async function expandHash(
  reading: Reading,
  hash: Readonly<Record<string, unknown>>,
  steps: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const [field, ...rest] = steps
  if (field === undefined) return hash
  const value = (await partAskedFor(reading, hash, field, rest)) ?? hash[field]
  if (value === undefined) return hash
  return { ...hash, [field]: await expandValue(reading, field, value, rest) }
}

async function expandValue(
  reading: Reading,
  field: string,
  value: unknown,
  rest: readonly string[],
): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) items.push(await expandValue(reading, field, item, rest))
    return items
  }
  const object = typeof value === 'string' ? await objectOf(reading, field, value) : value
  return isHash(object) ? expandHash(reading, object, rest) : object
}

async function objectOf(reading: Reading, field: string, id: string): Promise<Doc | string> {
  const kind = field === 'source' ? kindOfId(id) : KIND_OF_FIELD[field]
  if (kind === undefined) return id
  if (kind === 'balance_transaction') {
    const transaction = await reading.get(kind, id)
    return transaction === undefined ? id : asOf(transaction, reading.now)
  }
  if (kind === 'coupon') {
    const coupon = await reading.get(kind, id)
    return coupon === undefined ? id : couponAsOf(coupon, reading.now)
  }
  const found = await reading.get(kind, id)
  // Only customers and products are shown where they were: other things that are gone stay ids.
  const isGone = found !== undefined && 'deleted' in found && !SHOWN_DELETED.has(kind)
  return found === undefined || isGone ? id : found
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
