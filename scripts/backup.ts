// npm run backup [FILE]: the whole shop, database and files, in one file, while it runs. Without FILE it goes to BACKUP_DIR
// (DATA_DIR/backups) beside those that the running shop makes by itself. Back with npm run restore FILE.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { BackupError } from '../src/modules/platform/server/backup/write-backup.ts'
import { backupOfShop } from '../src/modules/platform/server/backups.ts'
import { StorageUnavailableError } from '../src/modules/platform/server/storage-port.ts'
import { EmbeddedDatabaseError } from '../server/database/embedded.ts'
import { provideRuntime } from '../server/runtime.ts'
import { readSettings, SettingsError } from '../server/settings.ts'
import { openShopDatabase } from './running-database.ts'

try {
  process.exitCode = await backUp(process.argv.slice(2))
} catch (error) {
  const isTold =
    error instanceof SettingsError ||
    error instanceof BackupError ||
    error instanceof EmbeddedDatabaseError ||
    error instanceof StorageUnavailableError
  process.stderr.write(
    `No backup was made. ${isTold ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exitCode = 1
}

async function backUp([file, ...rest]: readonly string[]): Promise<number> {
  if (rest.length > 0 || file?.startsWith('-')) {
    process.stderr.write('npm run backup [FILE]\n')
    return 2
  }
  const settings = readSettings(process.env, process.cwd())
  const database = await openShopDatabase(settings)
  try {
    provideRuntime({
      settings,
      databaseUrl: database.url,
      databaseKind: settings.databaseUrl ? 'server' : 'embedded',
      sandbox: undefined,
      mailboxKey: '',
      version: programVersion(),
    })
    const result = await backupOfShop('asked', file && path.resolve(file))
    if (!result.ok) {
      process.stderr.write(
        'Another backup of this shop is being made right now. Try again when it is done.\n',
      )
      return 1
    }
    const { files, tables, secret } = result.manifest
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    process.stdout.write(
      `${result.place}\n  ${(result.bytes / 1_000_000).toFixed(1)} MB: ${rows} rows of ${tables.length} tables, ${files.count} files.\n` +
        (secret === 'inside'
          ? '  The shop’s secret is in it: keep the file as you keep your keys.\n'
          : '  SUNDRY_SECRET is not in it: without that variable what is sealed cannot be opened again. Keep it elsewhere.\n'),
    )
    for (const key of files.missing)
      process.stderr.write(`  ${key} could not be read whole and is not in it.\n`)
    return 0
  } finally {
    await database.close()
  }
}

function programVersion(): string {
  const file = path.resolve(import.meta.dirname, '..', 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
