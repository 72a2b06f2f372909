import { existsSync } from 'node:fs'
import path from 'node:path'
import { startEmbedded } from '../server/database/embedded.ts'
import { SettingsError, type Settings } from '../server/settings.ts'

/**
 * The shop's database for a command beside it: the server of DATABASE_URL, the embedded one that the running shop keeps, or that
 * one started for as long as the command lasts. Throws SettingsError where there is no shop.
 */
export async function openShopDatabase(
  settings: Settings,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  if (settings.databaseUrl) return { url: settings.databaseUrl, close: async () => undefined }
  const folder = path.join(settings.dataDir, 'postgres')
  if (!existsSync(folder))
    throw new SettingsError(
      `There is no shop in ${settings.dataDir} yet. Run npm start first, or set DATA_DIR.`,
    )
  const server = await startEmbedded({
    folder,
    logFile: path.join(settings.dataDir, 'postgres.log'),
    durable: true,
    maxConnections: 40,
  })
  return {
    url: server.url('sundry'),
    async close() {
      // A server that was running before belongs to the shop.
      if (!server.takenOver) await server.stop()
    },
  }
}
