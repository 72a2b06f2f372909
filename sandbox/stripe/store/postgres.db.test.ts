import type { Cluster } from '../testing/postgres-cluster.ts'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster } from '../testing/postgres-cluster.ts'
import { AccountWriter } from './postgres-writer.ts'
import { openPostgresStore } from './postgres.ts'
import { describeStore } from './store.contract.ts'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.stop())

const openAt = (url: string, clockTable?: string): ReturnType<typeof openPostgresStore> =>
  openPostgresStore(url, { clockTable })

let shared: string | undefined
describeStore('the PostgreSQL store', async () => {
  shared ??= await cluster.database()
  const client = new pg.Client({ connectionString: shared })
  await client.connect()
  await client.query('drop schema if exists stripe_sandbox cascade')
  await client.end()
  return openAt(shared)
})

describe('several PostgreSQL stores over one database', () => {
  it('create the schema once, however many start at the same time', async () => {
    const url = await cluster.database()
    const stores = await Promise.all([openAt(url), openAt(url), openAt(url)])
    await Promise.all(stores.map((store) => store.close()))
  })

  it('write one account one after another, so no update is lost', async () => {
    const url = await cluster.database()
    const stores = await Promise.all([openAt(url), openAt(url)])
    const increment = (store: Awaited<ReturnType<typeof openAt>>): Promise<void> =>
      // Read ahead, together with the lock: what is read must be what the writer before left.
      store.write('acct_a', [{ kind: 'counter', id: 'n' }], async (unit) => {
        const before = await unit.get('counter', 'n')
        const value = Number(before?.['value'] ?? 0) + 1
        unit.put('counter', { id: 'n', object: 'counter', value })
      })
    await Promise.all(stores.flatMap((store) => Array.from({ length: 40 }, () => increment(store))))
    const [first] = stores
    const reader = await first?.read('acct_a')
    expect(await reader?.get('counter', 'n')).toMatchObject({ value: 80 })
    await Promise.all(stores.map((store) => store.close()))
  })

  it('take a delivery only once between them', async () => {
    const url = await cluster.database()
    const stores = await Promise.all([openAt(url), openAt(url)])
    await stores[0]?.write('acct_a', [], async (unit) => {
      for (let n = 0; n < 40; n += 1)
        unit.deliver({
          id: `dlv_${n}`,
          account: 'acct_a',
          event: 'evt_1',
          eventType: 'customer.created',
          endpoint: `we_${n % 3}`,
          status: 'pending',
          held: false,
          createdMs: 0,
          nextAtMs: n,
          attempts: [],
          faults: [],
          cause: 'first',
        })
    })
    const request = { untilMs: 100, perEndpoint: 100, busy: new Map(), leaseMs: 60_000 }
    const claims = await Promise.all(stores.map((store) => store.claimDeliveries(request)))
    const ids = claims.flat().map((one) => one.delivery.id)
    expect(new Set(ids).size).toBe(ids.length)
    // What one was locking the other skipped; nobody is left when both look again.
    const rest = await Promise.all(stores.map((store) => store.claimDeliveries(request)))
    expect(ids.length + rest.flat().length).toBe(40)
    await Promise.all(stores.map((store) => store.close()))
  })

  it('share one clock', async () => {
    const url = await cluster.database()
    const [one, other] = await Promise.all([openAt(url), openAt(url)])
    const told = new Promise<void>((resolve) => other.onClockMoved(() => resolve()))
    await one.setOffsetMs(3_600_000)
    await told
    expect(await other.offsetMs()).toBe(3_600_000)
    expect((await other.read('acct_a')).nowMs).toBeGreaterThan(Date.now() + 3_500_000)
    await Promise.all([one.close(), other.close()])
  })
})

describe('a clock table of somebody else', () => {
  it('is read and moved, and its owner is told', async () => {
    const url = await cluster.database()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(
      'create schema shop; create table shop.clock (offset_ms bigint); insert into shop.clock values (5000)',
    )
    const told = new Promise<void>((resolve) => client.on('notification', () => resolve()))
    await client.query('listen clock')
    const store = await openAt(url, 'shop.clock')
    expect(await store.offsetMs()).toBe(5_000)
    await store.setOffsetMs(7_000)
    await told
    const { rows } = await client.query('select offset_ms from shop.clock')
    expect(rows).toEqual([{ offset_ms: '7000' }])
    await store.close()
    await client.end()
  })

  it('must exist and have one row', async () => {
    const url = await cluster.database()
    await expect(openAt(url, 'shop.clock')).rejects.toThrow('does not exist')
    await expect(openAt(url, 'shop.clock; drop table x')).rejects.toThrow('not a table')
  })
})

describe('when the database is not there', () => {
  it('whoever waits is told so', async () => {
    const url = await cluster.database()
    const store = await openAt(url)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    // The lock of the account is held, so that the writers stand at it when they are cut off.
    await client.query('begin')
    await client.query(AccountWriter.lockSql('acct_a'))
    const write = (id: string): Promise<void> =>
      store.write('acct_a', [], async (unit) => unit.put('customer', { id, object: 'customer' }))
    const writes = Promise.allSettled([write('cus_1'), write('cus_2')])
    for (;;) {
      const { rows } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and wait_event = 'advisory'`,
      )
      if (rows.length > 0) break
    }
    expect((await writes).map((one) => one.status)).toEqual(['rejected', 'rejected'])
    await client.query('rollback')
    await client.end()
    await write('cus_3')
    expect(await (await store.read('acct_a')).get('customer', 'cus_3')).toBeDefined()
    await store.close()
  })
})

describe('after the database has cut the connections', () => {
  it('the store works again', async () => {
    const url = await cluster.database()
    const store = await openAt(url)
    await store.write('acct_a', [], async (unit) =>
      unit.put('customer', { id: 'cus_1', object: 'customer' }),
    )
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await client.end()
    // The pool finds out about a dead connection when it uses it, so the first tries may fail.
    const write = (): Promise<void> =>
      store.write('acct_a', [], async (unit) =>
        unit.put('customer', { id: 'cus_2', object: 'customer' }),
      )
    await write().catch(write)
    expect(await (await store.read('acct_a')).get('customer', 'cus_2')).toBeDefined()
    await store.close()
  })
})
