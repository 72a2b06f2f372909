// The door of every npm script. Uses only what Node 20 ships: it runs before anything is installed.
// It brings the packages up to date with the lock file, picks the Node that Sundry is written for,
// and hands over to the step that was asked for.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)

const steps = {
  start: 'server/main.ts',
  dev: 'scripts/dev.ts',
  test: 'scripts/test.ts',
  check: 'scripts/check.ts',
  backup: 'scripts/backup.ts',
  restore: 'scripts/restore.ts',
  'two-processes': 'scripts/two-processes.ts',
  'rolling-deploy': 'scripts/rolling-deploy.ts',
  'restore-drill': 'scripts/restore-drill.ts',
  bench: 'bench/run.ts',
  'billing-books': 'sandbox/stripe/conformance/books-report.ts',
  'fail-nth': 'scripts/fail-nth.ts',
  'mirror-sweep': 'scripts/mirror-sweep.ts',
  'kill-loop': 'scripts/kill-loop.ts',
  cases: 'scripts/cases.ts',
  'ics-python': 'scripts/ics-python.ts',
  scenarios: 'scripts/scenarios.ts',
  'owner-recovery': 'scripts/owner-recovery.ts',
}

const [step = 'start', ...rest] = process.argv.slice(2)
const entry = steps[step]
if (!entry) stop(`There is no step "${step}". Known steps: ${Object.keys(steps).join(', ')}.`)

installWhenStale()
handOver(nodeToUse(), [entry, ...rest])

/** Runs `npm ci` when the lock file is not the one that was installed last. */
function installWhenStale() {
  const stampFile = path.join(root, 'node_modules', '.sundry-lock')
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : ''
  if (installed === wanted) return

  const began = Date.now()
  say(installed ? 'Packages changed; installing them ...' : 'First start: installing packages ...')
  if (existsSync(stampFile)) rmSync(stampFile)
  // npm_execpath is npm's own script when we were started by `npm start`; it is then run by the
  // same Node, which also works where npm is a shell wrapper or a .cmd file.
  const npmCli = process.env.npm_execpath
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const result =
    npmCli && npmCli.endsWith('.js')
      ? spawnSync(process.execPath, [npmCli, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
      : spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
          stdio: ['ignore', 'ignore', 'inherit'],
          shell: process.platform === 'win32',
        })
  if (result.error)
    stop(`npm could not be started: ${result.error.message}. Install npm and try again.`)
  if (result.status !== 0) {
    stop(
      'The packages could not be installed (npm ci failed, see above).\n' +
        'Check that the package registry can be reached and that this folder is writable, then run the command again.',
    )
  }
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, wanted + '\n')
  say(`Packages installed (${((Date.now() - began) / 1000).toFixed(1)} s).`)
}

/** The Node that came with the packages; else the one we run on, if it is new enough to run TypeScript. */
function nodeToUse() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  const bundled = path.join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', binary)
  if (existsSync(bundled) && spawnSync(bundled, ['--version'], { stdio: 'ignore' }).status === 0)
    return bundled
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath
  return stop(
    `Sundry brings its own Node for most machines, but not for ${process.platform} ${process.arch},\n` +
      `and the Node here is ${process.versions.node}. Install Node 24 (22.18 is the oldest that works) and try again.`,
  )
}

function handOver(node, args) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: 'inherit',
    env: {
      // What Node has compiled once it need not compile again: a third off the time of a later start.
      NODE_COMPILE_CACHE: path.join(root, 'node_modules', '.cache', 'compiled'),
      ...process.env,
      PATH: path.dirname(node) + path.delimiter + (process.env.PATH ?? ''),
    },
  })
  // Ctrl-C reaches the whole foreground group by itself; a signal sent to this process alone does not.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => stop(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}

function say(words) {
  process.stderr.write(`${words}\n`)
}

function stop(words) {
  say(words)
  process.exit(1)
}
