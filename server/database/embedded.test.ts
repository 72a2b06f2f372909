import { mkdtempSync, rmSync } from 'node:fs'
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
