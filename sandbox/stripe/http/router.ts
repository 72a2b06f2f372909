import type { Operation, PathParams } from '../engine/operation.ts'

export type Match = { operation: Operation; method: string; pattern: string; path: PathParams }

type Route = { operation: Operation; method: string; pattern: string; segments: readonly string[] }

/** Finds the operation of a request. Fixed segments win over parameters (`search` over an id). */
export class Router {
  readonly #routes: readonly Route[]

  constructor(operations: readonly Operation[]) {
    this.#routes = operations
      .map((operation) => {
        const [method = '', pattern = ''] = operation.route.split(' ')
        return { operation, method, pattern, segments: pattern.split('/') }
      })
      .sort((a, b) => paramCount(a) - paramCount(b))
  }

  /** Undefined when no operation has this method and path. */
  match(method: string, path: string): Match | undefined {
    const segments = path.split('/')
    for (const route of this.#routes) {
      if (route.method !== method || route.segments.length !== segments.length) continue
      const params = paramsOf(route, segments)
      if (params === undefined) continue
      return { operation: route.operation, method, pattern: route.pattern, path: params }
    }
    return undefined
  }

  get routes(): readonly string[] {
    return this.#routes.map((route) => `${route.method} ${route.pattern}`)
  }
}

function paramsOf(route: Route, segments: readonly string[]): PathParams | undefined {
  const params: Record<string, string> = {}
  for (const [at, expected] of route.segments.entries()) {
    const actual = segments[at] ?? ''
    if (!expected.startsWith('{')) {
      if (expected !== actual) return undefined
      continue
    }
    const value = decoded(actual)
    if (value === undefined || value === '' || value.includes('\0')) return undefined
    params[expected.slice(1, -1)] = value
  }
  return params
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function paramCount(route: Route): number {
  return route.segments.filter((segment) => segment.startsWith('{')).length
}
