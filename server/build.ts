import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

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

/** Builds the web application when its sources are not those of the last build. Returns whether it built. */
export async function buildWhenStale(root: string, say: (words: string) => void): Promise<boolean> {
  const wanted = hashOf(root)
  const stampFile = path.join(root, stamp)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return false
  const began = performance.now()
  say('Building the shop’s pages ...')
  await run(root)
  writeFileSync(stampFile, wanted)
  say(`Pages built (${((performance.now() - began) / 1000).toFixed(1)} s).`)
  return true
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

function run(root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const output: Buffer[] = []
    const child = spawn(
      process.execPath,
      [path.join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_ENV: 'production' },
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
