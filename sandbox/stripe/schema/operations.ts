import { description } from './description.ts'
import type { Schema } from './schema.ts'

export interface Operation {
  method: string
  /** `/v1/customers/{id}/discount`, placeholders named as in the SDK. */
  path: string
  /** Names of the parameters it takes, `expand` among them. */
  paramNames: readonly string[]
  params: Schema
  response: Schema
  /** Where the SDK has it: `Customers.deleteDiscount`. */
  sdk: string
}

export interface PathMatch {
  operation: Operation
  /** Placeholder values in the order of the path. */
  values: readonly string[]
}

/** Every described operation, keyed `POST /v1/checkout/sessions`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries(description.operations).map(([key, described]) => {
    const [method = '', path = ''] = key.split(' ')
    const paramNames = Object.keys(described.params.properties ?? {})
    return [key, { method, path, paramNames, ...described }]
  }),
)

const byShape = new Map(
  [...operations].map(([, operation]) => [shapeKey(operation.method, operation.path), operation]),
)

/**
 * The operation of a path pattern, whatever its placeholders are called:
 * `/v1/checkout/sessions/{session}` is `/v1/checkout/sessions/{id}`.
 */
export function findOperation(method: string, pathPattern: string): Operation | undefined {
  return byShape.get(shapeKey(method, pathPattern))
}

const candidates = [...operations.values()]
  .map((operation) => ({ operation, segments: operation.path.split('/') }))
  .sort((a, b) => placeholders(a.segments) - placeholders(b.segments))

/**
 * The operation that serves a request path (no query). A fixed segment wins over a placeholder, so
 * `/v1/customers/search` is the search. Undefined when nothing is described there, or a segment is
 * not decodable.
 */
export function matchPath(method: string, path: string): PathMatch | undefined {
  const actual = path.split('/')
  for (const { operation, segments } of candidates) {
    if (operation.method !== method || segments.length !== actual.length) continue
    const values: string[] = []
    const fits = segments.every((segment, index) => {
      const found = actual[index] ?? ''
      if (!segment.startsWith('{')) return segment === found
      const value = decodeSegment(found)
      if (value === undefined || value === '') return false
      values.push(value)
      return true
    })
    if (fits) return { operation, values }
  }
  return undefined
}

function shapeKey(method: string, pathPattern: string): string {
  return `${method} ${pathPattern.replace(/\{\w*\}/g, '{}')}`
}

function placeholders(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith('{')).length
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
