import { sql, type SelectQueryBuilder } from 'kysely'
import type { Reach } from '../paging.ts'

/**
 * Orders a list by an instant, then by id, newest first (or upwards from the mark), and cuts it to the reach; for `.$call()`.
 * The mark's own instant is read in the database: dates here are cut to milliseconds, and rows may share one.
 * table: where the mark is a row; at, id: its columns; as: what the query calls that table or what it made of it.
 */
export function reaching(
  reach: Reach,
  by: { readonly table: string; readonly at: string; readonly id?: string; readonly as?: string },
) {
  const isDown = reach.direction === 'older'
  const { table, at, id = 'id', as = table } = by
  const [instant, row] = [sql.ref(`${as}.${at}`), sql.ref(`${as}.${id}`)]
  return <Database, Tables extends keyof Database, Row>(
    query: SelectQueryBuilder<Database, Tables, Row>,
  ): SelectQueryBuilder<Database, Tables, Row> => {
    const ordered = query
      .orderBy(instant, isDown ? 'desc' : 'asc')
      .orderBy(row, isDown ? 'desc' : 'asc')
      .limit(reach.limit)
    if (reach.mark === undefined) return ordered
    return ordered.where(
      sql<boolean>`(${instant}, ${row}) ${sql.raw(isDown ? '<' : '>')}
        (select ${sql.ref(`mark.${at}`)}, ${sql.ref(`mark.${id}`)} from ${sql.table(table)} mark
          where ${sql.ref(`mark.${id}`)} = ${reach.mark})`,
    )
  }
}
