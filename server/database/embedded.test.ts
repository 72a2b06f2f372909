import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { until } from '../../test/until.ts'
import { keepEmbedded, startEmbedded } from './embedded.ts'

async function ask(url: string): Promise<number | undefined> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // the query under way rejects with the same error
  try {
    await client.connect()
    return (await client.query<{ one: number }>('select 1 as one')).rows[0]?.one
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}

test('a database that is killed is started again at the same address; one that is stopped stays stopped', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-keep-'))
  const options = {
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 10,
  }
  const told: string[] = []
  try {
    const kept = await keepEmbedded(
      options,
      (words) => told.push(words),
      (error) => told.push(error.message),
    )
    const url = kept.url('postgres')
    expect(await ask(url)).toBe(1)
    const before = kept.processId
    process.kill(before, 'SIGKILL')
    await until('it answers again', async () => kept.processId !== before && (await ask(url)) === 1)
    expect(told).toEqual(['The database ended by itself; starting it again.'])

    // A second owner of the folder finds the running server instead of starting another.
    const other = await startEmbedded(options)
    expect(other).toMatchObject({ takenOver: true, processId: kept.processId })

    await kept.stop()
    expect(await ask(url)).toBeUndefined()
    expect(told).toHaveLength(1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

test('a lock file left by a crash, whose number is another process’s now, does not keep the shop from starting', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-lock-'))
  const options = {
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 10,
  }
  const lockFile = path.join(options.folder, 'postmaster.pid')
  const stranger = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
  try {
    const first = await startEmbedded(options)
    const left = readFileSync(lockFile, 'utf8')
    const socketLock = `${new URL(first.url('postgres')).searchParams.get('host')}/.s.PGSQL.5432.lock`
    const leftBySocket = readFileSync(socketLock, 'utf8')
    await first.stop()
    writeFileSync(lockFile, left.replace(/^\d+/, String(stranger.pid)))
    writeFileSync(socketLock, leftBySocket.replace(/^\d+/, String(stranger.pid)))

    const second = await startEmbedded(options)
    expect(second.takenOver).toBe(false)
    expect(await ask(second.url('postgres'))).toBe(1)
    await second.stop()
  } finally {
    stranger.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

test('killed together with its shop, it starts again as soon as nothing of it is left', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-gone-'))
  const options = {
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 10,
  }
  try {
    for (let round = 0; round < 3; round++) {
      const server = await startEmbedded(options)
      expect(server.takenOver).toBe(false)
      // The server alone dies at once; its other processes find out a moment later.
      process.kill(server.processId, 'SIGKILL')
    }
    const last = await startEmbedded(options)
    expect(await ask(last.url('postgres'))).toBe(1)
    await last.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
