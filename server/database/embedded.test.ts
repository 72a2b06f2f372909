import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

/** A folder for a database of its own, and how it is started there. */
function fresh() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-embedded-'))
  const options = {
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 10,
  }
  return { folder, options }
}

function postmasterOf(folder: string): number {
  return Number(readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])
}

test('a database that is killed is started again at the same address; one that is stopped stays stopped', async () => {
  const { folder, options } = fresh()
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
  const { folder, options } = fresh()
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
  const { folder, options } = fresh()
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

/** Runs with an `unshare` that does this instead: what a machine without user namespaces, or a Ctrl-C, makes of it. */
async function withUnshare<Result>(script: string, run: () => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-path-'))
  const before = process.env.PATH
  writeFileSync(path.join(folder, 'unshare'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  process.env.PATH = `${folder}${path.delimiter}${before}`
  try {
    return await run()
  } finally {
    process.env.PATH = before
    rmSync(folder, { recursive: true })
  }
}

function throwaway() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-user-'))
  chmodSync(folder, 0o755)
  const options = {
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 10,
  }
  return { folder, options }
}

test('a server that is still getting ready after a crash is waited for, and no second one is started beside it', async () => {
  const { folder, options } = fresh()
  const standby = path.join(options.folder, 'standby.signal')
  const settings = path.join(options.folder, 'postgresql.auto.conf')
  try {
    const first = await startEmbedded(options)
    await first.stop()
    // A standby without a hot one stays in the state of "starting up" until it is promoted.
    writeFileSync(standby, '')
    writeFileSync(settings, 'hot_standby = off\n')
    writeFileSync(options.logFile, '') // the first one may have refused somebody, too
    const starting = startEmbedded(options)
    await until('it refuses, being not ready', () =>
      readFileSync(options.logFile, 'utf8').includes('FATAL'),
    )
    let isTaken = false
    const second = startEmbedded(options).finally(() => (isTaken = true))
    await until('the second has asked it as well', () => {
      const refused = readFileSync(options.logFile, 'utf8').match(/FATAL/g) ?? []
      return isTaken || refused.length > 40
    })
    writeFileSync(path.join(options.folder, 'promote'), '')
    process.kill(postmasterOf(options.folder), 'SIGUSR1')
    const found = await second
    expect(found.takenOver).toBe(true)
    expect((await starting).processId).toBeGreaterThan(0)
    expect(readFileSync(options.logFile, 'utf8')).not.toContain('lock file')
    expect(await ask(found.url('postgres'))).toBe(1)
    await found.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

test('a lock file that is just being written is another server’s; one that a crash left empty is nobody’s', async () => {
  const { folder, options } = fresh()
  const lockFile = path.join(options.folder, 'postmaster.pid')
  try {
    await (await startEmbedded(options)).stop()
    writeFileSync(lockFile, '')
    writeFileSync(options.logFile, '')
    const server = await startEmbedded(options)
    expect(server.takenOver).toBe(false)
    expect(await ask(server.url('postgres'))).toBe(1)
    expect(readFileSync(options.logFile, 'utf8')).not.toContain('lock file')
    await server.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

test('root starts it where user namespaces are forbidden, again and again, and where they are allowed later', async () => {
  const { folder, options } = throwaway()
  const startAndStop = async () => {
    const server = await startEmbedded(options)
    expect(await ask(server.url('postgres'))).toBe(1)
    await server.stop()
  }
  // A project in a home that only root may enter cannot be run by anybody else: that is told.
  const isOutOfReach =
    process.getuid?.() === 0 &&
    spawnSync('test', ['-r', import.meta.filename], { uid: 65534, gid: 65534 }).status !== 0
  try {
    if (isOutOfReach)
      await expect(withUnshare('exit 1', startAndStop)).rejects.toThrow(/"nobody" cannot enter/)
    else {
      await withUnshare('exit 1', startAndStop)
      await withUnshare('exit 1', startAndStop)
    }
    await startAndStop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

test('a Ctrl-C while it is found out how to start leaves nothing that keeps the next start from working', async () => {
  const { folder, options } = throwaway()
  try {
    const interrupted = withUnshare('kill -INT $$', () => startEmbedded(options))
    // Whoever is not root asks nothing of the kind, and starts.
    const began = await interrupted.then(
      (server) => server.stop().then(() => 'started'),
      (error: Error) => error.message,
    )
    expect(began).toMatch(process.getuid?.() === 0 ? /interrupted/ : /started/)
    const next = await startEmbedded(options)
    expect(await ask(next.url('postgres'))).toBe(1)
    await next.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
