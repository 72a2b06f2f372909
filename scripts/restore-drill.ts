// npm run restore-drill [s3]: a shop sells, is backed up, sells on, and loses its machine; another one is made of the backup in an
// empty folder. Told in figures: how long each step took, what the check finds, and when the sales since the backup are back from
// Stripe. Stripe is a sandbox of its own that outlives both machines. s3: files lie in buckets, the machine loses its bucket too.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { startSandbox } from '../sandbox/stripe/index.ts'
import { ProgramRun } from '../test/process/program.ts'
import { ShopProcess } from '../test/process/shop.ts'
import { startS3Server } from '../test/s3-server.ts'
import { until } from '../test/until.ts'
import { invariants } from './invariants.ts'

const [place, ...rest] = process.argv.slice(2)
if ((place !== undefined && place !== 's3') || rest.length > 0) {
  process.stderr.write('npm run restore-drill [s3]\n')
  process.exit(2)
}
const before = 12
const after = 8
const key = 'sk_test_ofadrill'
const webhookSecret = 'whsec_ofadrill'
/** The design's limit for a restore with one command (M40). */
const restoreLimitSeconds = 600

const stripe = await startSandbox({ store: 'memory', key, rateLimit: 'off' })
const stores = place === 's3' ? [await startS3Server(), await startS3Server()] : []
const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-drill-'))
const lost = new ShopProcess()
const found = new ShopProcess()
const problems: string[] = []
const say = (what: string, figure: string) => process.stdout.write(`${what.padEnd(46)}${figure}\n`)

try {
  // The example shop first, then real keys: its files are something to bring back.
  placeFiles(lost, 0)
  await lost.start()
  await lost.kill()
  useKeys(lost)
  await lost.start()
  await control('PUT', 'endpoint', {
    name: 'shop',
    url: `${lost.origin}/webhooks/stripe`,
    secret: webhookSecret,
    enabled_events: ['*'],
  })
  const kept = await sell(before, 'before')
  const file = path.join(folder, 'shop.tar.gz')
  const backupTook = await run(['scripts/backup.ts', file], settingsOf(lost))
  say('backup', `${backupTook.toFixed(1)} s, ${(statSync(file).size / 1e6).toFixed(1)} MB`)
  const since = await sell(after, 'after')
  const files = await lost.query<{ sha256: string }>('select sha256 from stored_file order by 1')
  await lost.kill()
  await stores[0]?.close()
  say(
    'sold before the backup, and since',
    `${kept.length}, ${since.length}; then the machine is lost`,
  )

  placeFiles(found, 1)
  const restoreTook = await run(
    ['scripts/restore.ts', file, '--into', found.dataDir],
    settingsOf(found),
  )
  say('restore into an empty place', `${restoreTook.toFixed(1)} s (goal ${restoreLimitSeconds} s)`)
  if (restoreTook > restoreLimitSeconds) problems.push('The restore took too long.')
  await run(['scripts/check.ts'], settingsOf(found))
  say('check before the start', `${invariants.length} invariants, 0 broken`)

  useKeys(found)
  const began = performance.now()
  await found.start()
  await until('every sale is back', async () => (await missing([...kept, ...since])) === 0, 600_000)
  say(
    'sales since the backup back from Stripe',
    `${since.length} of ${since.length}, ${((performance.now() - began) / 1000).toFixed(1)} s after the start`,
  )
  for (const id of [...kept, ...since]) {
    const outcome = await found.outcome(id)
    if (JSON.stringify(Object.values(outcome ?? {})) !== '["paid",1,1,1,1]')
      problems.push(`${id}: ${JSON.stringify(outcome)}`)
  }
  const again = await found.query<{ sha256: string }>('select sha256 from stored_file order by 1')
  if (JSON.stringify(again) !== JSON.stringify(files)) problems.push('Not all files are back.')
  problems.push(...(await found.brokenInvariants()), ...(await unreadable()))
  say('files', `${again.length}, each read whole and compared`)
  say(
    'at the end',
    problems.length === 0
      ? `every sale once (order, payment, goods, receipt), ${invariants.length} invariants, 0 broken`
      : `BROKEN: ${problems.join('; ')}`,
  )
} finally {
  await lost.stop()
  await found.stop()
  await stripe.close()
  await stores[0]?.close().catch(() => undefined) // the lost machine's is closed already
  await stores[1]?.close()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(problems.length === 0 ? 0 : 1)

function placeFiles(shop: ShopProcess, machine: 0 | 1): void {
  const store = stores[machine]
  if (store) shop.environment.STORAGE_URL = store.url('shop')
}

function useKeys(shop: ShopProcess): void {
  Object.assign(shop.environment, {
    STRIPE_SECRET_KEY: key,
    STRIPE_API_BASE: stripe.url,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_CALLS_PER_SECOND: '100',
  })
}

function settingsOf(shop: ShopProcess): Record<string, string> {
  const { STORAGE_URL } = shop.environment
  return { DATA_DIR: shop.dataDir, ...(STORAGE_URL === undefined ? {} : { STORAGE_URL }) }
}

/** Runs a command of the shop to its end; returns how many seconds it took. Throws with its words when it failed. */
async function run(command: readonly string[], settings: Record<string, string>): Promise<number> {
  const began = performance.now()
  const started = new ProgramRun(command, settings)
  if ((await started.ended(restoreLimitSeconds * 1_000)) !== 0) throw new Error(started.output)
  return (performance.now() - began) / 1000
}

async function control(method: 'POST' | 'PUT', name: string, body: object): Promise<void> {
  const answer = await fetch(`${stripe.url}/_sandbox/${name}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`)
}

async function sell(count: number, when: string): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const status = await lost.buy()
    if (status !== 303) throw new Error(`"Buy" answered ${status}.`)
    const checkout = await lost.newestCheckout()
    const id = checkout?.id ?? ''
    await control('POST', 'pay', {
      session: checkout?.stripe_session_id,
      email: `${when}-${n}@example.com`,
    })
    await until('it is delivered', async () => (await lost.outcome(id))?.orders?.toString() === '1')
    ids.push(id)
  }
  return ids
}

async function missing(checkouts: readonly string[]): Promise<number> {
  const [row] = await found.query<{ here: number }>(
    `select count(distinct o.checkout_id)::int as here from shop_order o join order_line l on l.order_id = o.id
     join entitlement e on e.source_id = l.id and e.state = 'active' where o.checkout_id = any($1)`,
    [checkouts],
  )
  return checkouts.length - (row?.here ?? 0)
}

/** A second backup reads every byte and compares its digest: what it cannot read it names. */
async function unreadable(): Promise<string[]> {
  const checked = new ProgramRun(
    ['scripts/backup.ts', path.join(folder, 'again.tar.gz')],
    settingsOf(found),
  )
  const code = await checked.ended(restoreLimitSeconds * 1_000)
  const bad = /could not be read whole/.test(checked.output)
  return code === 0 && !bad ? [] : [checked.output]
}
