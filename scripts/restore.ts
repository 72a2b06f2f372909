// npm run restore FILE [--into DIR] [--new-secret]: brings back what npm run backup wrote, into an empty data folder or an
// empty database (DATABASE_URL). All or nothing: broken off at any moment, it can be run again.
import process from 'node:process'
import { RestoreError } from '../src/modules/platform/server/backup/read-backup.ts'
import { StorageUnavailableError } from '../src/modules/platform/server/storage-port.ts'
import { EmbeddedDatabaseError } from '../server/database/embedded.ts'
import { SettingsError } from '../server/settings.ts'
import { restoreShop } from './restore-shop.ts'

const usage = 'npm run restore FILE [--into DIR] [--new-secret]'

try {
  const order = readOrder(process.argv.slice(2))
  for (const line of await restoreShop(order, process.env, process.cwd()))
    process.stdout.write(`${line}\n`)
} catch (error) {
  const isTold =
    error instanceof RestoreError ||
    error instanceof SettingsError ||
    error instanceof EmbeddedDatabaseError ||
    error instanceof StorageUnavailableError
  process.stderr.write(
    `${isTold ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exitCode = 1
}

function readOrder(args: readonly string[]): {
  file: string
  into: string | undefined
  newSecret: boolean
} {
  let file: string | undefined
  let into: string | undefined
  let newSecret = false
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    if (word === '--new-secret') newSecret = true
    else if (word === '--into' && args[at + 1] !== undefined) into = args[++at]
    else if (word.startsWith('-') || file !== undefined) throw new RestoreError(usage)
    else file = word
  }
  if (file === undefined) throw new RestoreError(usage)
  return { file, into, newSecret }
}
