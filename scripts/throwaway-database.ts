import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../server/database/embedded.ts'
import { migrate, readMigrations } from '../server/database/migrate.ts'
import { freePort } from '../server/free-port.ts'

export const migrationsFolder = path.resolve(import.meta.dirname, '..', 'migrations')

export interface ThrowawayServer {
  /** Connection string of a database of that name on this server. */
  url(database: string): string
  stop(): Promise<void>
}

/** A PostgreSQL server in a temporary folder, without fsync, gone after stop(). tcp: reached by a port instead of a socket. */
export async function startThrowawayServer(tcp = false): Promise<ThrowawayServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-test-'))
  const tcpPort = tcp ? await freePort() : undefined
  const server = await startEmbedded({
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 200,
    tcpPort,
  })
  return {
    url: (database) =>
      tcpPort ? `postgres://sundry@127.0.0.1:${tcpPort}/${database}` : server.url(database),
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Creates an empty database and brings it to the newest schema. */
export async function createMigratedDatabase(
  server: { url(database: string): string },
  name: string,
): Promise<void> {
  await onServer(server.url('postgres'), `create database ${pg.escapeIdentifier(name)}`)
  await migrate(server.url(name), readMigrations(migrationsFolder))
}

export async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {
    // The statement under way rejects with the same error.
  })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
