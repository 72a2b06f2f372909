import type { Condition, Doc } from './store.ts'

/** Whether a document satisfies a condition. The SQL of the PostgreSQL adapter says the same. */
export function satisfies(doc: Doc, condition: Condition): boolean {
  if ('not' in condition) return !satisfies(doc, condition.not)
  if ('any' in condition) return condition.any.some((one) => satisfies(doc, one))
  if ('all' in condition) return condition.all.every((one) => satisfies(doc, one))
  const value = valueAt(doc, condition.path)
  if ('is' in condition) return condition.is === null ? value === null : value === `${condition.is}`
  if ('in' in condition) return value !== null && condition.in.includes(value)
  if ('contains' in condition)
    return value !== null && value.toLowerCase().includes(condition.contains.toLowerCase())
  if ('startsWith' in condition) return value !== null && value.startsWith(condition.startsWith)
  return value !== null && compare(Number(value), condition.compare, condition.to)
}

/** The scalar at a path as text, the way `json ->>` reads it; null when there is none. */
export function valueAt(doc: Doc, path: readonly string[]): string | null {
  let value: unknown = doc
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return null
    // An object or an array by the check above; a step into an array is a position, as in SQL.
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | boolean}` // scalars only are left
}

function compare(value: number, how: '<' | '<=' | '>' | '>=', to: number): boolean {
  if (how === '<') return value < to
  if (how === '<=') return value <= to
  if (how === '>') return value > to
  return value >= to
}
