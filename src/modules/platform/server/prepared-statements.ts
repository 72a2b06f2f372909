import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'
import { sqlState } from './sql-state.ts'

/** A statement that comes this often is worth a name; what is asked once or twice is not. */
const worthANameFrom = 3
/** A connection keeps the plan of every named statement; texts beyond this stay without a name (lists of any length make many). */
const mostNames = 300

const uses = new Map<string, number>()
const names = new Map<string, string>()
let made = 0

/**
 * A pool for Kysely whose statements PostgreSQL parses and plans once a connection instead of every time: for the small
 * queries here that is most of their cost. Only statements with parameters, told apart by their text.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  // Kysely knows its connections by the object it is given: the same one for the same connection.
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const seen = known.get(client) ?? preparingClient(client)
      known.set(client, seen)
      return seen
    },
  }
}

function preparingClient(client: pg.PoolClient): PostgresPoolClient {
  // Nobody knows what it is doing, nor whether its answer ever comes: it is used no more, not even to roll back.
  let isSilent = false
  const query = async (text: string, parameters: readonly unknown[]) => {
    if (isSilent) throw new Error('The database did not answer in time on this connection.')
    const name = parameters.length > 0 ? nameOf(text) : undefined
    try {
      return await client.query({ ...(name && { name }), text, values: [...parameters] })
    } catch (error) {
      // Its result looks different since another version changed a table: from now on it is planned anew, under another name.
      if (name && sqlState(error) === featureNotSupported) names.delete(text)
      if (error instanceof Error && error.message === silence) isSilent = true
      throw error
    }
  }
  return {
    // pg's own types tell results by their rows alone; Kysely asks for command and rowCount too, which are there.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy || isSilent),
  }
}

const featureNotSupported = '0A000'
/** How pg tells that query_timeout has passed; it has no code. */
const silence = 'Query read timeout'

function nameOf(text: string): string | undefined {
  const name = names.get(text)
  if (name !== undefined || names.size >= mostNames) return name
  if (uses.size >= 10 * mostNames) uses.clear()
  const used = (uses.get(text) ?? 0) + 1
  uses.set(text, used)
  if (used < worthANameFrom) return undefined
  uses.delete(text)
  const fresh = `s${++made}`
  names.set(text, fresh)
  return fresh
}
