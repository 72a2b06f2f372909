import type { Condition, ListQuery } from '../store/store.ts'
import type { Kind, Kinds } from './kinds.ts'
import type { Params } from './params.ts'
import type { Answer, ReadOperation } from './operation.ts'
import type { Reading } from './work.ts'
import { UnknownCursor } from '../store/store.ts'
import { invalidRequest, noSuchObject } from '../api-error.ts'

const DEFAULT_LIMIT = 10
const MAX_LIMIT = 100

/** A filter of a list: which parameter asks for which condition. */
export type Filter = (params: Params) => Condition | undefined

/** `customer=cus_1` keeps what has exactly that in the field (of the same name unless given). */
export function equals(param: string, ...path: string[]): Filter {
  return (params) => {
    const value = params.raw(param)
    if (typeof value !== 'string' && typeof value !== 'boolean') return undefined
    return { path: path.length === 0 ? [param] : path, is: value }
  }
}

/** `due_date=5` or `due_date[gte]=5`, of the field at a path. */
export function inRange(param: string, ...path: string[]): Filter {
  const bounds = [
    ['gt', '>'],
    ['gte', '>='],
    ['lt', '<'],
    ['lte', '<='],
  ] as const
  return (params) => {
    const exact = params.raw(param)
    if (typeof exact === 'number') return { path, is: exact }
    const range = params.group(param)
    if (range === undefined) return undefined
    return {
      all: bounds.flatMap(([word, compare]): Condition[] => {
        const to = range.integer(word)
        return to === undefined ? [] : [{ path, compare, to }]
      }),
    }
  }
}

/** How an object looks at an instant (unix seconds), where time alone changes it. */
export type AsOf<K extends Kind> = (doc: Kinds[K], now: number) => Kinds[K]

/** The operation `GET {url}`: newest first, with cursors, `created` bounds and the given filters. */
export function listOperation<K extends Kind>(
  url: string,
  kind: K,
  filters: readonly Filter[] = [],
  asOf?: AsOf<K>,
): ReadOperation {
  return {
    route: `GET ${url}`,
    read: (reading, params) => listPage(reading, kind, url, params, filters, {}, asOf),
  }
}

export async function listPage<K extends Kind>(
  reading: Reading,
  kind: K,
  url: string,
  params: Params,
  filters: readonly Filter[],
  more: Partial<ListQuery> = {},
  asOf: AsOf<K> = (doc) => doc,
): Promise<Answer> {
  const conditions = filters
    .map((filter) => filter(params))
    .filter((condition): condition is Condition => condition !== undefined)
  const bounds = createdBounds(params)
  const query: ListQuery = {
    limit: limitOf(params),
    after: params.text('starting_after'),
    before: params.text('ending_before'),
    ...bounds,
    ...more,
    createdFrom: latest(bounds.createdFrom, more.createdFrom),
    conditions: [...conditions, ...(more.conditions ?? [])],
  }
  if (query.after !== undefined && query.before !== undefined)
    throw invalidRequest(
      'You may only provide one of these parameters: starting_after, ending_before.',
    )
  try {
    const page = await reading.list(kind, query)
    const data = page.data.map((doc) => asOf(doc, reading.now))
    return { object: 'list', data, has_more: page.hasMore, url }
  } catch (error) {
    if (error instanceof UnknownCursor)
      throw noSuchObject(
        kind,
        error.id,
        query.after === undefined ? 'ending_before' : 'starting_after',
      )
    throw error
  }
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b)
}

/** A list that is part of an object and small enough to be kept whole (line items). */
export function pageOfWhole(
  whole: readonly Readonly<{ id: string }>[],
  url: string,
  params: Params,
): Answer {
  const limit = limitOf(params)
  const after = params.text('starting_after')
  const before = params.text('ending_before')
  const at = (id: string, param: string): number => {
    const index = whole.findIndex((one) => one.id === id)
    if (index < 0) throw noSuchObject('item', id, param)
    return index
  }
  if (before !== undefined) {
    const end = at(before, 'ending_before')
    const start = Math.max(0, end - limit)
    return { object: 'list', data: whole.slice(start, end), has_more: start > 0, url }
  }
  const start = after === undefined ? 0 : at(after, 'starting_after') + 1
  const data = whole.slice(start, start + limit)
  return { object: 'list', data, has_more: start + limit < whole.length, url }
}

export function limitOf(params: Params): number {
  const limit = params.integer('limit') ?? DEFAULT_LIMIT
  if (limit < 1 || limit > MAX_LIMIT)
    throw invalidRequest(
      limit < 1
        ? 'This value must be greater than or equal to 1.'
        : `Limit must be between 1 and ${MAX_LIMIT}. Received ${limit}.`,
      { param: 'limit', code: 'parameter_invalid_integer' },
    )
  return limit
}

/** `created=5` or `created[gte]=5`, as inclusive bounds. */
function createdBounds(params: Params): Pick<ListQuery, 'createdFrom' | 'createdTo'> {
  const raw = params.raw('created')
  if (raw === undefined) return {}
  if (typeof raw === 'number') return { createdFrom: raw, createdTo: raw }
  const range = params.group('created')
  const after = range?.integer('gt')
  const before = range?.integer('lt')
  return {
    createdFrom: after === undefined ? range?.integer('gte') : after + 1,
    createdTo: before === undefined ? range?.integer('lte') : before - 1,
  }
}
