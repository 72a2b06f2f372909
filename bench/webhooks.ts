import { createHmac, randomUUID } from 'node:crypto'
import { sandboxSecrets } from '../server/sandbox.ts'
import { requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { closedLoop, openLoop, type Load } from './load.ts'
import { median, percentile } from './percentile.ts'
import { recordSale } from './recorded-sale.ts'
import { openClient, shopSecret, startShop, withDatabase, type Shop } from './shop.ts'

const connections = 16
const rounds = 3
const secondsEach = 2.5
const openRate = 200
/** What events of a sale measure at Stripe; the sandbox's are a little shorter. */
const payloadBytes = 4_300

/**
 * Webhook deliveries that are verified, committed and answered, beside the floor of the same database at the same time:
 * one insert of the same bytes in a commit of its own, from as many connections. Two kinds of events: some that the shop
 * only keeps, and completed sales, which its worker begins to look up at the same time.
 */
export async function measureWebhooks(quick: boolean): Promise<Figure[]> {
  const shop = await startShop()
  try {
    const event = paddedTo(payloadBytes, (await recordSale()).event)
    const delivery = deliveries(shop, event)
    const kept = () => delivery('invoice.paid')
    const handled = () => delivery('checkout.session.completed')
    const size = kept().length

    await withDatabase(shop, (client) =>
      client.query('create table bench_floor (id text primary key, payload json not null)'),
    )
    const loads = { floor: [] as number[], kept: [] as Load[], handled: [] as Load[] }
    for (let round = 0; round <= rounds; round++) {
      const seconds = round === 0 ? 1 : secondsEach // the first only warms up
      const floor = await insertsPerSecond(shop, JSON.stringify(event), seconds)
      const task = { port: shop.port, connections, seconds }
      const keptLoad = await closedLoop({ ...task, request: kept })
      const handledLoad = await closedLoop({ ...task, request: handled })
      await emptyInbox(shop)
      for (const load of [keptLoad, handledLoad]) refuseFailures(load)
      if (round === 0) continue
      loads.floor.push(floor)
      loads.kept.push(keptLoad)
      loads.handled.push(handledLoad)
    }
    const open = await openLoop({
      port: shop.port,
      connections: 64,
      perSecond: openRate,
      seconds: quick ? 5 : 12,
      request: handled,
    })
    refuseFailures(open)
    const floor = median(loads.floor)
    return [
      {
        name: 'floor: one insert a commit',
        value: floor,
        unit: 'a second',
        note: `${connections} connections, ${JSON.stringify(event).length} bytes each`,
      },
      ...acknowledged('events that are only kept', loads.kept, loads.floor, size),
      ...acknowledged('completed sales', loads.handled, loads.floor, size),
      {
        name: `webhooks at ${openRate} a second: median`,
        value: percentile(open.latencies, 50),
        unit: 'ms',
        note: `open loop, completed sales; ${open.latencies.length} answered`,
      },
      {
        name: `webhooks at ${openRate} a second: p99`,
        value: percentile(open.latencies, 99),
        unit: 'ms',
        goal: { atMost: 50 },
      },
    ]
  } finally {
    await shop.stop()
  }
}

function acknowledged(
  what: string,
  loads: readonly Load[],
  floors: readonly number[],
  size: number,
): Figure[] {
  const ratios = loads.map((load, round) => load.perSecond / (floors[round] ?? Number.NaN))
  const latencies = loads.flatMap((load) => load.latencies)
  return [
    {
      name: `webhooks acknowledged, ${what}`,
      value: median(loads.map((load) => load.perSecond)),
      unit: 'a second',
      note: `${connections} connections, ${size} bytes with headers; p50 ${percentile(latencies, 50).toFixed(1)} ms, p99 ${percentile(latencies, 99).toFixed(1)} ms`,
    },
    {
      name: `  share of the floor`,
      value: median(ratios),
      unit: 'of it',
      goal: { atLeast: 0.5 },
    },
  ]
}

/** Signed deliveries of new events, made from a recorded one: each names an event and an object of its own. */
export function deliveries(
  shop: Shop,
  recorded: Readonly<Record<string, unknown>>,
): (type: string) => Buffer {
  const { webhookSecret } = sandboxSecrets(shopSecret)
  const text = JSON.stringify(recorded)
  const session = /"id":"(cs_test_\w+)"/.exec(text)?.[1] ?? ''
  const [before = '', after = ''] = text.split(String(recorded.id))
  return (type) => {
    const id = randomUUID().replaceAll('-', '')
    const body = `${before}evt_${id}${after}`
      .replaceAll(session, `cs_test_${id}`)
      .replace(`"type":"${String(recorded.type)}"`, `"type":"${type}"`)
    const at = Math.floor(Date.now() / 1000)
    const signature = createHmac('sha256', webhookSecret).update(`${at}.${body}`).digest('hex')
    return requestBytes(
      'POST',
      '/webhooks/stripe',
      {
        host: `localhost:${shop.port}`,
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        accept: '*/*; q=0.5, application/xml',
        'stripe-signature': `t=${at},v1=${signature}`,
      },
      body,
    )
  }
}

/** The event with words of the seller's own in its metadata, as far as the length is not reached. */
export function paddedTo(bytes: number, event: Readonly<Record<string, unknown>>) {
  const missing = Math.max(0, bytes - JSON.stringify(event).length)
  const note = 'so that it is as long as they are. '
    .repeat(Math.ceil(missing / 35))
    .slice(0, missing)
  return { ...event, note }
}

async function insertsPerSecond(shop: Shop, payload: string, seconds: number): Promise<number> {
  const clients = await Promise.all(Array.from({ length: connections }, () => openClient(shop)))
  const began = performance.now()
  let done = 0
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < began + seconds * 1000) {
        await client.query({
          name: 'floor',
          text: 'insert into bench_floor (id, payload) values ($1, $2)',
          values: [randomUUID(), payload],
        })
        done++
      }
    }),
  )
  const perSecond = done / ((performance.now() - began) / 1000)
  await Promise.all(clients.map((client) => client.end()))
  return perSecond
}

/** What one round left for the worker is not carried into the next. */
async function emptyInbox(shop: Shop): Promise<void> {
  await withDatabase(shop, (client) =>
    client.query(
      `update stripe_event set state = 'ignored', handled_at = clock_now() where state = 'pending'`,
    ),
  )
}

function refuseFailures(load: Load): void {
  if (load.failed > 0) throw new Error(`${load.failed} deliveries failed, first: ${load.failure}`)
}
