import type { PoolClient } from 'pg'

const MAX_SNAPSHOTS = 5

/** Columns of each table that make up an account's state. */
const STATE = {
  object: 'account, kind, id, seq, created, inserted_ms, listed, doc',
  delivery:
    'account, id, seq, event, event_type, endpoint, status, held, created_ms, next_at_ms, attempts, faults, cause',
  task: 'account, id, seq, at_ms, type, object',
} as const

/** Copies an account's state; the newest five copies are kept. */
export async function takeSnapshot(
  client: PoolClient,
  account: string,
  id: string,
  takenAtMs: number,
): Promise<void> {
  const parts = Object.entries(STATE).map(
    ([table, columns]) =>
      `'${table}', (select coalesce(json_agg(row_to_json(s)), '[]') from (select ${columns} from stripe_sandbox.${table} where account = $1) s)`,
  )
  await client.query(
    `insert into stripe_sandbox.snapshot (account, id, taken_at_ms, content)
     select $1, $2, $3, json_build_object(${parts.join(', ')})`,
    [account, id, Math.floor(takenAtMs)],
  )
  await client.query(
    `delete from stripe_sandbox.snapshot where account = $1 and id not in (
       select id from stripe_sandbox.snapshot where account = $1
       order by taken_at_ms desc, id limit ${MAX_SNAPSHOTS})`,
    [account],
  )
}

/** Puts an account back to a copy of it; false when there is no such copy. */
export async function restoreSnapshot(
  client: PoolClient,
  account: string,
  id: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'select 1 from stripe_sandbox.snapshot where account = $1 and id = $2',
    [account, id],
  )
  if (rowCount === 0) return false
  for (const [table, columns] of Object.entries(STATE)) {
    await client.query(`delete from stripe_sandbox.${table} where account = $1`, [account])
    await client.query(
      `insert into stripe_sandbox.${table} (${columns}) overriding system value
       select ${columns.replaceAll(/\w+/g, 'r.$&')} from stripe_sandbox.snapshot s
       cross join json_populate_recordset(null::stripe_sandbox.${table}, s.content -> '${table}') r
       where s.account = $1 and s.id = $2`,
      [account, id],
    )
  }
  return true
}
