import { ceilingOf } from './ceiling.ts'
import { requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { routesOf, startFullShop } from './full-shop.ts'
import { startBareServer } from './pages.ts'
import { recordSale } from './recorded-sale.ts'
import {
  buyRequest,
  fulfilled,
  isSentToPay,
  openCheckouts,
  payAll,
  startSellingShop,
} from './sales.ts'
import { withDatabase, type Shop } from './shop.ts'
import { deliveries, paddedTo } from './webhooks.ts'

const connections = 64

/**
 * The ceiling C of each route beside B, that of a bare server with a page of 15 kB, both by the same open load on the same
 * machine, load maker included. Pages with years of trade in the database.
 */
export async function measureCeilings(quick: boolean): Promise<Figure[]> {
  const seconds = quick ? 2 : 4
  const bare = await bareCeiling(seconds)
  return [
    {
      name: 'B: a bare node:http server, 15 kB',
      value: bare,
      unit: 'a second',
      note: 'open load, 99 % served, p99 < 1 s',
    },
    ...(await pageCeilings(bare, seconds)),
    ...(await moneyCeilings(quick, seconds)),
  ]
}

async function bareCeiling(seconds: number): Promise<number> {
  const server = await startBareServer({
    '/': {
      headers: [['content-type', 'text/html']],
      body: Buffer.alloc(15_000, 'a page ').toString('base64'),
    },
  })
  try {
    const request = requestBytes('GET', '/', { host: 'localhost' })
    return await ceilingOf({ port: server.port, connections, request: () => request }, { seconds })
  } finally {
    await server.stop()
  }
}

async function pageCeilings(bare: number, seconds: number): Promise<Figure[]> {
  const shop = await startFullShop()
  try {
    const routes = await routesOf(shop)
    const figures: Figure[] = []
    for (const { name, request, share } of [
      routes.front,
      routes.product,
      routes.rendered,
      routes.dashboard,
    ]) {
      const value = await ceilingOf(
        { port: shop.port, connections, request: () => request },
        { seconds },
      )
      figures.push(...ofBare(name, value, bare, share))
    }
    figures.push(...ofBare('webhook', await webhookCeiling(shop, seconds), bare, 0.1))
    return figures
  } finally {
    await shop.stop()
  }
}

async function webhookCeiling(shop: Shop, seconds: number): Promise<number> {
  const delivery = deliveries(shop, paddedTo(4_300, (await recordSale()).event))
  return ceilingOf(
    { port: shop.port, connections, request: () => delivery('checkout.session.completed') },
    { seconds },
  )
}

function ofBare(name: string, value: number, bare: number, share: number): Figure[] {
  return [
    { name: `C: ${name}`, value, unit: 'a second' },
    { name: '  share of B', value: value / bare, unit: 'of it', goal: { atLeast: share } },
  ]
}

async function moneyCeilings(quick: boolean, seconds: number): Promise<Figure[]> {
  const slow = await startSellingShop({ answerMs: 200 })
  let checkouts: number
  try {
    let buyer = 0
    checkouts = await ceilingOf(
      {
        port: slow.shop.port,
        connections: 400,
        request: () => buyRequest(slow.shop, slow.offer, buyer++),
        accepts: isSentToPay,
      },
      { seconds, guess: 80 },
    )
  } finally {
    await slow.stop()
  }
  const sales = quick ? 150 : 1_000
  const eventsEach = 8
  const drained = await drain(sales, eventsEach)
  return [
    {
      name: 'C: start checkout, Stripe answering in 200 ms',
      value: checkouts,
      unit: 'a second',
      goal: { atLeast: 30 },
    },
    {
      name: 'fulfilment, from inbox to grant',
      value: drained.perSecond,
      unit: 'a second',
      goal: { atLeast: 50 },
      note: `${sales} sales waiting, ${eventsEach} events each`,
    },
    {
      name: `  ${sales * eventsEach} events worked off`,
      value: drained.seconds,
      unit: 's',
      goal: { atMost: (180 * sales) / 1_000 },
      note: `every event ended, ${drained.left} left`,
    },
  ]
}

/** So many paid sales come all at once, as after an hour without webhooks. */
async function drain(sales: number, eventsEach: number) {
  const selling = await startSellingShop({ eventsEach })
  const { shop, offer, provider } = selling
  try {
    const addresses = await openCheckouts(shop, offer, sales)
    const began = performance.now()
    const elapsed = () => (performance.now() - began) / 1000
    await payAll(addresses, (address) => provider.payment(address))
    while ((await fulfilled(shop)) < sales && elapsed() < 300) await pause(50)
    const perSecond = (await fulfilled(shop)) / elapsed()
    const left = () =>
      withDatabase(shop, async (client) => {
        const { rows } = await client.query<{ n: number }>(
          `select ($1 - count(*) filter (where state <> 'pending'))::int as n from stripe_event`,
          [sales * eventsEach],
        )
        return rows[0]?.n ?? 0
      })
    while ((await left()) > 0 && elapsed() < 400) await pause(50)
    return { perSecond, seconds: elapsed(), left: await left() }
  } finally {
    await selling.stop()
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
