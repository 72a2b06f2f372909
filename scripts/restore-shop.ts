import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { secretMark, type Manifest } from '../src/modules/platform/server/backup/manifest.ts'
import {
  examineBackup,
  refuseFullDatabase,
  refuseFullStorage,
  refuseUnknownSchema,
  RestoreError,
  restoreBackup,
  type Restored,
  type SchemaSteps,
} from '../src/modules/platform/server/backup/read-backup.ts'
import { storage } from '../src/modules/platform/server/storage.ts'
import { isHalfMade, startEmbedded } from '../server/database/embedded.ts'
import { readMigrations } from '../server/database/migrate.ts'
import { lockFolder } from '../server/folder-lock.ts'
import { restoringFolder } from '../server/restoring.ts'
import { provideRuntime } from '../server/runtime.ts'
import { readSettings } from '../server/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface RestoreOrder {
  readonly file: string
  /** The data folder; else DATA_DIR. */
  readonly into: string | undefined
  /** Take a new secret, because the one this shop was run with is lost. */
  readonly newSecret: boolean
}

const root = path.resolve(import.meta.dirname, '..')
/** What may lie in a data folder that counts as empty: the backups, and the mark of whoever works in it right now. */
const mayStay = new Set(['backups', 'sundry.lock', restoringFolder])
/** In the staging folder: everything is laid out, only the moving is left. */
const completeMark = 'complete'

/** Restores a backup and tells what it did, line by line. Throws RestoreError, in words, when it did nothing. */
export async function restoreShop(
  order: RestoreOrder,
  environment: Environment,
  cwd: string,
): Promise<string[]> {
  const file = path.resolve(cwd, order.file)
  const dataDir = path.resolve(cwd, order.into ?? environment.DATA_DIR ?? 'data')
  const began = performance.now()
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = lockFolder(dataDir, 'a restore')
  if (!lock.ok)
    throw new RestoreError(
      `${dataDir} is in use (process ${lock.heldBy.processId}, ${lock.heldBy.address}). Stop it first, or restore into another folder: --into DIR.`,
    )
  try {
    const { manifest, secret: packed } = await examineBackup(file)
    refuseUnknownSchema(manifest, schemaSteps())
    const secret = secretFor(order, manifest, packed, environment.SUNDRY_SECRET, dataDir)
    const restored = environment.DATABASE_URL
      ? await intoServer(file, manifest, secret, dataDir, environment)
      : await intoFolder(file, manifest, secret, dataDir, environment)
    return report(
      manifest,
      restored,
      dataDir,
      environment,
      order.newSecret,
      (performance.now() - began) / 1000,
    )
  } finally {
    lock.release()
  }
}

/** The secret the shop will run with. */
function secretFor(
  order: RestoreOrder,
  manifest: Manifest,
  packed: string | undefined,
  given: string | undefined,
  dataDir: string,
): { readonly text: string; readonly isWritten: boolean } {
  const kept = path.join(dataDir, 'secret')
  if (given !== undefined) {
    if (secretMark(given.trim()) !== manifest.secretMark && !order.newSecret)
      throw new RestoreError(
        'SUNDRY_SECRET is not the one this shop was run with: what it sealed could not be opened. ' +
          (packed === undefined
            ? 'Set the right one; if it is lost, add --new-secret.'
            : 'Leave it away (the backup has its own), or add --new-secret to take the new one.'),
      )
    return { text: given.trim(), isWritten: false }
  }
  if (order.newSecret) return { text: randomBytes(32).toString('base64url'), isWritten: true }
  const own = packed ?? (existsSync(kept) ? readFileSync(kept, 'utf8').trim() : undefined)
  if (own === undefined || secretMark(own) !== manifest.secretMark)
    throw new RestoreError(
      'This shop was run with SUNDRY_SECRET, which is not in the backup. Set it as it was. If it is lost, add --new-secret: ' +
        'stored keys and authenticator apps then have to be set up again, links in sent mails end, and sales since the backup are not recognised.',
    )
  return { text: own, isWritten: true }
}

async function intoServer(
  file: string,
  manifest: Manifest,
  secret: { readonly text: string; readonly isWritten: boolean },
  dataDir: string,
  environment: Environment,
): Promise<Restored> {
  const kept = path.join(dataDir, 'secret')
  if (secret.isWritten && existsSync(kept) && readFileSync(kept, 'utf8').trim() !== secret.text)
    throw new RestoreError(
      `${kept} holds the secret of another shop. Set DATA_DIR to an empty folder.`,
    )
  const settings = readSettings(
    { ...environment, DATA_DIR: dataDir, SUNDRY_SECRET: secret.text },
    dataDir,
  )
  const url = settings.databaseUrl ?? ''
  provide(settings, url, 'server')
  const client = await connect(url)
  try {
    await refuseFullDatabase(client)
    await refuseFullStorage(storage(), manifest)
    // Before the database is committed: a shop without its secret would be worse than a secret without its shop.
    if (secret.isWritten) writeFileSync(kept, `${secret.text}\n`, { mode: 0o600 })
    return await restoreBackup(file, manifest, { client, storage: storage(), steps: schemaSteps() })
  } finally {
    await client.end()
  }
}

/**
 * Lays everything out in a folder inside of the data folder, then moves it into place. Whatever moment it is killed at, the
 * data folder is not taken for a shop before all of it is there: npm start refuses as long as the staging folder is.
 */
async function intoFolder(
  file: string,
  manifest: Manifest,
  secret: { readonly text: string; readonly isWritten: boolean },
  dataDir: string,
  environment: Environment,
): Promise<Restored> {
  const stage = path.join(dataDir, restoringFolder)
  if (existsSync(path.join(stage, completeMark))) {
    const done: Restored & { file: string } = JSON.parse(
      readFileSync(path.join(stage, completeMark), 'utf8'),
    )
    if (done.file !== manifestId(manifest))
      throw new RestoreError(
        `${dataDir} holds another restore that was broken off while it was put in place. Run that one again first, or empty the folder.`,
      )
    moveIntoPlace(stage, dataDir)
    return done
  }
  const there = readdirSync(dataDir).filter((name) => !mayStay.has(name))
  if (there.length > 0)
    throw new RestoreError(
      `${dataDir} is not empty (it has ${there[0]}). A backup is restored into an empty folder only: move what is there away, or restore elsewhere: --into DIR.`,
    )
  await clearStage(stage)
  mkdirSync(stage, { mode: 0o700, recursive: true })
  if (secret.isWritten)
    writeFileSync(path.join(stage, 'secret'), `${secret.text}\n`, { mode: 0o600 })
  const settings = readSettings(
    { ...environment, DATA_DIR: stage, SUNDRY_SECRET: secret.text },
    dataDir,
  )
  const server = await startEmbedded({
    folder: path.join(stage, 'postgres'),
    logFile: path.join(stage, 'postgres.log'),
    durable: true,
    maxConnections: 40,
  })
  let restored: Restored
  try {
    provide(settings, server.url('sundry'), 'embedded')
    await refuseFullStorage(storage(), manifest)
    const first = await connect(server.url('postgres'))
    try {
      await first.query('create database sundry')
    } finally {
      await first.end()
    }
    const client = await connect(server.url('sundry'))
    try {
      restored = await restoreBackup(file, manifest, {
        client,
        storage: storage(),
        steps: schemaSteps(),
      })
    } finally {
      await client.end()
    }
  } finally {
    await server.stop()
  }
  writeFileSync(
    path.join(stage, completeMark),
    JSON.stringify({ ...restored, file: manifestId(manifest) }),
    { flush: true },
  )
  moveIntoPlace(stage, dataDir)
  return restored
}

/**
 * A restore that was killed leaves its half, and perhaps the server that worked on it. Who was creating its database may go on for a
 * moment, and make the folder once more.
 */
async function clearStage(stage: string): Promise<void> {
  const folder = path.join(stage, 'postgres')
  if (existsSync(path.join(folder, 'postmaster.pid'))) {
    const left = await startEmbedded({
      folder,
      logFile: path.join(stage, 'postgres.log'),
      durable: true,
      maxConnections: 40,
    })
    await left.stop()
  }
  rmSync(stage, { recursive: true, force: true })
}

function moveIntoPlace(stage: string, dataDir: string): void {
  for (const name of readdirSync(stage))
    if (name !== completeMark && !isHalfMade(name, 'postgres'))
      renameSync(path.join(stage, name), path.join(dataDir, name))
  rmSync(stage, { recursive: true })
}

function manifestId(manifest: Manifest): string {
  return `${manifest.madeAt} ${manifest.secretMark.slice(0, 16)} ${manifest.shop}`
}

function provide(
  settings: ReturnType<typeof readSettings>,
  databaseUrl: string,
  databaseKind: 'embedded' | 'server',
): void {
  provideRuntime({
    settings,
    databaseUrl,
    databaseKind,
    sandbox: undefined,
    mailboxKey: '',
    version: '',
  })
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'sundry restore' })
  client.on('error', () => {
    // The query under way rejects with the same error.
  })
  await client.connect()
  return client
}

let known: SchemaSteps | undefined
function schemaSteps(): SchemaSteps {
  const sandbox = path.join(root, 'sandbox/stripe/store/migrations')
  known ??= {
    shop: readMigrations(path.join(root, 'migrations')),
    sandbox: new Map(
      readdirSync(sandbox).map((name) => [name, readFileSync(path.join(sandbox, name), 'utf8')]),
    ),
  }
  return known
}

function report(
  manifest: Manifest,
  restored: Restored,
  dataDir: string,
  environment: Environment,
  newSecret: boolean,
  seconds: number,
): string[] {
  return [
    `Restored the backup of ${manifest.madeAt} (version ${manifest.version}) into ${environment.DATABASE_URL ? 'the database' : dataDir} in ${seconds.toFixed(1)} s.`,
    `  ${restored.rows} rows of ${manifest.tables.length} tables, ${restored.files} files in ${environment.STORAGE_URL === undefined ? path.join(dataDir, 'files') : 'the place that STORAGE_URL names'}.`,
    ...manifest.files.missing.map(
      (key) => `  ${key} was not in it: it could not be read when the backup was made.`,
    ),
    ...(newSecret
      ? ['  A new secret: keys, authenticator apps and mail settings have to be entered again.']
      : []),
    '  Now: npm run check, then npm start. What was sold since that backup comes back from Stripe by itself within minutes.',
  ]
}
