import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { until } from '../until.ts'
import { holderOf, processesOf, ProgramRun } from './program.ts'
import { ShopProcess } from './shop.ts'

const folders: string[] = []
const runs: ProgramRun[] = []
const newFolder = () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-start-'))
  folders.push(folder)
  return folder
}
const run = (settings: Record<string, string>, command: readonly string[] = ['server/main.ts']) => {
  const started = new ProgramRun(command, settings)
  runs.push(started)
  return started
}

afterEach(async () => {
  for (const left of runs.splice(0)) {
    if (!left.hasEnded) left.child.kill('SIGTERM')
    await left.ended()
  }
})
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

describe('it refuses to start with words and exit code 1, and leaves nothing behind', () => {
  const key = 'sk_test_51abcdefgh'
  test.each<[Record<string, string>, RegExp]>([
    [{ STRIPE_SECRET_KEY: ' ' }, /STRIPE_SECRET_KEY is set but blank/],
    [{ STRIPE_WEBHOOK_SECRET: 'whsec_1234567890' }, /without STRIPE_SECRET_KEY/],
    [
      { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: '' },
      /STRIPE_WEBHOOK_SECRET is set but blank/,
    ],
    [{ STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: 'whsec_1234567890,' }, /forge a payment/],
    [
      { STRIPE_SECRET_KEY: 'sk_live_51abcdefgh', STRIPE_API_BASE: 'http://127.0.0.1:12111' },
      /Real money and a sandbox must not meet/,
    ],
    [{ SUNDRY_SECRET: 'secret' }, /at least 32 characters/],
    [{ ORIGIN: 'shop.example' }, /ORIGIN must start with/],
    [{ HOST: '203.0.113.1' }, /HOST 203\.0\.113\.1 is no address of this machine/],
  ])('%j [payments 15]', async (settings, words) => {
    const dataDir = newFolder()
    const refused = run({ PORT: '0', DATA_DIR: dataDir, ...settings })
    expect(await refused.ended()).toBe(1)
    expect(refused.output).toMatch(words)
    expect(refused.output).not.toMatch(/^\s+at /m)
    expect(readdirSync(dataDir)).not.toContain('postgres')
    expect(existsSync(path.join(dataDir, 'sundry.lock'))).toBe(false)
  })

  test('a data folder that cannot be one', async () => {
    const file = path.join(newFolder(), 'file')
    writeFileSync(file, '')
    const refused = run({ PORT: '0', DATA_DIR: path.join(file, 'data') })
    expect(await refused.ended()).toBe(1)
    expect(refused.output).toMatch(/data folder .* cannot be used .*set DATA_DIR to another folder/)
    expect(refused.output).not.toMatch(/^\s+at /m)
  })

  test('a port that somebody else serves from', async () => {
    const other: Server = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    try {
      const address = other.address()
      const port = address && typeof address === 'object' ? address.port : 0
      const dataDir = newFolder()
      const refused = run({ PORT: String(port), DATA_DIR: dataDir })
      expect(await refused.ended()).toBe(1)
      expect(refused.output.trim()).toBe(
        `Port ${port} is taken by another program. Set PORT to another number.`,
      )
      expect(readdirSync(dataDir)).not.toContain('postgres')
    } finally {
      other.close()
    }
  })
})

describe('one shop, started and ended in every way', () => {
  const shop = new ShopProcess()
  afterAll(() => shop.stop())
  const settings = () => ({ PORT: String(shop.port), DATA_DIR: shop.dataDir })
  const noneLeft = () =>
    until(`nothing is left running:\n${processesOf(shop).join('\n')}`, () => {
      return processesOf(shop).length === 0
    })

  test('M08: a second start on its data folder is refused and says who holds it', async () => {
    await shop.start()
    const second = run({ ...settings(), PORT: '0' })
    expect(await second.ended()).toBe(1)
    expect(second.output).toContain(
      `process ${holderOf(shop.dataDir)} serves ${shop.origin} from it`,
    )
    expect(second.output).toMatch(/Stop that one first, or set DATA_DIR to another folder/)
    // Somebody who typed the same command twice is told the same: it says more than a taken port.
    const same = run(settings())
    expect(await same.ended()).toBe(1)
    expect(same.output).toContain(`process ${holderOf(shop.dataDir)} serves ${shop.origin} from it`)
    expect((await fetch(`${shop.origin}/readyz`)).status).toBe(200)
  })

  test('M30: asked to end under load it answers everything it had taken, then leaves nothing running', async () => {
    await shop.control('PUT', 'chaos', { api: { slow: 1, slow_ms: 1_500 } })
    const [{ before } = { before: 0 }] = await shop.query<{ before: number }>(
      'select count(*)::int as before from checkout',
    )
    const purchases = Array.from({ length: 12 }, () => shop.buy())
    await until('all twelve are under way', async () => {
      const [row] = await shop.query<{ count: number }>(
        'select count(*)::int as count from checkout',
      )
      return row?.count === before + 12
    })
    process.kill(holderOf(shop.dataDir), 'SIGTERM')
    expect(await Promise.all(purchases)).toEqual(Array.from({ length: 12 }, () => 303))
    await noneLeft()
    // The program lets go of its folder last of all, after its database has ended.
    await until('its folder is let go', () => !existsSync(path.join(shop.dataDir, 'sundry.lock')))
    expect(existsSync(path.join(shop.dataDir, 'postgres', 'postmaster.pid'))).toBe(false)
  })

  test('connections that are kept open do not hold up the end', async () => {
    const started = run(settings())
    await started.said(/Sundry is open/)
    // fetch() keeps its connections for the next request.
    await Promise.all(Array.from({ length: 8 }, () => fetch(`${shop.origin}/`)))
    started.child.kill('SIGTERM')
    expect(await started.ended(10_000)).toBe(0)
    await noneLeft()
  })

  test('Ctrl-C ends npm start and everything under it in order', async () => {
    const started = run(settings(), ['scripts/run.mjs', 'start'])
    await started.said(/Sundry is open/)
    started.interrupt()
    expect(await started.ended(30_000)).toBe(0)
    expect(started.output.match(/Stopping/g)).toHaveLength(1)
    await noneLeft()
    expect(existsSync(path.join(shop.dataDir, 'sundry.lock'))).toBe(false)
  })

  test('Ctrl-C in the middle of the very first start leaves nothing running, and the next start works', async () => {
    const dataDir = newFolder()
    const port = String(shop.port)
    const first = run({ PORT: port, DATA_DIR: dataDir })
    await first.said(/Creating the database/)
    first.interrupt()
    expect(await first.ended(), first.output).toBe(0)
    await until(
      `nothing is left running after\n${first.output}`,
      () => processesOf({ dataDir, port: shop.port }).length === 0,
    )
    const next = run({ PORT: port, DATA_DIR: dataDir })
    await next.said(/Sundry is open/)
  })

  test('M29: killed without warning, the next start takes the orphaned database over and goes on', async () => {
    await shop.start()
    expect(await shop.buy()).toBe(303)
    const bought = await shop.newestCheckout()
    await shop.kill()
    await until('the sandbox has ended with its parent', () => {
      return processesOf(shop).every((line) => !line.includes('sandbox/stripe/main.ts'))
    })
    expect(processesOf(shop).some((line) => line.includes('postgres'))).toBe(true)
    shop.output = ''
    await shop.start()
    expect(shop.output).toContain('A database left running by a killed process was taken over.')
    expect(await shop.newestCheckout()).toEqual(bought)
    expect(await shop.brokenInvariants()).toEqual([])
  })

  test('a sandbox that is killed alone comes back by itself and knows what it knew', async () => {
    expect(await shop.buy()).toBe(303)
    const bought = await shop.newestCheckout()
    const line = processesOf(shop).find((one) => one.includes('sandbox/stripe/main.ts')) ?? ''
    process.kill(Number(line.trim().split(/\s/)[0]), 'SIGKILL')
    await until('purchases work again', async () => (await shop.buy()) === 303)
    await shop.control('POST', 'pay', {
      session: bought?.stripe_session_id,
      email: 'a@example.com',
    })
    await until('it is delivered', async () => (await shop.outcome(bought?.id ?? ''))?.orders)
    expect(await shop.brokenInvariants()).toEqual([])
  })
})
