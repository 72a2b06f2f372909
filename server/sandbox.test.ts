import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { afterEach, expect, test } from 'vitest'
import { startSandboxProcess, type RunningSandbox } from './sandbox.ts'
import { readSettings } from './settings.ts'

/** A folder with a sandbox program of the test's own: it notes its process id, and how it behaves is told by a file. */
function program(): { root: string; ids: () => number[]; behave: (how: string) => void } {
  const root = mkdtempSync(path.join(os.tmpdir(), 'sundry-sandbox-'))
  mkdirSync(path.join(root, 'sandbox/stripe'), { recursive: true })
  const ids = path.join(root, 'ids')
  const how = path.join(root, 'how')
  writeFileSync(ids, '')
  writeFileSync(how, 'well')
  writeFileSync(
    path.join(root, 'sandbox/stripe/main.ts'),
    `import { appendFileSync, readFileSync } from 'node:fs'
     appendFileSync(${JSON.stringify(ids)}, process.pid + '\\n')
     if (readFileSync(${JSON.stringify(how)}, 'utf8') === 'badly') process.exit(3)
     console.log('{"listening":"http://127.0.0.1:4242"}')
     process.stdin.resume().on('end', () => process.exit(0))`,
  )
  return {
    root,
    ids: () => readFileSync(ids, 'utf8').trim().split('\n').map(Number),
    behave: (words) => writeFileSync(how, words),
  }
}

const settings = readSettings(
  { DATA_DIR: mkdtempSync(path.join(os.tmpdir(), 'sundry-sandbox-data-')) },
  process.cwd(),
)
let running: RunningSandbox | undefined
afterEach(() => running?.stop())

const patient = { timeout: 20_000, interval: 20 }

test('a sandbox that dies is started again, also when starting it fails at first', async () => {
  const { root, ids, behave } = program()
  const told: string[] = []
  running = await startSandboxProcess(root, settings, 'postgres://none', (words) =>
    told.push(words),
  )
  expect(running.url).toBe('http://127.0.0.1:4242')
  behave('badly')
  process.kill(ids()[0] ?? 0, 'SIGKILL')
  await expect.poll(() => ids().length, patient).toBeGreaterThanOrEqual(3)
  behave('well')
  const before = ids().length
  await expect.poll(() => ids().length, patient).toBeGreaterThan(before)
  await expect.poll(() => told.at(-1), patient).toMatch(/runs again/)
  const settled = ids().length
  process.kill(ids()[settled - 1] ?? 0, 'SIGKILL')
  await expect.poll(() => ids().length, patient).toBeGreaterThan(settled)
}, 60_000)

test('stopping comes to an end while a killed sandbox waits to be started again, and starts none', async () => {
  const { root, ids } = program()
  const told: string[] = []
  running = await startSandboxProcess(root, settings, 'postgres://none', (words) =>
    told.push(words),
  )
  process.kill(ids()[0] ?? 0, 'SIGKILL')
  await expect.poll(() => told.length, patient).toBeGreaterThan(0)
  await running.stop()
  expect(ids()).toHaveLength(1)
}, 60_000)
