import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { provideRuntime } from '#server/runtime.ts'
import { useDatabase } from '../../../../test/database.ts'
import { until } from '../../../../test/until.ts'
import { closeDatabase, db, inTransaction, runtime } from './index.ts'

const { url } = useDatabase()

/** A wire to the database that can go silent: nothing passes any more and nothing is closed, as when its machine loses power. */
async function wireTo(database: string) {
  const target = new URL(database)
  const socketFolder = target.searchParams.get('host')
  const open = new Set<Socket>()
  const held: Socket[] = []
  let silent = false
  const wire = createServer((near) => {
    open.add(near)
    near.on('error', () => undefined)
    if (silent) return
    const far = socketFolder
      ? connect(path.join(socketFolder, `.s.PGSQL.${target.searchParams.get('port') || 5432}`))
      : connect(Number(target.port || 5432), target.hostname)
    open.add(far)
    far.on('error', () => undefined)
    near.on('data', (bytes) => open.has(near) && far.write(bytes))
    far.on('data', (bytes) => open.has(near) && near.write(bytes))
  })
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = wire.address() as AddressInfo
  return {
    url: `postgres://${target.username || 'sundry'}${target.password ? `:${target.password}` : ''}@127.0.0.1:${port}${target.pathname}`,
    goSilent() {
      silent = true
      held.push(...open)
      open.clear()
    },
    /** For new connections; those of before stay as they are. */
    comeBack() {
      silent = false
    },
    close() {
      for (const socket of [...open, ...held]) socket.destroy()
      wire.close()
    },
  }
}
test('a database that goes silent without a word is given up on in time, and asked anew when it is back', async () => {
  const before = runtime()
  const wire = await wireTo(url())
  await closeDatabase()
  provideRuntime({ ...before, databaseUrl: wire.url })
  const ask = () => sql<{ one: number }>`select 1 as one`.execute(db('money'))
  try {
    // Connections that stand and are idle, as they are most of the time.
    await Promise.all(Array.from({ length: 6 }, ask))
    wire.goSilent()
    const answers = await Promise.allSettled([
      ...Array.from({ length: 6 }, ask),
      inTransaction((tx) => sql`select 1`.execute(tx), 'money'),
    ])
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 'rejected'))
    wire.comeBack()
    await until('it answers again', () =>
      ask().then(
        () => true,
        () => false,
      ),
    )
    // None of the dead connections is left in the pool.
    await Promise.all(Array.from({ length: 6 }, ask))
  } finally {
    await closeDatabase()
    wire.close()
    provideRuntime(before)
  }
})
