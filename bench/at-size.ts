import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { signedSession } from '../test/signed-session.ts'
import { Connection, headerOf, requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { loadData, size } from './load-data.ts'
import { percentile } from './percentile.ts'
import { pressBuy } from './purchases.ts'
import { shopSecret, startShop, withDatabase, type Shop } from './shop.ts'

const slowStatementMs = 20
const slowPageMs = 100
const visits = 15

/**
 * Every page and list at a hundred times a good year's data: PostgreSQL itself tells each statement that takes long, with
 * its plan; pages that answer late are named.
 */
export async function measureAtSize(): Promise<Figure[]> {
  const shop = await startShop({ TRUSTED_PROXIES: '1' })
  try {
    const { owner, member, ids } = await withDatabase(shop, async (client) => {
      await loadData(client)
      const signedIn = {
        owner: await session(client, 'owner'),
        member: await session(client, 'member'),
        ids: await someIds(client),
      }
      await client.query(`alter database sundry set session_preload_libraries = 'auto_explain'`)
      await client.query(
        `alter database sundry set auto_explain.log_min_duration = ${slowStatementMs}`,
      )
      await client.query('alter database sundry set auto_explain.log_analyze = on')
      // New connections take the settings; the shop makes new ones by itself.
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'sundry%'`,
      )
      return signedIn
    })
    const logFile = `${shop.folder}/postgres.log`
    const before = readFileSync(logFile, 'utf8').length
    const pages = pagesToVisit(ids)
    const connection = await Connection.open(shop.port)
    const times: { address: string; ms: number }[] = []
    for (const { address, as } of pages) {
      const cookie = as === 'owner' ? owner : as === 'member' ? member : ''
      const own: number[] = []
      for (let visit = 0; visit < visits; visit++) {
        const began = performance.now()
        const reply = await connection.send(
          requestBytes('GET', address, { host: `localhost:${shop.port}`, cookie }),
        )
        own.push(performance.now() - began)
        if (reply.status !== 200)
          throw new Error(`${address} answered ${reply.status}, not a page to measure.`)
      }
      times.push({ address, ms: percentile(own, 50) })
    }
    const bought = await buyOnce(shop, connection)
    connection.close()
    // What was slow stands in the log with its plan; statements of the background work stand there too.
    const log = readFileSync(logFile, 'utf8').slice(before)
    const slow = [...log.matchAll(/duration: ([\d.]+) ms\s+plan:\n\s*Query Text: ([^\n]*)/g)]
    const late = times.filter(({ ms }) => ms > slowPageMs)
    const slowest = times.toSorted((a, b) => b.ms - a.ms)[0]
    return [
      {
        name: `pages slower than ${slowPageMs} ms at full size`,
        value: late.length,
        unit: `of ${times.length}`,
        goal: { atMost: 0 },
        note:
          late.map(({ address, ms }) => `${address} ${ms.toFixed(0)} ms`).join(', ') ||
          `slowest: ${slowest?.address} ${slowest?.ms.toFixed(0)} ms (median of ${visits})`,
      },
      {
        name: `statements slower than ${slowStatementMs} ms at full size`,
        value: new Set(slow.map(([, , text]) => text)).size,
        unit: 'statements',
        goal: { atMost: 0 },
        note: [...new Set(slow.map(([, ms, text]) => `${ms} ms ${text?.slice(0, 160)}`))]
          .slice(0, 5)
          .join(' | '),
      },
      {
        name: '"Buy" at full size',
        value: bought,
        unit: 'ms',
        note: 'one checkout, sandbox included',
      },
    ]
  } finally {
    await shop.stop()
  }
}

export const sizeWords = `${size.products} products, ${size.customers} customers, ${size.orders} orders, ${size.events} events`

/** Signs somebody in past the pages: a session's row, and the cookie that the shop would have given. */
export async function session(client: pg.Client, role: 'owner' | 'member'): Promise<string> {
  const { digest, cookie } = signedSession(shopSecret)
  await client.query(
    `with somebody as (
       insert into member (email, name, role) values ($1, $2, $3) returning id
     ), claimed as (
       update customer set member_id = (select id from somebody), claimed_at = clock_now()
       where $3 = 'member' and email in (select email from shop_order order by placed_at desc limit 12)
     )
     insert into member_session (member_id, token_sha256, proven_by, expires_at)
     select id, $4, 'code', clock_now() + interval '30 days' from somebody`,
    [`${role}@bench.example.com`, `The ${role}`, role, digest],
  )
  return cookie
}

async function someIds(client: pg.Client) {
  const one = async (sql: string) => (await client.query<{ id: string }>(sql)).rows[0]?.id ?? ''
  return {
    order: await one('select id from shop_order order by placed_at limit 1 offset 500'),
    customer: await one(
      'select customer_id as id from shop_order order by placed_at limit 1 offset 700',
    ),
    product: await one(
      `select id from product where state = 'live' and slug like 'guide-%' order by created_at limit 1`,
    ),
    mail: await one('select id from email_message order by created_at limit 1'),
    entitlement: await one(
      `select e.id from entitlement e join customer c on c.id = e.customer_id where c.member_id is not null limit 1`,
    ),
    receipt: await one(
      `select o.id from shop_order o join customer c on c.id = o.customer_id where c.member_id is not null limit 1`,
    ),
  }
}

function pagesToVisit(ids: Awaited<ReturnType<typeof someIds>>) {
  const as = (who: string, addresses: string[]) =>
    addresses.map((address) => ({ address, as: who }))
  return [
    ...as('nobody', [
      '/?x=1',
      '/p/guide-7?x=1',
      '/search?q=guide',
      '/search?q=rooks+777',
      '/sitemap.xml',
    ]),
    ...as('member', [
      '/dashboard',
      `/dashboard/products/${ids.entitlement}`,
      '/dashboard/receipts',
      `/dashboard/receipts/${ids.receipt}`,
      '/dashboard/settings',
    ]),
    ...as('owner', [
      '/admin/orders',
      '/admin/numbers',
      '/admin/numbers?period=90',
      '/admin/numbers?period=year',
      '/admin/orders?state=refunded',
      '/admin/orders?q=buyer777',
      '/admin/orders?q=50123',
      '/admin/orders?q=nobody',
      `/admin/orders/${ids.order}`,
      '/admin/customers',
      '/admin/customers?q=buyer777',
      '/admin/customers?q=Buyer+777',
      `/admin/customers/${ids.customer}`,
      '/admin/products',
      '/admin/products?q=guide',
      '/admin/products?state=archived',
      `/admin/products/${ids.product}`,
      '/admin/payments',
      '/admin/mail',
      '/admin/mail?state=unsent',
      `/admin/mail/${ids.mail}`,
      '/admin/settings',
    ]),
  ]
}

async function buyOnce(shop: Shop, connection: Connection): Promise<number> {
  const offer = await withDatabase(shop, async (client) => {
    const { rows } = await client.query<{ product: string; price: string }>(
      `select product_id as product, price.id as price from price join product on product.id = product_id
       where product.slug = 'guide-7' and is_active`,
    )
    return rows[0] ?? { product: '', price: '' }
  })
  const began = performance.now()
  const pressed = await connection.send(pressBuy(shop, offer, '10.2.0.1'))
  if (pressed.status !== 303 || !headerOf(pressed, 'location'))
    throw new Error(`"Buy" answered ${pressed.status}.`)
  return performance.now() - began
}
