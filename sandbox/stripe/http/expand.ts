import type { Doc } from '../store/store.ts'
import type { Kind } from '../engine/kinds.ts'
import type { Reading } from '../engine/work.ts'
import { asOf } from '../engine/balance.ts'
import { kindOfId } from '../engine/id-kinds.ts'
import { invalidRequest } from '../api-error.ts'
import { expandable } from '../schema/index.ts'

const MAX_DEPTH = 4
const MAX_PATHS = 50

/** Which kind of object the id in a field names. */
const KIND_OF_FIELD: Readonly<Record<string, Kind>> = {
  balance_transaction: 'balance_transaction',
  charge: 'charge',
  customer: 'customer',
  default_payment_method: 'payment_method',
  default_price: 'price',
  failure_balance_transaction: 'balance_transaction',
  latest_charge: 'charge',
  payment_intent: 'payment_intent',
  payment_method: 'payment_method',
  price: 'price',
  product: 'product',
}

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
  const value = hash[field] === undefined ? await included(reading, hash, field) : hash[field]
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
  return (await reading.get(kind, id)) ?? id
}

/** Parts that are left out unless asked for. */
async function included(
  reading: Reading,
  hash: Readonly<Record<string, unknown>>,
  field: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const id = hash['id']
  if (typeof id !== 'string') return undefined
  if (hash['object'] === 'checkout.session' && field === 'line_items') {
    const record = await reading.get('_checkout', id)
    const lines = record?.lineItems ?? []
    return {
      object: 'list',
      data: lines.slice(0, 10),
      has_more: lines.length > 10,
      url: `/v1/checkout/sessions/${id}/line_items`,
    }
  }
  if (hash['object'] === 'charge' && field === 'refunds') {
    const page = await reading.list('refund', {
      limit: 10,
      conditions: [{ path: ['charge'], is: id }],
    })
    return {
      object: 'list',
      data: page.data,
      has_more: page.hasMore,
      url: `/v1/charges/${id}/refunds`,
    }
  }
  if (
    hash['object'] === 'customer' &&
    ['sources', 'subscriptions', 'tax_ids'].includes(field) &&
    hash['deleted'] !== true
  )
    return { object: 'list', data: [], has_more: false, url: `/v1/customers/${id}/${field}` }
  return undefined
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
