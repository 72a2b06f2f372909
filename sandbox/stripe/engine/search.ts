import type { Condition } from '../store/store.ts'
import type { Kind } from './kinds.ts'
import type { ReadOperation } from './operation.ts'
import { invalidRequest } from '../api-error.ts'
import { UnknownCursor } from '../store/store.ts'
import { limitOf } from './lists.ts'

/** How a field may be searched: texts also by part (`~`), numbers also by comparison. */
export type SearchField = 'text' | 'exact' | 'number' | 'boolean'

/**
 * `GET {url}/search?query=...`: Stripe's query language, `field:'value'`, `field~'part'`,
 * `amount>1000`, `-field:'value'`, `metadata['key']:'value'`, joined all by AND or all by OR.
 */
export function searchOperation(
  url: string,
  kind: Kind,
  fields: Readonly<Record<string, SearchField>>,
): ReadOperation {
  return {
    route: `GET ${url}/search`,
    async read(reading, params) {
      const conditions = [parseSearch(params.needText('query'), fields)]
      const limit = limitOf(params)
      const after = params.text('page')
      const page = await reading.list(kind, { limit, after, conditions }).catch((error) => {
        if (error instanceof UnknownCursor)
          throw invalidRequest(`Invalid page: ${error.id}`, { param: 'page' })
        throw error
      })
      const last = page.data.at(-1)
      return {
        object: 'search_result',
        data: page.data,
        has_more: page.hasMore,
        next_page: page.hasMore && last !== undefined ? last.id : null,
        url: `${url}/search`,
      }
    },
  }
}

const CLAUSE =
  /^(-?)(?:metadata\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]|([a-z_.]+))\s*(:|~|>=|<=|>|<)\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?[\w.]+))/i

const MAX_CLAUSES = 10

/** Reads a search query; ApiError 400 in Stripe's words when it cannot be. */
function parseSearch(query: string, fields: Readonly<Record<string, SearchField>>): Condition {
  const conditions: Condition[] = []
  let joint: string | undefined
  let rest = query.trim()
  while (rest !== '') {
    if (conditions.length > 0) {
      const match = /^(AND|OR)\s+/i.exec(rest)
      const word = match?.[1]?.toUpperCase()
      if (match === null || word === undefined) throw unreadable(query)
      if (joint !== undefined && joint !== word)
        throw invalidRequest('A search query joins its clauses all by AND or all by OR.', {
          param: 'query',
        })
      joint = word
      rest = rest.slice(match[0].length)
    }
    const match = CLAUSE.exec(rest)
    if (match === null) throw unreadable(query)
    conditions.push(clause(match, fields))
    if (conditions.length > MAX_CLAUSES)
      throw invalidRequest(`A search query has at most ${MAX_CLAUSES} clauses.`, { param: 'query' })
    rest = rest.slice(match[0].length).trimStart()
  }
  if (conditions.length === 0) throw unreadable(query)
  return joint === 'OR' ? { any: conditions } : { all: conditions }
}

function clause(match: RegExpExecArray, fields: Readonly<Record<string, SearchField>>): Condition {
  const [, minus, single, double, field, operator = ':', quoted, doubleQuoted, bare] = match
  const metadataKey = single ?? double
  const quotedValue = quoted ?? doubleQuoted
  const value = quotedValue === undefined ? (bare ?? '') : unescape(quotedValue)
  const condition =
    metadataKey === undefined
      ? fieldCondition(field ?? '', operator, value, quotedValue === undefined, fields)
      : comparison(['metadata', unescape(metadataKey)], operator, value, 'text', 'metadata')
  return minus === '-' ? { not: condition } : condition
}

function fieldCondition(
  field: string,
  operator: string,
  value: string,
  isBare: boolean,
  fields: Readonly<Record<string, SearchField>>,
): Condition {
  const how = fields[field]
  if (how === undefined)
    throw invalidRequest(
      `Field \`${field}\` is an unsupported search field. Supported: ${Object.keys(fields).join(', ')}, metadata.`,
      { param: 'query' },
    )
  if (isBare && value === 'null') return { path: field.split('.'), is: null }
  return comparison(field.split('.'), operator, value, how, field)
}

function comparison(
  path: readonly string[],
  operator: string,
  value: string,
  how: SearchField,
  field: string,
): Condition {
  if (operator === ':') return { path, is: value }
  if (operator === '~') {
    if (how !== 'text')
      throw invalidRequest(`Field \`${field}\` cannot be searched by a part of it.`, {
        param: 'query',
      })
    if (value.length < 3)
      throw invalidRequest('A substring search needs at least 3 characters.', { param: 'query' })
    return { path, contains: value }
  }
  const to = Number(value)
  if (how !== 'number' || Number.isNaN(to) || !isComparison(operator))
    throw invalidRequest(`Field \`${field}\` cannot be compared with ${operator}.`, {
      param: 'query',
    })
  return { path, compare: operator, to }
}

function isComparison(operator: string): operator is '<' | '<=' | '>' | '>=' {
  return ['<', '<=', '>', '>='].includes(operator)
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, '$1')
}

function unreadable(query: string): Error {
  return invalidRequest(`We were unable to parse your search query: \`${query}\`.`, {
    param: 'query',
  })
}
