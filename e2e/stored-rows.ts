import type { Shop } from './shop.ts'

/** Tables in which the program notes its own going on, whatever visitors do. */
const beside = ['rate_window', 'stripe_pace', 'sync_lease', 'stripe_cursor']

/** How many rows each table holds, by its name; read behind the shop's back. */
export async function storedRows(shop: Shop): Promise<Readonly<Record<string, number>>> {
  const tables = await shop.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  )
  const names = tables.map((table) => table.name).filter((name) => !beside.includes(name))
  const counts = names.map((name) => `(select count(*)::int from "${name}") as "${name}"`)
  const [row] = await shop.query<Record<string, number>>(`select ${counts.join(', ')}`)
  if (!row) throw new Error('Nothing was counted.')
  return row
}
