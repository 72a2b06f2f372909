import { setTimeout as pause } from 'node:timers/promises'
import { ceilingOf } from './ceiling.ts'
import { Connection, requestBytes } from './connection.ts'
import { imageUploads, slowDownloads, slowSenders, wrongPasswords } from './disturbances.ts'
import type { Figure } from './figure.ts'
import { routesOf, type Route } from './full-shop.ts'
import { loadData } from './load-data.ts'
import { startMailSink } from './mail-sink.ts'
import { OpenLoad, openLoad, summary, type Summary } from './open-load.ts'
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

const token = 'the bench reads the metrics'
/** More than a shop works on at once: who waits, waits at its door and not here. */
const connections = 512
/** As events come that could not be delivered for a while. */
const deliveriesPerSecond = 200

/** What is looked at, each asked for by its name: `npm run bench ratios draining`. */
export const ratioSections = ['size', 'pages', 'rush', 'draining', 'besides', 'boot'] as const
export type RatioSection = (typeof ratioSections)[number]

/**
 * Latencies as ratios: to the route's own median at five requests a second (U), or to its own 99th of a hundred without the
 * disturbance. Shares of C, the route's ceiling, found on the spot. Machines differ, ratios hardly.
 */
export async function measureRatios(
  quick: boolean,
  sections: readonly RatioSection[] = ratioSections,
): Promise<Figure[]> {
  const sink = await startMailSink(50)
  const sales = quick ? 100 : 1_000
  const selling = await startSellingShop(
    {
      answerMs: 200,
      eventsEach: 8,
      eventAfterMs: [0, (sales * 8 * 1_000) / deliveriesPerSecond],
    },
    { METRICS_TOKEN: token, SMTP_URL: sink.url, MAIL_FROM: 'shop@example.com' },
  )
  const { shop } = selling
  const isWanted = (section: RatioSection) => sections.includes(section)
  try {
    const seconds = quick ? 3 : 8
    const routes = await routesOf(shop)
    const figures: Figure[] = []
    const small = await median(shop, routes.rendered, seconds)
    if (isWanted('size')) figures.push(...(await atSize(shop, routes, small, seconds)))
    let ceiling = 0
    const looked = isWanted('pages') ? [routes.front, routes.dashboard] : []
    for (const route of [...looked, routes.rendered]) {
      ceiling = await ceilingOf(taskOf(shop, route), { seconds: quick ? 2 : 4 })
      if (isWanted('pages')) figures.push(...(await rows(shop, route, ceiling, { seconds, quick })))
    }
    const store = { route: routes.rendered, ceiling }
    if (isWanted('rush')) figures.push(...(await moneyInARush(selling, store, seconds)))
    if (isWanted('draining'))
      figures.push(...(await draining(selling, store, sink.taken, sales, seconds)))
    if (isWanted('besides')) figures.push(...(await besides(selling, store, routes.owner, seconds)))
    if (isWanted('boot')) figures.push(...(await afterBoot(shop, routes.rendered, small)))
    return figures
  } finally {
    await selling.stop()
    await sink.stop()
  }
}

/** The same pages before and after years of trade. */
async function atSize(
  shop: Shop,
  { rendered, dashboard }: Awaited<ReturnType<typeof routesOf>>,
  small: number,
  seconds: number,
): Promise<Figure[]> {
  const smallOwn = await median(shop, dashboard, seconds)
  await withDatabase(shop, loadData)
  const figures: Figure[] = []
  for (const [route, before] of [
    [rendered, small],
    [dashboard, smallOwn],
  ] as const) {
    const now = await median(shop, route, seconds)
    figures.push(ratio(`100,000 orders: ${route.name}, median`, now, before, 1.5))
  }
  return figures
}

interface Store {
  readonly route: Route
  readonly ceiling: number
}

const taskOf = (shop: Shop, route: Route) => ({
  port: shop.port,
  connections,
  request: () => route.request,
})

const atRate = (shop: Shop, route: Route, perSecond: number, seconds: number) =>
  openLoad({ ...taskOf(shop, route), perSecond, seconds })

async function median(shop: Shop, route: Route, seconds: number): Promise<number> {
  await atRate(shop, route, 20, 1) // warms up
  return (await atRate(shop, route, 5, seconds)).p50
}

function ratio(name: string, value: number, to: number, atMost: number, note = ''): Figure {
  return {
    name,
    value: value / to,
    unit: 'times',
    goal: { atMost },
    note: `${value.toFixed(1)} ms to ${to.toFixed(1)} ms${note && `; ${note}`}`,
  }
}

/** 25, 50, 80 and 150 % of a route's ceiling. */
async function rows(
  shop: Shop,
  route: Route,
  ceiling: number,
  { seconds, quick }: { readonly seconds: number; readonly quick: boolean },
): Promise<Figure[]> {
  const U = await median(shop, route, seconds)
  const quarter = await atRate(shop, route, 0.25 * ceiling, seconds)
  await longestGap(shop) // forgets what was before
  const half = await atRate(shop, route, 0.5 * ceiling, seconds)
  const gap = await longestGap(shop)
  const most = await atRate(shop, route, 0.8 * ceiling, seconds)
  const rush = await atRate(shop, route, 1.5 * ceiling, quick ? 6 : 60)
  const back = await untilAsBefore(shop, route, 0.25 * ceiling, 5 * U)
  const name = (what: string) => `${route.name}: ${what}`
  return [
    {
      name: name('C, and U'),
      value: ceiling,
      unit: 'a second',
      note: `U ${U.toFixed(2)} ms`,
    },
    ratio(name('25 % of C, p50 to U'), quarter.p50, U, 1.2),
    ratio(name('25 % of C, p99 to U'), quarter.p99, U, 5),
    ratio(name('50 % of C, p99 to U'), half.p99, U, 8),
    { name: name('50 % of C, p99'), value: half.p99, unit: 'ms', goal: { atMost: 150 } },
    {
      name: name('50 % of C, longest event-loop gap'),
      value: gap,
      unit: 'ms',
      goal: { atMost: 50 },
    },
    ratio(name('80 % of C, p99 to U'), most.p99, U, 15),
    { name: name('80 % of C, p99'), value: most.p99, unit: 'ms', goal: { atMost: 400 } },
    {
      name: name('150 % of C, served'),
      value: rush.servedPerSecond / ceiling,
      unit: 'of C',
      goal: { atLeast: 0.85 },
      note: `${rush.served} served, ${rush.shed} told to come again, ${rush.failed} failed${rush.failure ? ` (${rush.failure})` : ''}`,
    },
    {
      name: name('150 % of C, p99 of "come again"'),
      value: rush.shed === 0 ? 0 : rush.shedP99,
      unit: 'ms',
      goal: { atMost: 200 },
    },
    ratio(name('150 % of C, p99 of the served to U'), rush.p99, U, 20),
    {
      name: name('as before the rush after'),
      value: back,
      unit: 's',
      goal: { atMost: 10 },
    },
  ]
}

async function untilAsBefore(
  shop: Shop,
  route: Route,
  perSecond: number,
  p99: number,
): Promise<number> {
  const began = performance.now()
  for (;;) {
    const seconds = (performance.now() - began) / 1000
    const load = await atRate(shop, route, perSecond, 1)
    if ((load.failed + load.shed === 0 && load.p99 <= p99) || seconds > 30) return seconds
  }
}

/** The longest the event loop was late since it was asked last, in ms. */
async function longestGap(shop: Shop): Promise<number> {
  const text = await (
    await fetch(`${shop.origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  ).text()
  return 1000 * Number(/event_loop_delay_seconds\{quantile="1"\} (\S+)/.exec(text)?.[1])
}

/** Three checkouts and twenty webhooks a second while the storefront is asked for half as much again as it can. */
async function moneyInARush(
  { shop, offer, provider }: Awaited<ReturnType<typeof startSellingShop>>,
  { route, ceiling }: Store,
  seconds: number,
): Promise<Figure[]> {
  const delivery = deliveries(shop, paddedTo(4_300, (await recordSale()).event))
  let buyer = 1_000_000
  const money = async (pages: number) => {
    const [checkouts, webhooks] = await Promise.all([
      openLoad({
        port: shop.port,
        connections: 60,
        request: () => buyRequest(shop, offer, buyer++),
        accepts: isSentToPay,
        perSecond: 3,
        seconds,
      }),
      openLoad({
        port: shop.port,
        connections: 60,
        request: () => delivery('invoice.paid'),
        perSecond: 20,
        seconds,
      }),
      atRate(shop, route, pages, seconds),
    ])
    return { checkouts, webhooks }
  }
  const calm = await money(0.25 * ceiling)
  const rush = await money(1.5 * ceiling)
  const { unanswered } = await provider.told()
  const lost = ({ checkouts, webhooks }: Record<'checkouts' | 'webhooks', Summary>) =>
    checkouts.failed + checkouts.shed + webhooks.failed + webhooks.shed
  return [
    {
      name: 'storefront at 150 %: money that failed',
      value: lost(rush),
      unit: `of ${rush.checkouts.offered + rush.webhooks.offered}`,
      goal: { atMost: 0 },
      note:
        rush.checkouts.failure ?? rush.webhooks.failure ?? '3 checkouts and 20 webhooks a second',
    },
    ratio('  checkout, p99 to its own at 25 %', rush.checkouts.p99, calm.checkouts.p99, 3),
    { name: '  checkout, p99', value: rush.checkouts.p99, unit: 'ms', goal: { atMost: 1_000 } },
    ratio('  webhook, p99 to its own at 25 %', rush.webhooks.p99, calm.webhooks.p99, 3),
    { name: '  webhook, p99', value: rush.webhooks.p99, unit: 'ms', goal: { atMost: 1_000 } },
    { name: '  deliveries without an answer', value: unanswered, unit: '', goal: { atMost: 0 } },
  ]
}

/** Paid sales with eight events and a mail each are worked off while the storefront is looked at. */
async function draining(
  { shop, offer, provider }: Awaited<ReturnType<typeof startSellingShop>>,
  { route, ceiling }: Store,
  mails: () => number,
  sales: number,
  seconds: number,
): Promise<Figure[]> {
  const calm = await atRate(shop, route, 0.25 * ceiling, seconds)
  const addresses = await openCheckouts(shop, offer, sales)
  const already = await fulfilled(shop)
  const load = new OpenLoad(taskOf(shop, route))
  const paying = payAll(addresses, (address) => provider.payment(address))
  const began = performance.now()
  do await load.run(0.25 * ceiling, 1)
  while ((await fulfilled(shop)) - already < sales && performance.now() - began < 240_000)
  await paying
  load.close()
  const drained = summary(load.visits, 1)
  const mailed = mails()
  const mailing = await atRate(shop, route, 0.25 * ceiling, seconds)
  return [
    ratio(
      `${sales * 8} events come and drain: storefront p99`,
      drained.p99,
      calm.p99,
      2,
      `${((performance.now() - began) / 1000).toFixed(0)} s, ${drained.shed + drained.failed} pages not served`,
    ),
    ratio(
      `their mails going out: storefront p99`,
      mailing.p99,
      calm.p99,
      2,
      `${mailed} mails before, ${mails()} after ${seconds} s`,
    ),
  ]
}

/** Downloads, uploads, wrong passwords and slow senders beside the storefront. */
async function besides(
  selling: Awaited<ReturnType<typeof startSellingShop>>,
  { route, ceiling }: Store,
  owner: string,
  seconds: number,
): Promise<Figure[]> {
  const { shop } = selling
  const looked = () => atRate(shop, route, 0.25 * ceiling, seconds)
  if ((await fulfilled(selling.shop)) === 0) await sellOne(selling)
  const calm = await looked()
  const downloads = await slowDownloads(shop, 200, 50_000)
  const whileDownloading = await looked()
  const downloaded = await downloads.stop()
  const uploads = await imageUploads(shop, owner, 20)
  const whileUploading = await looked()
  const uploaded = await uploads.stop()
  const [guesses, whileGuessing] = await Promise.all([wrongPasswords(shop, 100, seconds), looked()])
  const senders = slowSenders(shop, 100)
  await pause(1_000)
  const probe = await atRate(shop, route, 20, seconds)
  const sending = await senders.stop()
  return [
    ratio(
      '200 downloads at 50 kB/s: storefront p99',
      whileDownloading.p99,
      calm.p99,
      1.5,
      downloaded,
    ),
    ratio('20 image uploads: storefront p99', whileUploading.p99, calm.p99, 1.5, uploaded),
    ratio('100 wrong passwords a second: storefront p99', whileGuessing.p99, calm.p99, 3),
    {
      name: '  answered by the limiter',
      value: guesses.limited / guesses.load.offered,
      unit: 'of them',
      goal: { atLeast: 0.95 },
      note: `${guesses.load.failed + guesses.load.shed} otherwise than 400 or 429`,
    },
    {
      name: '100 slow senders: p99 of a probe',
      value: probe.p99,
      unit: 'ms',
      goal: { atMost: 1_000 },
      note: sending,
    },
  ]
}

async function sellOne({
  shop,
  offer,
  provider,
}: Awaited<ReturnType<typeof startSellingShop>>): Promise<void> {
  await payAll(await openCheckouts(shop, offer, 1), (address) => provider.payment(address))
  for (let tries = 0; (await fulfilled(shop)) === 0; tries++) {
    if (tries > 600) throw new Error('A sale was not settled within a minute.')
    await pause(100)
  }
}

async function afterBoot(shop: Shop, route: Route, U: number): Promise<Figure[]> {
  shop.crash()
  const began = performance.now()
  await shop.startAgain()
  const ready = performance.now() - began
  const connection = await Connection.open(shop.port)
  const asked = performance.now()
  await connection.send(requestBytes('GET', '/', { host: `localhost:${shop.port}` }))
  const first = performance.now() - asked
  await connection.send(route.request)
  connection.close()
  return [
    {
      name: 'kill -9 to ready, database taken over',
      value: ready / 1000,
      unit: 's',
      goal: { atMost: 5 },
    },
    ratio('first request after boot to U', first, U, 10),
  ]
}
