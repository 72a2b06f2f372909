// npm run two-processes [checkouts]: two processes of one shop on one PostgreSQL behind one address that hands requests out in turn;
// one of them is killed without warning every 20 s and started again, until so many checkouts are paid. Then everything that was
// paid is looked for. 1,000 checkouts before a release.
import http from 'node:http'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { ShopProcess } from '../test/process/shop.ts'
import { until } from '../test/until.ts'
import { freePort } from '../server/free-port.ts'
import { onServer, startThrowawayServer } from './throwaway-database.ts'

const wanted = Number(process.argv[2] ?? 1_000)
if (!Number.isInteger(wanted) || wanted < 1 || wanted > 100_000) {
  process.stderr.write('npm run two-processes [checkouts]\n')
  process.exit(2)
}
const killEveryMs = 20_000
const buyersAtOnce = 6

const server = await startThrowawayServer(true)
await onServer(server.url('postgres'), 'create database shared')
const shops = [new ShopProcess(), new ShopProcess()] as const
const [one, two] = shops
const port = await freePort()
const origin = `http://localhost:${port}`
for (const shop of shops)
  Object.assign(shop.environment, {
    DATABASE_URL: server.url('shared'),
    SUNDRY_SECRET: 'one secret for all processes of this shop',
    STORAGE_URL: `file:${one.dataDir}/files`,
    ORIGIN: origin,
    TRUSTED_PROXIES: '1',
    STRIPE_CALLS_PER_SECOND: '200',
  })

/** Sessions somebody was told are paid. */
const paid = new Set<string>()
const told = { requests: 0, cut: 0, kills: 0 }
let buyer = 0
const end = new AbortController()
let exitCode = 1
const front = handOutInTurn()
try {
  await Promise.all(shops.map((shop) => shop.start()))
  const began = performance.now()
  const killing = killInTurn()
  await Promise.all(Array.from({ length: buyersAtOnce }, buyUntilEnough))
  const seconds = (performance.now() - began) / 1_000
  end.abort()
  await killing
  const problems = await audit()
  process.stdout.write(
    `${paid.size} checkouts paid in ${seconds.toFixed(0)} s, ${told.kills} kills, ${told.cut} of ${told.requests} requests cut off and repeated by their buyer.\n` +
      (problems.length === 0
        ? 'Nothing lost, nothing double.\n'
        : `Broken:\n${problems.map((words) => `  ${words}\n`).join('')}`),
  )
  exitCode = problems.length === 0 ? 0 : 1
} finally {
  end.abort()
  front.closeAllConnections()
  front.close()
  for (const shop of [two, one]) await shop.stop()
  await server.stop()
}
process.exit(exitCode)

/** One address for both: who cannot be reached is passed over; a request that was cut off in the middle is its sender's to repeat. */
function handOutInTurn(): http.Server {
  let turn = 0
  const balancer = http.createServer((request, response) => {
    const ask = (tries: number) => {
      const shop = shops[turn++ % 2] ?? one
      const passed = http.request(
        {
          port: shop.port,
          host: '127.0.0.1',
          path: request.url,
          method: request.method,
          headers: request.headers,
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
          answer.on('error', () => response.destroy())
        },
      )
      passed.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && tries > 1) return ask(tries - 1)
        response.destroy()
      })
      passed.end(body)
    }
    const chunks: Buffer[] = []
    let body = Buffer.alloc(0)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      body = Buffer.concat(chunks)
      ask(2)
    })
  })
  return balancer.listen(port, '127.0.0.1')
}

async function killInTurn(): Promise<void> {
  for (let turn = 0; ; turn++) {
    await pause(killEveryMs, undefined, { signal: end.signal }).catch(() => undefined)
    if (end.signal.aborted) return
    const victim = shops[turn % 2] ?? one
    await victim.kill()
    told.kills++
    await victim.start()
  }
}

async function buyUntilEnough(): Promise<void> {
  while (paid.size < wanted) {
    const session = await buy()
    if (session === undefined) {
      told.cut++
      await pause(50)
      continue
    }
    const email = `buyer${++buyer}@example.com`
    const isPaid = await control('pay', { session, email })
    if (isPaid) paid.add(session)
  }
}

async function buy(): Promise<string | undefined> {
  const [offer] = await one.query<{ product: string; price: string }>(
    `select product_id as product, price.id as price from price join product on product.id = product_id where is_active and state = 'live' order by product.position limit 1`,
  )
  told.requests++
  const answer = await fetch(`${origin}/buy`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin,
      'x-forwarded-for': `10.${buyer % 250}.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ product: offer?.product ?? '', price: offer?.price ?? '' }),
    signal: AbortSignal.timeout(20_000),
  }).catch(() => undefined)
  return /cs_test_\w+/.exec(answer?.headers.get('location') ?? '')?.[0]
}

/** Both have a sandbox over the same state: the one that lives is asked. */
async function control(name: string, body: object): Promise<boolean> {
  for (const shop of shops) {
    const answer = await shop.control('POST', name, body).catch(() => undefined)
    if (answer) return true
  }
  return false
}

async function audit(): Promise<string[]> {
  await one.expireLeases()
  await control('clock', { advance: '11m' })
  await until(
    'everything is delivered',
    async () => (await undelivered()).length === 0,
    120_000,
  ).catch(() => undefined)
  return [...(await undelivered()), ...(await one.brokenInvariants())]
}

async function undelivered(): Promise<string[]> {
  const rows = await one.query<{
    session: string
    orders: number
    grants: number
    receipts: number
  }>(
    `select c.stripe_session_id as session,
      (select count(*) from shop_order where checkout_id = c.id)::int as orders,
      (select count(*) from entitlement e join order_line l on l.id = e.source_id join shop_order o on o.id = l.order_id
        where o.checkout_id = c.id and e.state = 'active')::int as grants,
      (select count(*) from email_message m join shop_order o on m.template = 'receipt' and m.entity_key = o.id::text || ':first'
        where o.checkout_id = c.id)::int as receipts
     from checkout c where c.stripe_session_id = any($1)`,
    [[...paid]],
  )
  const found = new Map(rows.map((row) => [row.session, row]))
  return [...paid].flatMap((session) => {
    const row = found.get(session)
    if (!row) return [`${session}: paid, and the shop knows nothing of it`]
    return row.orders === 1 && row.grants === 1 && row.receipts === 1
      ? []
      : [`${session}: ${row.orders} orders, ${row.grants} grants, ${row.receipts} receipts`]
  })
}
