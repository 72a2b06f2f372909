import { db, now, type Db } from '#modules/platform/server/index.ts'
import type { Person } from '../types.ts'
import { personalTables } from './store.personal-tables.ts'
import { heldIn } from './store.ts'

const rowsAtOnce = 500

/**
 * Everything that is held of a person, as JSON, piece by piece, a part for each kind of thing. Times are UTC, amounts are in minor units of the
 * currency beside them. Page after page, so that nothing is held open and nothing grows with who has been here for years.
 */
export async function* exportOf(via: Db, person: Person, shop: string): AsyncGenerator<string> {
  const at = (await now(db())).toISOString()
  yield `{\n"shop": ${JSON.stringify(shop)},\n"exportedAt": ${JSON.stringify(at)}`
  for (const table of personalTables) {
    if (table.shown === undefined) continue
    yield `,\n${JSON.stringify(table.name)}: [`
    let after = ''
    for (let isFirst = true; ;) {
      const rows = await heldIn(via, table, person, after, rowsAtOnce)
      for (const { row } of rows) {
        yield `${isFirst ? '' : ','}\n  ${JSON.stringify(row)}`
        isFirst = false
      }
      after = rows.at(-1)?.key ?? after
      if (rows.length < rowsAtOnce) break
    }
    yield ']'
  }
  yield '\n}\n'
}
