/** The decoded form tree: text, arrays and objects, where an array may be an object with numeric keys. */

/** A request as deep or as large as no described operation can need. */
const maxDepth = 12
const maxValues = 5_000

export function withinLimits(raw: unknown): boolean {
  let values = 0
  const visit = (value: unknown, depth: number): boolean => {
    values += 1
    if (values > maxValues || depth > maxDepth) return false
    if (typeof value !== 'object' || value === null) return true
    return Object.values(value).every((member) => visit(member, depth + 1))
  }
  return visit(raw, 0)
}

/** Bracket form of a parameter's place: `line_items[0][quantity]`. */
export function at(path: string, name: string): string {
  return path === '' ? name : `${path}[${name}]`
}

/** Form values are text; numbers and booleans from a caller in the same process count as such. */
export function asText(raw: unknown): string | undefined {
  if (typeof raw === 'string') return raw
  return typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : undefined
}

export function asRecord(raw: unknown): Record<string, unknown> | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined
  // An object that is no array has string keys only; their values are checked one by one.
  return raw as Record<string, unknown>
}

/** Members of an array, or of an object with numeric keys in the order of those. */
export function asMembers(raw: unknown): [string, unknown][] | undefined {
  if (Array.isArray(raw)) return raw.map((member, index) => [String(index), member])
  const record = asRecord(raw)
  if (!record) return undefined
  const entries = Object.entries(record)
  if (!entries.every(([key]) => /^\d{1,6}$/.test(key))) return undefined
  return entries.sort(([a], [b]) => Number(a) - Number(b))
}
