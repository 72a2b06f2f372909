import { INDEXED_FIELDS, UnknownCursor } from './store.ts'
import type { Condition, Doc, ListQuery, Page } from './store.ts'
import { createdOf } from './buffered-unit.ts'
import { satisfies, valueAt } from './conditions.ts'

type Row = { doc: Doc; created: number; seq: number; insertedMs: number; listed: boolean }

/** The documents of one kind, kept in list order and indexed by the fields lists ask for. */
export class MemoryTable {
  readonly #rows = new Map<string, Row>()
  /** Listed rows, oldest first. */
  #order: Row[] = []
  readonly #indexes = new Map<string, Map<string, Row[]>>()

  constructor(kind: string) {
    for (const field of INDEXED_FIELDS[kind] ?? []) this.#indexes.set(field, new Map())
  }

  get(id: string): Doc | undefined {
    return this.#rows.get(id)?.doc
  }

  put(doc: Doc, listed: boolean, seq: number, nowMs: number): void {
    const old = this.#rows.get(doc.id)
    if (old !== undefined) {
      this.#replace(old, doc, listed)
      return
    }
    const row: Row = { doc, created: createdOf(doc), seq, insertedMs: nowMs, listed }
    this.#rows.set(doc.id, row)
    if (!listed) return
    insertInOrder(this.#order, row)
    for (const [field, index] of this.#indexes) addToIndex(index, valueOf(doc, field), row)
  }

  #replace(row: Row, doc: Doc, listed: boolean): void {
    for (const [field, index] of this.#indexes) {
      const before = valueOf(row.doc, field)
      const after = valueOf(doc, field)
      if (row.listed && (!listed || before !== after)) removeFromIndex(index, before, row)
      if (listed && (!row.listed || before !== after)) addToIndex(index, after, row)
    }
    if (row.listed && !listed) removeRow(this.#order, row)
    if (!row.listed && listed) insertInOrder(this.#order, row)
    row.doc = doc
    row.listed = listed
  }

  list(query: ListQuery, isDelivered: (event: string) => boolean): Page {
    const rows = this.#narrowest(query.conditions ?? [])
    const fits = (row: Row): boolean =>
      (query.insertedUntilMs === undefined || row.insertedMs <= query.insertedUntilMs) &&
      (query.createdFrom === undefined || row.created >= query.createdFrom) &&
      (query.createdTo === undefined || row.created <= query.createdTo) &&
      (query.conditions ?? []).every((condition) => satisfies(row.doc, condition)) &&
      (query.delivered === undefined || isDelivered(row.doc.id) === query.delivered)
    const found: Row[] = []
    if (query.before !== undefined) {
      const start = firstAfter(rows, this.#cursor(query.before))
      for (let at = start; at < rows.length && found.length <= query.limit; at += 1) {
        const row = rows[at]
        if (row !== undefined && fits(row)) found.push(row)
      }
      const page = found.slice(0, query.limit).reverse()
      return { data: page.map((row) => row.doc), hasMore: found.length > query.limit }
    }
    const end =
      query.after === undefined ? rows.length : firstNotBefore(rows, this.#cursor(query.after))
    for (let at = end - 1; at >= 0 && found.length <= query.limit; at -= 1) {
      const row = rows[at]
      if (row === undefined) continue
      if (query.createdFrom !== undefined && row.created < query.createdFrom) break
      if (fits(row)) found.push(row)
    }
    return {
      data: found.slice(0, query.limit).map((row) => row.doc),
      hasMore: found.length > query.limit,
    }
  }

  /** The rows of the first indexed equality among the conditions, or all. */
  #narrowest(conditions: readonly Condition[]): readonly Row[] {
    for (const condition of conditions) {
      if (!('is' in condition)) continue
      const index = this.#indexes.get(condition.path.join('.'))
      if (index !== undefined && typeof condition.is === 'string')
        return index.get(condition.is) ?? []
    }
    return this.#order
  }

  #cursor(id: string): Row {
    const row = this.#rows.get(id)
    if (row === undefined) throw new UnknownCursor(id)
    return row
  }

  /** Forgets documents created before the instant (unix seconds); returns their ids. */
  pruneBefore(created: number): string[] {
    const gone: string[] = []
    for (const [id, row] of this.#rows) {
      if (row.created >= created) continue
      gone.push(id)
      this.#rows.delete(id)
      for (const [field, index] of this.#indexes)
        removeFromIndex(index, valueOf(row.doc, field), row)
    }
    if (gone.length > 0) this.#order = this.#order.filter((row) => row.created >= created)
    return gone
  }

  /** Documents are immutable, so a copy shares them. */
  copy(kind: string): MemoryTable {
    const copy = new MemoryTable(kind)
    for (const row of this.#rows.values()) copy.put(row.doc, row.listed, row.seq, row.insertedMs)
    return copy
  }
}

/** What a document has in an indexed field; a dot leads into a hash. */
function valueOf(doc: Doc, field: string): unknown {
  return field.includes('.') ? valueAt(doc, field.split('.')) : doc[field]
}

function isBefore(a: Row, b: Row): boolean {
  return a.created < b.created || (a.created === b.created && a.seq < b.seq)
}

/** Nearly always at the end; only a clock that was set back puts a row further forward. */
function insertInOrder(rows: Row[], row: Row): void {
  let at = rows.length
  for (let last = rows[at - 1]; last !== undefined && isBefore(row, last); last = rows[at - 1])
    at -= 1
  rows.splice(at, 0, row)
}

function removeRow(rows: Row[], row: Row): void {
  const at = rows.indexOf(row)
  if (at >= 0) rows.splice(at, 1)
}

function addToIndex(index: Map<string, Row[]>, value: unknown, row: Row): void {
  if (typeof value !== 'string') return
  const rows = index.get(value)
  if (rows === undefined) index.set(value, [row])
  else insertInOrder(rows, row)
}

function removeFromIndex(index: Map<string, Row[]>, value: unknown, row: Row): void {
  if (typeof value !== 'string') return
  const rows = index.get(value)
  if (rows === undefined) return
  removeRow(rows, row)
  if (rows.length === 0) index.delete(value)
}

/** Position of the first row that comes after the cursor. */
function firstAfter(rows: readonly Row[], cursor: Row): number {
  return bisect(rows, (row) => !isBefore(cursor, row))
}

/** Position of the first row that is the cursor or comes after it. */
function firstNotBefore(rows: readonly Row[], cursor: Row): number {
  return bisect(rows, (row) => isBefore(row, cursor))
}

function bisect(rows: readonly Row[], isLeft: (row: Row) => boolean): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row !== undefined && isLeft(row)) low = middle + 1
    else high = middle
  }
  return low
}
