// npm start: database, schema, pages, sandbox, web server, in that order, each only as far as it is not there yet.
import { createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { request, type Server } from 'node:http'
import { createServer } from 'node:net'
import path from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { application } from './application.ts'
import { buildWhenStale } from './build.ts'
import { lockFolder } from './folder-lock.ts'
import { EmbeddedDatabaseError, keepEmbedded, type KeptServer } from './database/embedded.ts'
import { migrate, MigrationError, readMigrations } from './database/migrate.ts'
import { freePort } from './free-port.ts'
import { forwarded } from './forwarded.ts'
import { createHttpServer } from './http.ts'
import { readAhead } from './reading-ahead.ts'
import { brokenRestore, restoringFolder } from './restoring.ts'
import { provideRuntime, runtime, type Runtime } from './runtime.ts'
import { startSandboxProcess, type RunningSandbox } from './sandbox.ts'
import { readSettings, SettingsError, type Settings } from './settings.ts'
import { Visits } from './visits.ts'

const root = path.resolve(import.meta.dirname, '..')
const say = (words: string) => process.stderr.write(`${words}\n`)

// A disk that is full, a terminal that is gone: what cannot be said is not said, and nothing else is stopped by it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

/** What has to be undone when the start fails or the program ends, newest first. */
const cleanUps: (() => Promise<void> | void)[] = []

/** One Ctrl-C may arrive several times: from the terminal, from npm, and from scripts/run.mjs. */
const sameSignalMs = 1_000
/** Answers under way get this long; live streams would never end by themselves. */
const drainLimitMs = 25_000

/** A start is not held up longer by looking at the front page. */
const firstPageMs = 1_000

/** Aborted when somebody asks the program to end, which may well be in the middle of starting. */
const stopping = new AbortController()
let askedBy: NodeJS.Signals | undefined
let server: Server | undefined
endOnSignals()

try {
  await start()
} catch (error) {
  await cleanUp()
  // A signal that came while a step held the thread (making the database) is told only now.
  await new Promise((resolve) => setImmediate(resolve))
  if (stopping.signal.aborted) process.exit(0)
  if (
    error instanceof SettingsError ||
    error instanceof EmbeddedDatabaseError ||
    error instanceof MigrationError ||
    // The application is a module graph of its own: its classes are others, its names are not.
    (error instanceof Error && error.name === 'StartRefusedError')
  )
    say(error.message)
  else say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exit(1)
}

async function start(): Promise<void> {
  const began = performance.now()
  const port = process.env.PORT === '0' ? String(await freePort()) : process.env.PORT
  const settings = readSettings({ ...process.env, PORT: port }, process.cwd())
  // Said before anything is built or begun: a second start must not cost a minute, nor touch the first.
  if (!settings.databaseUrl) holdDataFolder(settings)
  await refuseTakenPort(settings)

  // Building needs the processor, the database mostly the disk: side by side.
  const building = buildWhenStale(root, say, stopping.signal)
  building.catch(() => undefined) // reported where it is awaited
  const buildFolder = path.join(root, 'build')
  const readingAhead = building.then(() => readAhead(buildFolder))
  readingAhead.catch(() => undefined) // the same
  const database = await openDatabase(settings)
  stopping.signal.throwIfAborted()
  const sandboxProcess = keptSandbox(() => startSandboxProcess(root, settings, database.url, say))
  cleanUps.unshift(() => sandboxProcess.stop())
  const sandboxStarting =
    settings.stripe.mode === 'rehearsal' && !(await usesEnteredKeys(database.url))
      ? sandboxProcess.start()
      : Promise.resolve(undefined)
  sandboxStarting.catch(() => undefined)
  await readingAhead
  const sandbox = await sandboxStarting
  stopping.signal.throwIfAborted()

  const mailboxKey = createHmac('sha256', settings.secret)
    .update('mailbox')
    .digest('base64url')
    .slice(0, 20)
  const assetsFolder = path.join(buildFolder, 'client/_app/immutable')
  const visits = new Visits()
  provideRuntime({
    settings,
    given: settings,
    sandboxProcess,
    databaseUrl: database.url,
    databaseKind: settings.databaseUrl ? 'server' : 'embedded',
    sandbox,
    mailboxKey,
    assetsFolder,
    isVisited: () => visits.areThere(),
    version: (
      JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }
    ).version,
  })

  // Kit reads these when it is loaded; http.ts sets the headers from ORIGIN and enforces the body limits.
  process.env.PROTOCOL_HEADER = forwarded.protocol
  process.env.HOST_HEADER = forwarded.host
  process.env.ADDRESS_HEADER = forwarded.client
  process.env.BODY_SIZE_LIMIT = 'Infinity'
  const { handler } = (await import(path.join(buildFolder, 'handler.js'))) as {
    handler: (request: unknown, response: unknown, next?: () => void) => void
  }
  cleanUps.unshift(() => application()?.stop())
  // Before anybody is served: whoever finds the shop ready finds the link, too.
  const setupLink = await application()?.ownerSetupLink()
  stopping.signal.throwIfAborted()

  const http = createHttpServer(
    settings,
    (request, response) => handler(request, response),
    new Set(readdirSync(assetsFolder, { recursive: true, encoding: 'utf8' })),
    visits,
  )
  await new Promise<void>((resolve, reject) => {
    http.server.once('error', (error) => reject(cannotListen(error, settings)))
    http.server.listen(settings.port, settings.host, resolve)
  })
  stopping.signal.throwIfAborted()
  server = http.server
  stopping.signal.addEventListener('abort', () => void drainAndEnd(http, settings.drainSeconds))

  await lookAtFrontPage(settings)
  welcome(settings, { setupLink, mailboxKey, seconds: (performance.now() - began) / 1000 })
}

/**
 * The first page takes twenty times as long as those after it: code that was never run, connections that are not open. So the
 * shop itself is its first visitor. What is wrong with the page is for the next one to see.
 */
async function lookAtFrontPage({ port, host, origin }: Settings): Promise<void> {
  await new Promise<void>((resolve) => {
    const asking = request({
      port,
      host: host === '0.0.0.0' || host === '::' ? 'localhost' : host,
      headers: { host: new URL(origin).host },
      timeout: firstPageMs,
    })
    asking.on('response', (answer) => answer.resume().on('close', resolve))
    asking.on('timeout', () => asking.destroy())
    asking.on('error', () => resolve())
    asking.end()
  })
}

function endOnSignals(): void {
  let askedAt: number | undefined
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (askedAt === undefined) {
        askedAt = performance.now()
        say('Stopping ...')
        askedBy = name
        stopping.abort()
      } else if (performance.now() - askedAt > sameSignalMs) {
        // Asked again: answers under way are cut off; database and sandbox are still ended in order.
        server?.closeAllConnections()
      }
    })
  }
}

async function drainAndEnd(
  http: ReturnType<typeof createHttpServer>,
  drainSeconds: number,
): Promise<void> {
  http.startDraining()
  // Nobody is refused before the proxy in front has seen that /readyz fails. Somebody at a keyboard does not wait for that.
  if (askedBy === 'SIGTERM' && drainSeconds > 0)
    await new Promise((resolve) => setTimeout(resolve, drainSeconds * 1_000))
  // A connection whose answer was begun before becomes idle afterwards, so it is looked for again and again.
  const idle = setInterval(() => http.server.closeIdleConnections(), 50)
  const limit = setTimeout(() => http.server.closeAllConnections(), drainLimitMs)
  await new Promise<void>((resolve) => http.server.close(() => resolve()))
  clearInterval(idle)
  clearTimeout(limit)
  await cleanUp()
  process.exit(0)
}

async function refuseTakenPort(settings: Settings): Promise<void> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => reject(cannotListen(error, settings)))
    probe.listen(settings.port, settings.host, () => probe.close(() => resolve()))
  })
}

/** Why this address cannot be served from, in words where the person who starts the program can do something. */
function cannotListen(error: NodeJS.ErrnoException, { port, host }: Settings): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new SettingsError(
        `Port ${port} is taken by another program. Set PORT to another number.`,
      )
    case 'EACCES':
      return new SettingsError(
        `This user may not serve from port ${port}. Set PORT to a number from 1024 on.`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SettingsError(
        `HOST ${host} is no address of this machine. 127.0.0.1 is this machine alone, 0.0.0.0 all its addresses.`,
      )
    default:
      return error
  }
}

async function openDatabase(settings: Settings): Promise<{ url: string }> {
  let url = settings.databaseUrl
  if (!url) {
    const embedded = await openEmbedded(settings)
    url = embedded.url('sundry')
    await createDatabase(embedded.url('postgres'), 'sundry')
  }
  const applied = await migrate(url, readMigrations(path.join(root, 'migrations')))
  if (applied.length > 0)
    say(
      `Database brought up to date (${applied.length} ${applied.length === 1 ? 'step' : 'steps'}).`,
    )
  return { url }
}

function holdDataFolder(settings: Settings): void {
  const lock = lockFolder(settings.dataDir, settings.origin)
  if (!lock.ok) {
    const { processId, address, since } = lock.heldBy
    throw new SettingsError(
      `${settings.dataDir} is in use: process ${processId} serves ${address} from it since ${since}.\n` +
        'Stop that one first, or set DATA_DIR to another folder. (Several processes need DATABASE_URL.)',
    )
  }
  cleanUps.unshift(() => lock.release())
  if (existsSync(path.join(settings.dataDir, restoringFolder)))
    throw new SettingsError(brokenRestore(settings.dataDir))
}

async function openEmbedded(settings: Settings): Promise<KeptServer> {
  const folder = path.join(settings.dataDir, 'postgres')
  if (!existsSync(folder)) say('Creating the database ...')
  const options = {
    folder,
    logFile: path.join(settings.dataDir, 'postgres.log'),
    durable: true,
    // Twice what a shop and its sandbox open, and some: those of a killed process live on for a moment beside the new ones.
    maxConnections: 100,
  }
  const embedded = await keepEmbedded(options, say, (error) => {
    say(error.message)
    process.exit(1) // without its database the shop is nothing; a supervisor may start it anew
  })
  if (embedded.takenOver) say('A database left running by a killed process was taken over.')
  cleanUps.unshift(() => embedded.stop())
  return embedded
}

/** Whether the owner has left the rehearsal with keys entered in the pages. The application reads the keys themselves. */
async function usesEnteredKeys(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {
    // The query under way rejects with the same error.
  })
  await client.connect()
  try {
    const { rows } = await client.query<{ uses: boolean }>(
      'select uses_keys as uses from shop_setup',
    )
    return rows[0]?.uses ?? false
  } finally {
    await client.end()
  }
}

/** The built-in sandbox of this process: at most one, begun and ended one after the other whoever asks. */
function keptSandbox(
  launch: () => Promise<RunningSandbox>,
): NonNullable<Runtime['sandboxProcess']> {
  let running: RunningSandbox | undefined
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }
  return {
    start: () =>
      inTurn(async () => {
        running ??= await launch()
        const { url, key, webhookSecret } = running
        return { url, key, webhookSecret }
      }),
    stop: () =>
      inTurn(async () => {
        await running?.stop()
        running = undefined
      }),
  }
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {
    // The query under way rejects with the same error.
  })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

function welcome(
  settings: Settings,
  {
    setupLink,
    mailboxKey,
    seconds,
  }: {
    readonly setupLink: string | undefined
    readonly mailboxKey: string
    readonly seconds: number
  },
): void {
  const lines = [
    '',
    `  Sundry is open: ${settings.origin}   (${seconds.toFixed(1)} s)`,
    ...(setupLink ? [`  Make yourself the owner (this link works once): ${setupLink}`] : []),
    ...(runtime().settings.stripe.mode === 'rehearsal'
      ? [
          `  Mail is kept here: ${settings.origin}/mailbox?key=${mailboxKey}`,
          '  Rehearsal mode: all money is play money. Pay with card 4242 4242 4242 4242.',
        ]
      : []),
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function cleanUp(): Promise<void> {
  for (const step of cleanUps.splice(0)) {
    try {
      await step()
    } catch (error) {
      say(error instanceof Error ? error.message : String(error))
    }
  }
}
