import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-folder-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const dead = { processId: 2 ** 22 + 1, began: 'long ago', address: 'somewhere', since: 'then' }
const leaveADeadLock = () => writeFileSync(path.join(folder, 'sundry.lock'), JSON.stringify(dead))

test('the second who asks is told who holds it; released, it is free', () => {
  const first = lockFolder(folder, 'http://localhost:1')
  expect(first.ok).toBe(true)
  expect(lockFolder(folder, 'http://localhost:2')).toMatchObject({
    ok: false,
    heldBy: { processId: process.pid, address: 'http://localhost:1' },
  })
  if (first.ok) first.release()
  expect(lockFolder(folder, 'http://localhost:3').ok).toBe(true)
})

test('what the dead left is taken over, half a lock too', () => {
  leaveADeadLock()
  const first = lockFolder(folder, 'http://localhost:1')
  expect(first.ok).toBe(true)
  if (first.ok) first.release()
  writeFileSync(path.join(folder, 'sundry.lock'), '{"processId":')
  expect(lockFolder(folder, 'http://localhost:1').ok).toBe(true)
})

test('who was killed while clearing a dead lock stops nobody for ever', () => {
  leaveADeadLock()
  const clearing = path.join(folder, 'sundry.lock.clearing')
  mkdirSync(clearing)
  utimesSync(clearing, new Date(0), new Date(0))
  expect(lockFolder(folder, 'http://localhost:1').ok).toBe(true)
})

test('of many who start at once after a crash, one gets it', async () => {
  leaveADeadLock()
  const script = `
    import { lockFolder } from ${JSON.stringify(path.join(import.meta.dirname, 'folder-lock.ts'))}
    process.stdin.once('data', () => {
      process.stdout.write(lockFolder(${JSON.stringify(folder)}, 'here').ok ? 'mine' : 'held')
      process.stdin.once('data', () => process.exit())
    })
    process.stdout.write('ready ')`
  const runs = Array.from({ length: 8 }, () => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script])
    const told: { words: string } = { words: '' }
    const heard = (wanted: RegExp) =>
      new Promise<void>((resolve, reject) => {
        child.once('exit', () => reject(new Error(`It ended early: ${told.words}`)))
        const look = () => wanted.test(told.words) && resolve()
        child.stdout.on('data', look)
        look()
      })
    child.stdout.on('data', (chunk: Buffer) => (told.words += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (told.words += chunk.toString()))
    return { child, told, heard }
  })
  try {
    await Promise.all(runs.map(({ heard }) => heard(/ready /)))
    for (const { child } of runs) child.stdin.write('go')
    await Promise.all(runs.map(({ heard }) => heard(/mine|held/)))
    expect(runs.filter(({ told }) => told.words.includes('mine'))).toHaveLength(1)
  } finally {
    for (const { child } of runs) {
      child.removeAllListeners('exit')
      child.kill('SIGKILL')
    }
  }
}, 30_000)
