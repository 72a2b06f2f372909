import type { TestProject } from 'vitest/node'
import {
  createMigratedDatabase,
  onServer,
  startThrowawayServer,
} from '../scripts/throwaway-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string with the word DATABASE where a database's name goes. */
    databaseUrl: string
  }
}

export const templateName = 'sundry_template'

/**
 * One server for the run, with one migrated template that each test file copies. The server is a
 * throwaway embedded one (by its socket, or over TCP with SUNDRY_TEST_TCP), or with SUNDRY_TEST_FOREIGN the one
 * TEST_DATABASE_URL names (its role must be allowed to create databases).
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const foreign = process.env.SUNDRY_TEST_FOREIGN ? process.env.TEST_DATABASE_URL : undefined
  const server = foreign
    ? foreignServer(foreign)
    : await startThrowawayServer(process.env.SUNDRY_TEST_TCP !== undefined)
  await onServer(server.url('postgres'), `drop database if exists ${templateName} with (force)`)
  await createMigratedDatabase(server, templateName)
  project.provide('databaseUrl', server.url('DATABASE'))
  return () => server.stop()
}

function foreignServer(connection: string) {
  return {
    url(database: string) {
      const url = new URL(connection)
      url.pathname = `/${database}`
      return url.href
    },
    stop: async () => undefined,
  }
}
