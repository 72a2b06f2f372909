// Writes src/modules/platform/server/tables.ts from the migrations; with --check only compares and exits 1 when it is stale.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createMigratedDatabase, startThrowawayServer } from './throwaway-database.ts'

const root = path.resolve(import.meta.dirname, '..')
const file = path.join(root, 'src/modules/platform/server/tables.ts')
const header = '// Made by `node scripts/types.ts` from migrations/; do not edit.\n'

const server = await startThrowawayServer()
let generated: string
try {
  await createMigratedDatabase(server, 'types')
  const draft = path.join(mkdtempSync(path.join(os.tmpdir(), 'sundry-types-')), 'tables.ts')
  const result = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/kysely-codegen/dist/cli/bin.js'),
      '--dialect=postgres',
      `--url=${server.url('types')}`,
      `--out-file=${draft}`,
      '--exclude-pattern=migration',
      '--type-only-imports',
      '--log-level=error',
    ],
    { encoding: 'utf8' },
  )
  if (result.status !== 0)
    throw new Error(`kysely-codegen failed: ${result.stderr}${result.stdout}`)
  // int8 is read as a number (server/database.ts): amounts and counters stay far below 2^53, and the parser refuses what does not.
  generated =
    header +
    readFileSync(draft, 'utf8').replace(
      /^export type Int8 = .*$/m,
      'export type Int8 = ColumnType<number, number, number>;',
    )
} finally {
  await server.stop()
}

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== generated) {
    process.stderr.write(
      'src/modules/platform/server/tables.ts is stale: run `node scripts/types.ts`.\n',
    )
    process.exit(1)
  }
} else {
  writeFileSync(file, generated)
}
