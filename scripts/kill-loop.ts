// npm run kill-loop [rounds] [seed] [victim]: sells under load, kills without warning, starts again, and audits; round after round
// on one data folder. Longer than npm test should take: 200 rounds before a release, about ten seconds each.
// What is killed in a round: the shop alone, the shop with its database, the database alone or the sandbox alone.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { childrenOf, commandOf } from '../bench/processes.ts'
import { Dice } from '../sandbox/stripe/chaos/dice.ts'
import { ShopProcess } from '../test/process/shop.ts'
import { until } from '../test/until.ts'
import { saleOutcomes } from './sale-outcomes.ts'

const rounds = wholeNumber(process.argv[2], 10)
const seed = wholeNumber(process.argv[3], Math.floor(Math.random() * 1e6))
const victimWeights = { shop: 5, 'shop and database': 3, database: 1, sandbox: 1 }
const onlyVictim = process.argv[4]
if (onlyVictim !== undefined && !(onlyVictim in victimWeights))
  usage(`There is no victim "${onlyVictim}", only ${Object.keys(victimWeights).join(', ')}.`)
const buyersAtOnce = 6
// The seed decides what is thrown; what runs side by side still interleaves as it will.
const dice = new Dice(seed)
const random = () => dice.next()

const shop = new ShopProcess()
shop.environment.TRUSTED_PROXIES = '1'
shop.environment.STRIPE_CALLS_PER_SECOND = '200'

/** What somebody outside was promised: these must stand after every crash. */
const paidSessions = new Map<string, string>()
const refundedSessions = new Set<string>()
/** Asked for, and the answer was cut off: whether they were made is asked later. Session -> payment intent. */
const uncertainRefunds = new Map<string, string>()
const problems: string[] = []
let buyer = 0
let victims: Record<string, number> = {}

try {
  process.stdout.write(`${rounds} rounds, seed ${seed}\n`)
  const began = performance.now()
  await shop.start()
  for (let round = 1; round <= rounds && problems.length === 0; round++) {
    const victim = onlyVictim ?? pick(victimWeights)
    const load = loadUntilKilled()
    await pause(100 + random() * 1_900)
    kill(victim)
    await load.stop()
    victims = { ...victims, [victim]: (victims[victim] ?? 0) + 1 }
    if (victim.startsWith('shop')) {
      await shop.died()
      await shop.start()
    } else {
      await until('the shop answers again', shopAnswers, 60_000)
    }
    await settle()
    problems.push(...(await audit()))
    process.stdout.write(
      `round ${round}: ${victim} killed; ${paidSessions.size} sales, ${refundedSessions.size} refunds; ${problems.length === 0 ? 'all holds' : 'BROKEN'}\n`,
    )
  }
  process.stdout.write(
    problems.length === 0
      ? `${rounds} rounds in ${Math.round((performance.now() - began) / 1000)} s, ${Object.entries(
          victims,
        )
          .map(([name, count]) => `${name} ${count}`)
          .join(
            ', ',
          )}: ${paidSessions.size} sales and ${refundedSessions.size} refunds, nothing lost, nothing double\n`
      : `Seed ${seed}. Broken:\n${problems.map((words) => `  ${words}\n`).join('')}`,
  )
} catch (error) {
  problems.push('It did not come so far as to be audited.')
  process.stdout.write(
    `Seed ${seed}: ${error instanceof Error ? error.message : String(error)}\nThe shop's last words:\n${shop.output.slice(-3_000)}\n`,
  )
} finally {
  await shop.stop()
}
process.exit(problems.length === 0 ? 0 : 1)

/** Buyers who buy, pay, and now and then get their money back, until they are told to stop. */
function loadUntilKilled(): { stop(): Promise<void> } {
  const end = new AbortController()
  const one = async () => {
    while (!end.signal.aborted) {
      // A request that the kill cut off promised nothing: what it left behind is audited like all else.
      const session = await buy().catch(() => undefined)
      if (!session) {
        await pause(20)
        continue
      }
      const email = `buyer${++buyer}@example.com`
      const paid = await shop.control('POST', 'pay', { session, email }).catch(() => undefined)
      if (!paid) continue
      paidSessions.set(session, email)
      if (random() < 0.2) await refund(session)
    }
  }
  const all = Array.from({ length: buyersAtOnce }, one)
  return {
    async stop() {
      end.abort()
      await Promise.all(all)
    },
  }
}

/** Resolves to the session that the buyer is led to; undefined when the shop did not answer with one. */
async function buy(): Promise<string | undefined> {
  const [offer] = await shop.query<{ product: string; price: string }>(
    `select product_id as product, price.id as price from price join product on product.id = product_id where is_active and state = 'live' order by product.position limit 1`,
  )
  const answer = await fetch(`${shop.origin}/buy`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin: shop.origin,
      // Each buyer comes from a network of their own.
      'x-forwarded-for': `10.${Math.floor(random() * 250)}.${Math.floor(random() * 250)}.${Math.floor(random() * 250)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ product: offer?.product ?? '', price: offer?.price ?? '' }),
    signal: AbortSignal.timeout(20_000),
  })
  return /cs_test_\w+/.exec(answer.headers.get('location') ?? '')?.[0]
}

/** A refund made in Stripe's dashboard; it counts when Stripe said so. */
async function refund(session: string): Promise<void> {
  const { payment_intent: intent } = (await shop
    .stripe('GET', `checkout/sessions/${session}`)
    .catch(() => ({}))) as { payment_intent?: string }
  if (!intent) return
  const made = await shop
    .stripe('POST', 'refunds', { payment_intent: intent })
    .catch(() => undefined)
  if (made) refundedSessions.add(session)
  else uncertainRefunds.set(session, intent)
}

async function learnRefunds(): Promise<void> {
  for (const [session, intent] of uncertainRefunds) {
    const { data } = (await shop.stripe('GET', `refunds?payment_intent=${intent}`)) as {
      data: unknown[]
    }
    if (data.length > 0) refundedSessions.add(session)
    uncertainRefunds.delete(session)
  }
}

/** Lets the leases of the dead run out and Stripe repeat what it would repeat; waits until nothing is left to do. */
async function settle(): Promise<void> {
  await until('the database and the sandbox answer', shopAnswers, 60_000)
  await learnRefunds()
  await shop.expireLeases()
  await shop.control('POST', 'clock', { advance: '6m' })
  await until(
    'nothing waits any more',
    async () => {
      const [row] = await shop.query<{ waiting: number }>(
        `select ((select count(*) from stripe_event where state = 'pending')
          + (select count(*) from email_message where state in ('queued', 'sending')))::int as waiting`,
      )
      return row?.waiting === 0 && (await promisesBroken()).length === 0
    },
    60_000,
  ).catch(() => undefined) // what still waits is told by the audit
}

async function audit(): Promise<string[]> {
  return [...(await promisesBroken()), ...(await shop.brokenInvariants()), ...(await unheard())]
}

/** Every sale that Stripe confirmed is one order with its goods and its receipt; every refund ended them. */
async function promisesBroken(): Promise<string[]> {
  const found = await saleOutcomes(shop, paidSessions.keys())
  return [...paidSessions.keys()].flatMap((session) => {
    const row = found.get(session)
    if (!row) return [`${session}: paid, and the shop knows nothing of it`]
    const open = refundedSessions.has(session) ? 0 : 1
    return row.orders === 1 && row.open === open && row.receipts === 1
      ? []
      : [
          `${session}: ${row.orders} orders, ${row.open} open entitlements (not ${open}), ${row.receipts} receipts`,
        ]
  })
}

/** I19 seen from outside: whatever the shop answered 2xx for is stored. */
async function unheard(): Promise<string[]> {
  const { data } = (await shop.control('GET', 'deliveries?status=succeeded&limit=100')) as {
    data: { event: string }[]
  }
  const ids = [...new Set(data.map(({ event }) => event))]
  const stored = await shop.query<{ id: string }>(
    'select id from stripe_event where id = any($1)',
    [ids],
  )
  const known = new Set(stored.map(({ id }) => id))
  return ids.filter((id) => !known.has(id)).map((id) => `${id}: acknowledged and not stored`)
}

function kill(victim: string): void {
  // Every process of the server at once: what it held in memory alone is gone, as when the machine stops.
  if (victim.includes('database')) for (const id of databaseProcesses()) killNow(id)
  if (victim.includes('sandbox'))
    for (const id of childrenOf(shop.pid))
      if (commandOf(id).includes('sandbox/stripe/main.ts')) killNow(id)
  if (victim.includes('shop')) killNow(shop.pid)
}

function databaseProcesses(): number[] {
  const [first = ''] = readFileSync(
    path.join(shop.dataDir, 'postgres', 'postmaster.pid'),
    'utf8',
  ).split('\n')
  return [Number(first), ...childrenOf(Number(first))]
}

function killNow(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // gone already
  }
}

async function shopAnswers(): Promise<boolean> {
  const page = await fetch(`${shop.origin}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )
  return (
    page &&
    (await shop.control('GET', 'clock').then(
      () => true,
      () => false,
    ))
  )
}

function pick(weights: Readonly<Record<string, number>>): string {
  let rest = random() * Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  for (const [name, weight] of Object.entries(weights)) if ((rest -= weight) < 0) return name
  return Object.keys(weights)[0] ?? ''
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  const number = Number(text ?? otherwise)
  if (!Number.isInteger(number) || number < 1 || number > 1_000_000)
    usage('Rounds and seed are whole numbers from 1.')
  return number
}

function usage(words: string): never {
  process.stderr.write(`${words}\nnpm run kill-loop [rounds] [seed] [victim]\n`)
  process.exit(1)
}
