import type { Condition, ListQuery } from './store.ts'
import pg from 'pg'

/** SQL text with its values written in; every value passes through here. */
export function literal(value: string): string {
  return pg.escapeLiteral(value)
}

/** A number as SQL text. */
export function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} cannot be written as SQL`)
  return `${value}`
}

/** A condition as SQL over `o.doc`; says the same as `satisfies`. */
function conditionSql(condition: Condition): string {
  if ('not' in condition) return `not coalesce(${conditionSql(condition.not)}, false)`
  if ('any' in condition)
    return condition.any.length === 0
      ? 'false'
      : `(${condition.any.map(conditionSql).join(' or ')})`
  if ('all' in condition)
    return condition.all.length === 0
      ? 'true'
      : `(${condition.all.map(conditionSql).join(' and ')})`
  const value = valueSql(condition.path)
  if ('is' in condition)
    return condition.is === null ? `${value} is null` : `${value} = ${literal(`${condition.is}`)}`
  if ('in' in condition)
    return condition.in.length === 0
      ? 'false'
      : `${value} in (${condition.in.map(literal).join(', ')})`
  if ('contains' in condition)
    return `position(lower(${literal(condition.contains)}) in lower(${value})) > 0`
  if ('startsWith' in condition) return `starts_with(${value}, ${literal(condition.startsWith)})`
  return `(${value})::numeric ${condition.compare} ${numeral(condition.to)}`
}

/** The scalar at a path as text. One step is written so that the indexes of 0001 match it. */
function valueSql(path: readonly string[]): string {
  const [only] = path
  return path.length === 1 && only !== undefined
    ? `(o.doc ->> ${literal(only)})`
    : `(o.doc #>> array[${path.map(literal).join(', ')}])`
}

/** Everything of a list query but its cursor, as SQL. `kind` is one of the sandbox's own names. */
export function listSql(account: string, kind: string, query: ListQuery): string {
  const where = [
    `o.account = ${literal(account)}`,
    `o.kind = ${literal(kind)}`,
    'o.listed',
    ...(query.createdFrom === undefined ? [] : [`o.created >= ${numeral(query.createdFrom)}`]),
    ...(query.createdTo === undefined ? [] : [`o.created <= ${numeral(query.createdTo)}`]),
    ...(query.insertedUntilMs === undefined
      ? []
      : [`o.inserted_ms <= ${numeral(query.insertedUntilMs)}`]),
    ...(query.conditions ?? []).map(conditionSql),
    ...(query.delivered === undefined ? [] : [deliveredSql(query.delivered)]),
  ]
  return where.join(' and ')
}

function deliveredSql(delivered: boolean): string {
  const open = `exists (select 1 from stripe_sandbox.delivery d
    where d.account = o.account and d.event = o.id and d.status <> 'succeeded')`
  return delivered ? `not ${open}` : open
}
