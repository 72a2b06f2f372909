// npm run owner-recovery: prints a link for an owner who lost every second factor. Whoever can run this owns the shop's data
// anyway. Nothing changes before the link is used: decision 0014.
import { existsSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { prepareOwnerRecovery } from '../src/modules/accounts/server/index.ts'
import { closeDatabase, inTransaction } from '../src/modules/platform/server/index.ts'
import { startEmbedded } from '../server/database/embedded.ts'
import { provideRuntime } from '../server/runtime.ts'
import { readSettings, SettingsError } from '../server/settings.ts'

try {
  process.exitCode = await printLink()
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

async function printLink(): Promise<number> {
  const settings = readSettings(process.env, process.cwd())
  const folder = path.join(settings.dataDir, 'postgres')
  if (!settings.databaseUrl && !existsSync(folder)) {
    process.stderr.write(
      `There is no shop in ${settings.dataDir} yet. Run npm start first, or set DATA_DIR.\n`,
    )
    return 1
  }
  const embedded = settings.databaseUrl
    ? undefined
    : await startEmbedded({
        folder,
        logFile: path.join(settings.dataDir, 'postgres.log'),
        durable: true,
        maxConnections: 40,
      })
  try {
    provideRuntime({
      settings,
      databaseUrl: settings.databaseUrl ?? embedded?.url('sundry') ?? '',
      databaseKind: embedded ? 'embedded' : 'server',
      sandbox: undefined,
      mailboxKey: '',
      version: '',
    })
    const token = await inTransaction(prepareOwnerRecovery)
    if (!token) {
      process.stderr.write('The shop has no owner yet: npm start prints the link to become it.\n')
      return 1
    }
    process.stdout.write(
      `Open this link within half an hour, once. It takes away every second factor of the owner, ends all\n` +
        `sessions and lets you choose a new password:\n\n  ${settings.origin}/sign-in/recover/${token}\n`,
    )
    return 0
  } finally {
    await closeDatabase()
    // A server that was running before belongs to the shop.
    if (embedded && !embedded.takenOver) await embedded.stop()
  }
}
