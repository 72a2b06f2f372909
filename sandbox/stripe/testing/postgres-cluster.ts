import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../../../server/database/embedded.ts'

/** A throwaway PostgreSQL for the tests of one file. */
export type Cluster = {
  /** Makes an empty database and gives its connection string. */
  database(): Promise<string>
  stop(): Promise<void>
}

export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stripe-sandbox-'))
  const server = await startEmbedded({
    folder: path.join(folder, 'cluster'),
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 60,
  })
  let made = 0
  return {
    async database() {
      made += 1
      const name = `sandbox_${made}`
      const client = new pg.Client({ connectionString: server.url('postgres') })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      return server.url(name)
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
