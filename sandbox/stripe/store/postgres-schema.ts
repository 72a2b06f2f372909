import type { Pool } from 'pg'
import { readdir, readFile } from 'node:fs/promises'

const FOLDER = new URL('./migrations/', import.meta.url)

/** One sandbox process at a time brings the schema up to date. */
const LOCK = [0x53_54, 0] as const

/**
 * Creates schema `stripe_sandbox` or brings it up to date: each numbered file once, in order, in a
 * transaction of its own. Throws when the database was made by a newer sandbox.
 */
export async function migrate(pool: Pool): Promise<void> {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort()
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1, $2)', [...LOCK])
    await client.query('create schema if not exists stripe_sandbox')
    await client.query(
      'create table if not exists stripe_sandbox.migration (name text primary key, applied_at timestamptz not null default now())',
    )
    const { rows } = await client.query<{ name: string }>(
      'select name from stripe_sandbox.migration',
    )
    const applied = new Set(rows.map((row) => row.name))
    const unknown = [...applied].find((name) => !files.includes(name))
    if (unknown !== undefined)
      throw new Error(
        `The database has ${unknown}, which this sandbox does not know: it was made by a newer one.`,
      )
    for (const file of files) {
      if (applied.has(file)) continue
      await client.query(await readFile(new URL(file, FOLDER), 'utf8'))
      await client.query('insert into stripe_sandbox.migration (name) values ($1)', [file])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}
