import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../server/free-port.ts'
import { root } from './child.ts'
import { Connection, requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { median } from './percentile.ts'

const starts = 5
const limitMs = 180_000

/** From `npm start` to the first whole answer of the front page, on a data folder that was used before and was left in order. */
export async function measureStart(): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-bench-start-'))
  try {
    const first = await startOnce(folder)
    const later: number[] = []
    for (let n = 0; n < starts; n++) later.push(await startOnce(folder))
    return [
      {
        name: 'later start, npm start to the front page',
        value: median(later) / 1000,
        unit: 's',
        goal: { atMost: 1.5 },
        note: `median of ${starts}; slowest ${(Math.max(...later) / 1000).toFixed(2)} s`,
      },
      {
        name: 'first start, packages and pages there already',
        value: first / 1000,
        unit: 's',
        note: 'makes the database and the example shop',
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startOnce(folder: string): Promise<number> {
  const port = await freePort()
  const began = performance.now()
  // A group of its own, so that it can be ended as a terminal ends it.
  const child = spawn('npm', ['start', '--silent'], {
    cwd: root,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, PORT: String(port), DATA_DIR: folder },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    for (;;) {
      if (child.exitCode !== null || performance.now() - began > limitMs)
        throw new Error('The shop did not start.')
      if ((await frontPageStatus(port)) === 200) return performance.now() - began
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  } finally {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
    await ended
  }
}

async function frontPageStatus(port: number): Promise<number | undefined> {
  try {
    const connection = await Connection.open(port)
    const reply = await connection.send(requestBytes('GET', '/', { host: `localhost:${port}` }))
    connection.close()
    return reply.status
  } catch {
    return undefined // nobody listens yet
  }
}
