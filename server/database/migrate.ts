import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sha256: string
  readonly sql: string
}

/** Thrown with words meant for the person who starts the program; nothing was changed by the step that failed. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

/** Any number that nobody else uses: of several processes that start at once, one migrates and the others wait. */
const migrationLock = 7_341_001

/** The migrations of a folder in order: NNNN_name.sql, numbered from 1 without a gap. */
export function readMigrations(folder: string): Migration[] {
  const migrations = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file)
      if (!match?.[1] || !match[2])
        throw new MigrationError(`${file} is not named like 0001_accounts.sql.`)
      const sql = readFileSync(path.join(folder, file), 'utf8')
      return {
        number: Number(match[1]),
        name: match[2],
        sha256: createHash('sha256').update(sql).digest('hex'),
        sql,
      }
    })
  migrations.forEach((migration, index) => {
    if (migration.number !== index + 1) {
      throw new MigrationError(
        `Migration ${index + 1} is missing or double (found ${migration.number}_${migration.name}).`,
      )
    }
  })
  return migrations
}

/**
 * Brings the database to the newest schema, each step in one transaction together with its record.
 * Returns the names of the steps it applied. Throws MigrationError when an applied step was edited
 * since, when the database is newer than this program, or when a step fails (it is then undone).
 */
export async function migrate(
  databaseUrl: string,
  migrations: readonly Migration[],
): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  client.on('error', () => {
    // The query that is under way rejects with the same error; without a listener Node would end the process.
  })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query(`create table if not exists migration (
      number int primary key,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default now()
    )`)
    const { rows } = await client.query<{ number: number; name: string; sha256: string }>(
      'select number, name, sha256 from migration order by number',
    )
    refuseStrangers(rows, migrations)
    const applied: string[] = []
    for (const migration of migrations.slice(rows.length)) {
      await apply(client, migration)
      applied.push(migration.name)
    }
    return applied
  } finally {
    await client.end()
  }
}

function refuseStrangers(
  rows: readonly { number: number; name: string; sha256: string }[],
  known: readonly Migration[],
) {
  for (const row of rows) {
    const migration = known[row.number - 1]
    if (!migration) {
      throw new MigrationError(
        `The database is newer than this version of Sundry (step ${row.number}, ${row.name}). Start the newer version again.`,
      )
    }
    if (migration.sha256 !== row.sha256) {
      throw new MigrationError(
        `Migration ${row.number} (${migration.name}) was changed after it had been applied. ` +
          'Restore the file and put the change into a new migration.',
      )
    }
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin')
    await client.query(migration.sql)
    await client.query('insert into migration (number, name, sha256) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.sha256,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    const words = error instanceof Error ? error.message : String(error)
    throw new MigrationError(
      `Migration ${migration.number} (${migration.name}) failed and was undone: ${words}`,
      {
        cause: error,
      },
    )
  }
}
