import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type RunningSandbox } from '../../sandbox/stripe/index.ts'
import {
  migrationsFolder,
  onServer,
  startThrowawayServer,
} from '../../scripts/throwaway-database.ts'
import { readMigrations } from '../../server/database/migrate.ts'
import { until } from '../until.ts'
import { makePlan, newPerson, pressSubscribe } from './people.ts'
import { ProgramRun } from './program.ts'
import { ShopProcess } from './shop.ts'

const runs: ProgramRun[] = []
const folders: string[] = []
const newFolder = () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-restore-'))
  folders.push(folder)
  return folder
}
const run = (command: readonly string[], settings: Record<string, string>) => {
  const started = new ProgramRun(command, settings)
  runs.push(started)
  return started
}
afterEach(async () => {
  for (const left of runs.splice(0)) {
    if (!left.hasEnded) left.child.kill('SIGKILL')
    await left.ended()
  }
})
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

describe('a shop that sells for real is lost and brought back', () => {
  const stripeKey = 'sk_test_ofabackup'
  const webhookSecret = 'whsec_ofabackup'
  let stripe: RunningSandbox
  const lost = new ShopProcess()
  const found = new ShopProcess()
  beforeAll(async () => {
    stripe = await startSandbox({ store: 'memory', key: stripeKey, rateLimit: 'off' })
  })
  afterAll(async () => {
    await lost.stop()
    await found.stop()
    await stripe.close()
  })
  const stripeCall = async (name: string, body: object, method: 'POST' | 'PUT' = 'POST') => {
    const answer = await fetch(`${stripe.url}/_sandbox/${name}`, {
      method,
      headers: { authorization: `Bearer ${stripeKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`)
  }

  test('restored into an empty folder it is whole, the check is clean, sales made since the backup come back from Stripe, sessions stay and subscriptions renew [commerce 78] (M40, I01-I07)', async () => {
    // The example shop, then real keys: Stripe is another program with a memory of its own.
    await lost.start()
    await lost.kill()
    const keys = {
      STRIPE_SECRET_KEY: stripeKey,
      STRIPE_API_BASE: stripe.url,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_CALLS_PER_SECOND: '100',
      TRUSTED_PROXIES: '1',
    }
    Object.assign(lost.environment, keys)
    await lost.start()
    const webhook = { name: 'shop', url: `${lost.origin}/webhooks/stripe`, secret: webhookSecret }
    await stripeCall('endpoint', { ...webhook, enabled_events: ['*'] }, 'PUT')
    const sell = async (buyer: string) => {
      expect(await lost.buy()).toBe(303)
      const checkout = await lost.newestCheckout()
      await stripeCall('pay', {
        session: checkout?.stripe_session_id,
        email: `${buyer}@example.com`,
      })
      await until(
        'it is delivered',
        async () => (await lost.outcome(checkout?.id ?? ''))?.orders?.toString() === '1',
      )
      return checkout?.id ?? ''
    }
    const before = [await sell('ada'), await sell('grace')]
    const secret = readFileSync(path.join(lost.dataDir, 'secret'), 'utf8').trim()
    const planId = await makePlan(lost, await newPerson(lost, secret, 'owner'), 'Supporter')
    const member = await newPerson(lost, secret, 'member')
    await stripeCall('pay', { session: await pressSubscribe(lost, member, planId) })
    const periodsOf = async (shop: ShopProcess) => {
      const [row] = await shop.query<{ given: number }>(
        'select count(*)::int as given from allotment a join subscription s on s.id = a.subscription_id where s.member_id = $1',
        [member.id],
      )
      return row?.given
    }
    await until('the first period is given', async () => (await periodsOf(lost)) === 1)
    const file = path.join(newFolder(), 'shop.tar.gz')
    const backup = run(['scripts/backup.ts', file], { DATA_DIR: lost.dataDir })
    expect([await backup.ended(), backup.output]).toEqual([0, expect.stringContaining('is in it')])
    const after = [await sell('edsger'), await sell('barbara')]
    await lost.kill()

    const restore = run(['scripts/restore.ts', file, '--into', found.dataDir], {})
    expect([await restore.ended(), restore.output]).toEqual([
      0,
      expect.stringContaining('Restored'),
    ])
    const check = run(['scripts/check.ts'], { DATA_DIR: found.dataDir })
    expect([await check.ended(), check.output]).toEqual([0, expect.stringContaining(' 0 broken')])

    Object.assign(found.environment, keys)
    await found.start()
    for (const id of [...before, ...after])
      await until(
        'every sale is there',
        async () => (await found.outcome(id))?.entitlements?.toString() === '1',
        90_000,
      )
    for (const id of [...before, ...after])
      expect(await found.outcome(id)).toMatchObject({
        state: 'paid',
        orders: 1,
        payments: 1,
        entitlements: 1,
        receipts: 1,
      })
    // Who was signed in still is, and what renews is heard of.
    await stripeCall(
      'endpoint',
      { ...webhook, url: `${found.origin}/webhooks/stripe`, enabled_events: ['*'] },
      'PUT',
    )
    const account = await fetch(`${found.origin}/dashboard/membership`, {
      headers: { cookie: member.cookie, accept: 'text/html' },
      redirect: 'manual',
    })
    expect([account.status, await account.text()]).toEqual([
      200,
      expect.stringContaining('Supporter'),
    ])
    await stripeCall('clock', { advance: '32d' })
    await until('the next period is given', async () => (await periodsOf(found)) === 2, 60_000)
    expect(await found.brokenInvariants()).toEqual([])
    const again = run(['scripts/restore.ts', file, '--into', found.dataDir], {})
    expect(await again.ended()).toBe(1)
    expect(again.output).toMatch(/is in use/)
  })
})

describe('killed', () => {
  test('C42: in the middle of a backup: the shop sells on, no half file is taken for a backup, the next one is whole', async () => {
    const shop = new ShopProcess()
    await shop.start()
    await shop.query(
      `insert into audit_entry (actor_kind, action, subject_kind, subject_id, detail)
       select 'system', 'test.filler', 'test', n::text, jsonb_build_object('text', md5(n::text) || md5((n + 1)::text)) from generate_series(1, 150000) n`,
    )
    const backups = path.join(shop.dataDir, 'backups')
    for (let round = 0; round < 2; round++) {
      const killed = run(['scripts/backup.ts'], { DATA_DIR: shop.dataDir })
      await until('it writes', async () => {
        const [newest] = await shop.query<{ id: number }>(
          'select max(id)::int as id from backup_run',
        )
        return (
          newest?.id === round + 1 && readdirSync(backups).some((name) => name.endsWith('.part'))
        )
      })
      await pause(round * 150)
      killed.child.kill('SIGKILL')
      await killed.ended()
      expect(readdirSync(backups).filter((name) => name.endsWith('.gz'))).toEqual([])
      expect(await shop.buy()).toBe(303)
    }
    const whole = run(['scripts/backup.ts'], { DATA_DIR: shop.dataDir })
    expect([await whole.ended(), whole.output]).toEqual([0, expect.stringContaining('rows of')])
    expect(readdirSync(backups)).toEqual([expect.stringMatching(/^sundry-\d{8}-\d{6}\.tar\.gz$/)])
    const states = await shop.query<{ state: string }>('select state from backup_run order by id')
    expect(states.map(({ state }) => state)).toEqual(['failed', 'failed', 'done'])

    // C43, with the same file: whenever a restore is killed, the folder is not taken for a shop, and it can be run again.
    const file = path.join(backups, readdirSync(backups)[0] ?? '')
    const rows = await shop.query<{ count: string }>('select count(*) from audit_entry')
    const into = new ShopProcess()
    for (const moment of [400, 1_200, 2_000]) {
      const killed = run(['scripts/restore.ts', file, '--into', into.dataDir], {})
      await pause(moment)
      killed.child.kill('SIGKILL')
      await killed.ended()
      if (existsSync(path.join(into.dataDir, '.restoring'))) {
        const refused = run(['server/main.ts'], { DATA_DIR: into.dataDir, PORT: '0' })
        expect(await refused.ended()).toBe(1)
        expect(refused.output).toMatch(/was broken off. Run it again/)
      }
    }
    const restored = run(['scripts/restore.ts', file, '--into', into.dataDir], {})
    expect([await restored.ended(), restored.output]).toEqual([
      0,
      expect.stringContaining('Restored'),
    ])
    await into.start()
    expect(await into.query('select count(*) from audit_entry')).toEqual(rows)
    expect(await into.brokenInvariants()).toEqual([])
    await into.stop()
    await shop.stop()
  })

  test('C43: between laying out and putting into place: the next run puts into place', async () => {
    const shop = new ShopProcess()
    await shop.start()
    const file = path.join(newFolder(), 'shop.tar.gz')
    expect(await run(['scripts/backup.ts', file], { DATA_DIR: shop.dataDir }).ended()).toBe(0)
    const folder = newFolder()
    const restore = () =>
      run(
        [
          '--import',
          './test/process/killed-between-moves.mjs',
          'scripts/restore.ts',
          file,
          '--into',
          folder,
        ],
        { SUNDRY_TEST_MOVES: '2' },
      )
    const killed = restore()
    await killed.ended()
    expect(killed.child.signalCode).toBe('SIGKILL')
    expect(readdirSync(folder)).toContain('.restoring')
    const again = run(['scripts/restore.ts', file, '--into', folder], {})
    expect([await again.ended(), again.output]).toEqual([0, expect.stringContaining('Restored')])
    expect(readdirSync(folder).toSorted()).toEqual(['files', 'postgres', 'postgres.log', 'secret'])
    const check = run(['scripts/check.ts'], { DATA_DIR: folder })
    expect([await check.ended(), check.output]).toEqual([0, expect.stringContaining(' 0 broken')])
    await shop.stop()
  })

  test('C43: what a killed restore had begun still makes folders: the next run does not mind them', async () => {
    const shop = new ShopProcess()
    await shop.start()
    const file = path.join(newFolder(), 'shop.tar.gz')
    expect(await run(['scripts/backup.ts', file], { DATA_DIR: shop.dataDir }).ended()).toBe(0)
    await shop.stop()
    const folder = newFolder()
    const preload = ['--import', './test/process/initdb-left-behind.mjs']
    const restore = run([...preload, 'scripts/restore.ts', file, '--into', folder], {})
    expect([await restore.ended(), restore.output]).toEqual([
      0,
      expect.stringContaining('Restored'),
    ])
    expect(readdirSync(folder).toSorted()).toEqual(['files', 'postgres', 'postgres.log', 'secret'])
  })

  test('C40, M32: at every step of the migration: each step is done whole or not at all, and the next start goes on', async () => {
    const server = await startThrowawayServer(true)
    await onServer(server.url('postgres'), 'create database shop')
    const settings = {
      DATABASE_URL: server.url('shop'),
      DATA_DIR: newFolder(),
      SUNDRY_SECRET: 'one secret for all processes of this shop',
      PORT: '0',
    }
    const steps = readMigrations(migrationsFolder).length
    const shop = new ShopProcess()
    Object.assign(shop.environment, settings)
    for (let step = 1; step <= steps; step++) {
      // Undone: its record is written, its commit is not. Then this one is done and the next is undone.
      for (const nth of step < steps ? [1, 2] : [1]) {
        const killed = run(['--import', './test/process/preload.mjs', 'server/main.ts'], {
          ...settings,
          SUNDRY_TEST_KILL: JSON.stringify({
            pattern: 'insert into migration',
            when: 'after',
            nth,
          }),
        })
        await killed.ended()
        expect([killed.child.signalCode, killed.output]).toEqual(['SIGKILL', ''])
      }
    }
    await shop.start()
    const [done] = await shop.query<{ steps: number }>(
      'select count(*)::int as steps from migration',
    )
    expect(done?.steps).toBe(steps)
    expect(await shop.brokenInvariants()).toEqual([])
    expect(await shop.buy()).toBe(303)
    await shop.stop()
    await server.stop()
  })

  for (const [moment, pattern, when] of [
    ['making the database', 'create database', 'before'],
    ['laying out the example', 'insert into "product"', 'after'],
    ['writing the owner’s link', 'insert into "owner_setup"', 'after'],
  ] as const) {
    test(`C41: at the first start, ${moment}: the next start begins again and the shop is whole`, async () => {
      const shop = new ShopProcess()
      const killed = run(['--import', './test/process/preload.mjs', 'server/main.ts'], {
        DATA_DIR: shop.dataDir,
        PORT: '0',
        SUNDRY_TEST_KILL: JSON.stringify({ pattern, when, nth: 1 }),
      })
      await killed.ended()
      expect(killed.child.signalCode).toBe('SIGKILL')
      await shop.start()
      const [found] = await shop.query<{ products: number; links: number }>(
        `select (select count(*) from product)::int as products, (select count(*) from owner_setup)::int as links`,
      )
      expect(found?.products).toBeGreaterThan(1)
      expect(found?.links).toBe(1)
      expect(await shop.brokenInvariants()).toEqual([])
      expect(await shop.buy()).toBe(303)
      await shop.stop()
    })
  }
})
