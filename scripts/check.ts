// npm run check: counts what breaks the invariants on the live data. Only reads. Exit 1 when one is broken.
import { existsSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { startEmbedded } from '../server/database/embedded.ts'
import { readSettings } from '../server/settings.ts'
import { durability, invariants } from './invariants.ts'

const settings = readSettings(process.env, process.cwd())
const embedded = settings.databaseUrl ? undefined : await embeddedServer()
const client = new pg.Client({ connectionString: settings.databaseUrl ?? embedded?.url('sundry') })
client.on('error', () => {
  // The query under way rejects with the same error.
})
await client.connect()
const asked = [...invariants, durability].toSorted((one, other) => one.id.localeCompare(other.id))
let broken = 0
try {
  await client.query('begin transaction isolation level repeatable read read only')
  for (const invariant of asked) {
    const { rows } = await client.query<{ broken: string }>(invariant.sql)
    const count = Number(rows[0]?.broken ?? 0)
    if (count > 0) broken++
    process.stdout.write(
      `${invariant.id}  ${count === 0 ? 'holds ' : `BROKEN ${count}x`}  ${invariant.words}\n`,
    )
  }
  await client.query('rollback')
} finally {
  await client.end()
  // A server that was running before belongs to the shop.
  if (embedded && !embedded.takenOver) await embedded.stop()
}
process.stdout.write(`${asked.length - broken} hold, ${broken} broken\n`)
process.exit(broken === 0 ? 0 : 1)

async function embeddedServer() {
  const folder = path.join(settings.dataDir, 'postgres')
  if (!existsSync(folder)) {
    process.stderr.write(
      `There is no shop in ${settings.dataDir} yet. Run npm start first, or set DATA_DIR.\n`,
    )
    process.exit(1)
  }
  return startEmbedded({
    folder,
    logFile: path.join(settings.dataDir, 'postgres.log'),
    durable: true,
    maxConnections: 40,
  })
}
