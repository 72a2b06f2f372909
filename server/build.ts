import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { lockFolder } from './folder-lock.ts'

/** Everything the built application depends on. Folders that are missing count as empty (git keeps no empty ones). */
const sources = [
  'src',
  'server',
  'static',
  'vite.config.ts',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
]
const stamp = 'build/.source-hash'

/**
 * Builds the web application when its sources are not those of the last build. Returns whether it built.
 * stop: ends a build under way; then it throws.
 */
export async function buildWhenStale(
  root: string,
  say: (words: string) => void,
  stop?: AbortSignal,
): Promise<boolean> {
  const wanted = hashOf(root)
  const stampFile = path.join(root, stamp)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return false
  const lock = await takeTurn(path.join(root, '.cache', 'build'), stop)
  try {
    // Whoever had the turn before may have built exactly this.
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return false
    await build(root, wanted, stampFile, say, stop)
    return true
  } finally {
    lock.release()
  }
}

const longestWaitMs = 300_000

/** Of several processes that start from one folder at once, one builds and the others wait for it. */
async function takeTurn(
  folder: string,
  stop: AbortSignal | undefined,
): Promise<{ release(): void }> {
  const deadline = performance.now() + longestWaitMs
  for (;;) {
    const lock = lockFolder(folder, 'building')
    if (lock.ok) return lock
    if (performance.now() > deadline) {
      throw new Error(
        `Process ${lock.heldBy.processId} has been building since ${lock.heldBy.since}. Stop it and start again.`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    stop?.throwIfAborted()
  }
}

async function build(
  root: string,
  wanted: string,
  stampFile: string,
  say: (words: string) => void,
  stop: AbortSignal | undefined,
): Promise<void> {
  const began = performance.now()
  say('Building the shop’s pages ...')
  await run(root, stop)
  writeFileSync(stampFile, wanted)
  say(`Pages built (${((performance.now() - began) / 1000).toFixed(1)} s).`)
}

function hashOf(root: string): string {
  const hash = createHash('sha256')
  const add = (relative: string) => {
    const full = path.join(root, relative)
    if (!existsSync(full)) return
    hash.update(relative).update('\0').update(readFileSync(full)).update('\0')
  }
  for (const source of sources) {
    const full = path.join(root, source)
    if (!existsSync(full)) continue
    if (path.extname(source)) add(source)
    else {
      const files = readdirSync(full, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.(test|contract)\.ts$/.test(entry.name))
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
        .sort()
      files.forEach(add)
    }
  }
  return hash.digest('hex')
}

function run(root: string, stop: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const output: Buffer[] = []
    const child = spawn(
      process.execPath,
      [path.join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_ENV: 'production' },
        ...(stop ? { signal: stop } : {}),
      },
    )
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else
        reject(
          new Error(
            `The pages could not be built:\n${Buffer.concat(output).toString('utf8').slice(-4000)}`,
          ),
        )
    })
  })
}
