// npm run dev: the real program, started again whenever a source changed. Forms, cookies and policies behave as they will in use,
// which a development server of the framework would not show.
import { spawn, type ChildProcess } from 'node:child_process'
import { watch } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

const root = path.resolve(import.meta.dirname, '..')
const settleMs = 200

let child: ChildProcess | undefined
let restart: NodeJS.Timeout | undefined
let ending = false

function start(): void {
  child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.join(root, 'server/main.ts')],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  child.on('exit', (code) => {
    child = undefined
    if (ending) process.exit(code ?? 0)
    process.stderr.write('Waiting for a change ...\n')
  })
}

function changed(): void {
  clearTimeout(restart)
  restart = setTimeout(() => {
    const old = child
    if (!old) return start()
    old.once('exit', start)
    old.kill('SIGTERM')
  }, settleMs)
}

for (const folder of ['src', 'server', 'sandbox', 'migrations', 'static']) {
  watch(path.join(root, folder), { recursive: true }, changed).on('error', () => {
    // A folder that is not there yet is not watched; it is there after the next start.
  })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    ending = true
    if (child) child.kill(signal)
    else process.exit(0)
  })
}
start()
