import type { Doc, ListQuery, Page, Reader, Task } from './store.ts'
import { UnknownCursor } from './store.ts'
import { listSql, literal, numeral } from './postgres-conditions.ts'

/** Runs SQL text and gives back its rows; on a client inside a unit, on the pool outside. */
export type Run = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Reads one account. With `known`, what was read once is not read again (for a unit, which is alone). */
export class PostgresReader implements Reader {
  readonly account: string
  readonly nowMs: number
  readonly #run: Run
  readonly #known: Map<string, Doc | undefined> | undefined

  constructor(account: string, nowMs: number, run: Run, known?: Map<string, Doc | undefined>) {
    this.account = account
    this.nowMs = nowMs
    this.#run = run
    this.#known = known
  }

  async get(kind: string, id: string): Promise<Doc | undefined> {
    const key = `${kind} ${id}`
    if (this.#known?.has(key) === true) return this.#known.get(key)
    const rows = await this.#run(
      `select o.doc from stripe_sandbox.object o
       where o.account = ${literal(this.account)} and o.kind = ${literal(kind)} and o.id = ${literal(id)}`,
    )
    const doc = docOf(rows[0])
    this.#known?.set(key, doc)
    return doc
  }

  async list(kind: string, query: ListQuery): Promise<Page> {
    const cursor = query.after ?? query.before
    const position = cursor === undefined ? '' : await this.#beyond(kind, cursor, query)
    const isForward = query.before !== undefined
    const direction = isForward ? 'asc' : 'desc'
    const rows = await this.#run(
      `select o.doc from stripe_sandbox.object o
       where ${listSql(this.account, kind, query)} ${position}
       order by o.created ${direction}, o.seq ${direction}
       limit ${numeral(query.limit + 1)}`,
    )
    const docs = rows.map(docOf).filter((doc): doc is Doc => doc !== undefined)
    const page = docs.slice(0, query.limit)
    return { data: isForward ? page.reverse() : page, hasMore: docs.length > query.limit }
  }

  async #beyond(kind: string, cursor: string, query: ListQuery): Promise<string> {
    const rows = await this.#run(
      `select o.created, o.seq from stripe_sandbox.object o
       where o.account = ${literal(this.account)} and o.kind = ${literal(kind)} and o.id = ${literal(cursor)}`,
    )
    const row = rows[0]
    if (row === undefined) throw new UnknownCursor(cursor)
    const side = query.before === undefined ? '<' : '>'
    return `and (o.created, o.seq) ${side} (${Number(row['created'])}, ${Number(row['seq'])})`
  }

  async dueTasks(untilMs: number, limit: number): Promise<readonly Task[]> {
    const rows = await this.#run(
      `select id, at_ms, type, object from stripe_sandbox.task
       where account = ${literal(this.account)} and at_ms <= ${numeral(untilMs)}
       order by at_ms, seq limit ${numeral(limit)}`,
    )
    return rows.map((row) => ({
      id: String(row['id']),
      atMs: Number(row['at_ms']),
      type: String(row['type']),
      object: String(row['object']),
    }))
  }
}

export function docOf(row: Readonly<Record<string, unknown>> | undefined): Doc | undefined {
  // Column `doc` holds what put() was given, which is a Doc.
  return row?.['doc'] as Doc | undefined
}
