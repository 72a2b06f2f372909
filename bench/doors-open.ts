import { setTimeout as pause } from 'node:timers/promises'
import { invariants } from '../scripts/invariants.ts'
import { Connection, headerOf, requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { routesOf } from './full-shop.ts'
import { closedLoop } from './load.ts'
import { startMailSink } from './mail-sink.ts'
import { OpenLoad, summary, type Visit } from './open-load.ts'
import {
  buyRequest,
  countOf,
  fulfilled,
  isSentToPay,
  startSellingShop,
  type Offer,
} from './sales.ts'
import { withDatabase, type Shop } from './shop.ts'

/** The busiest five seconds ask for so many pages a second. */
const peak = 500

interface Bought {
  readonly session: string
  /** Where the buyer was sent after paying, and as whom. */
  readonly back: URL
  readonly cookie: string
}

/**
 * "Doors open at ten": the worst hour of a one-person shop. Readers of a mailing reload, buyers press all at once, Stripe is slow
 * and loses answers, events come late, twice and out of order, the mail server takes its time, and in the middle of it the
 * program is killed and started again by its supervisor. Rates are scaled by one factor where the machine cannot carry the load
 * maker and the shop at once; quick: a fifth of the time.
 */
export async function measureDoorsOpen(quick: boolean): Promise<Figure[]> {
  const time = quick ? 0.2 : 1
  const sink = await startMailSink(300)
  const selling = await startSellingShop(
    {
      answerMs: 200,
      slowShare: 0.1,
      slowMs: 1_000,
      lostShare: 0.01,
      eventsEach: 4,
      eventAfterMs: [2_000, quick ? 8_000 : 30_000],
      duplicateShare: 0.05,
    },
    { SMTP_URL: sink.url, MAIL_FROM: 'shop@example.com' },
  )
  const { shop, offer } = selling
  try {
    const { front, product, dashboard } = await routesOf(shop)
    // 70 % the front page, 20 % a product, 10 % somebody's dashboard.
    const mixed = (n: number) => (n % 10 < 7 ? front : n % 10 < 9 ? product : dashboard).request
    const task = { port: shop.port, connections: 16, request: mixed }
    await closedLoop({ ...task, seconds: 4 }) // warms up
    const { perSecond: capacity, failed, failure } = await closedLoop({ ...task, seconds: 4 })
    if (failed > 0) throw new Error(`Pages failed before the doors opened: ${failure}`)
    const factor = Math.min(1, Math.max(0.01, Number((capacity / 2 / peak).toFixed(2))))

    const pages = new OpenLoad({ port: shop.port, connections: 200, request: mixed })
    const buyers = new Buyers(shop, offer, Number(new URL(selling.provider.url).port))
    const visiting = async () => {
      for (const [seconds, perSecond] of [
        [10, 250],
        [5, peak],
        [45, 250],
        [255, 25], // those who look around afterwards
      ] as const)
        await pages.run(perSecond * factor, seconds * time)
    }
    const buying = async () => {
      await pause(15_000 * time)
      for (const [seconds, perMinute] of [
        [120, 100],
        [60, 200],
        [120, 100],
      ] as const)
        await buyers.come((perMinute / 60) * factor, seconds * time)
    }
    const killing = async () => {
      await pause(120_000 * time)
      const at = performance.now()
      shop.crash()
      const started = shop.startAgain()
      await untilAnswers(shop)
      const until = performance.now()
      await started
      return { at, until }
    }
    const [kill] = await Promise.all([killing(), visiting(), buying()])
    await buyers.done()
    pages.close()
    await settled(shop, buyers.bought.length)
    const { taken, refused, unanswered, lostAnswers } = await selling.provider.told()
    return [
      {
        name: 'all rates scaled by',
        value: factor,
        unit: 'times',
        note: `mixed pages as fast as they go, load maker beside: ${Math.round(capacity)} a second; time scaled by ${time}`,
      },
      ...pageFigures(pages.visits, kill),
      ...(await moneyFigures(shop, buyers, kill)),
      {
        name: 'what Stripe saw',
        value: taken,
        unit: 'deliveries',
        note: `${refused} refused and ${unanswered} unanswered before they were taken, ${lostAnswers} answers of its own lost; ${sink.taken()} mails taken`,
      },
    ]
  } finally {
    await selling.stop()
    await sink.stop()
  }
}

interface Kill {
  readonly at: number
  readonly until: number
}

/** Whether any of it lay in the time from the kill to the first answer after it. */
const wasHit = (visit: Visit, kill: Kill) =>
  visit.dueAt <= kill.until && visit.dueAt + visit.ms >= kill.at

function pageFigures(visits: readonly Visit[], kill: Kill): Figure[] {
  const outside = summary(
    visits.filter((visit) => !wasHit(visit, kill)),
    1,
  )
  return [
    {
      name: 'pages that failed outside the kill window',
      value: (100 * (outside.failed + outside.shed)) / outside.offered,
      unit: '%',
      goal: { atMost: 0.1 },
      note: `${outside.failed} failed, ${outside.shed} told to come again, of ${outside.offered}${outside.failure ? `: ${outside.failure}` : ''}`,
    },
    { name: 'p99 of pages outside it', value: outside.p99, unit: 'ms', goal: { atMost: 400 } },
    {
      name: 'kill window: kill -9 to the first page',
      value: (kill.until - kill.at) / 1000,
      unit: 's',
      goal: { atMost: 8 },
    },
  ]
}

async function moneyFigures(shop: Shop, buyers: Buyers, kill: Kill): Promise<Figure[]> {
  const outside = buyers.presses.filter((visit) => !wasHit(visit, kill))
  const failed = outside.filter((visit) => visit.outcome !== 'served')
  const sessions = buyers.bought.map(({ session }) => session)
  const facts = await withDatabase(shop, async (client) => {
    const { rows } = await client.query<{ known: number; granted: number; slowest: number }>(
      `select count(*)::int as known,
         count(*) filter (where granted.at is not null)::int as granted,
         coalesce(max(extract(epoch from granted.at - told.at)), 0)::float8 as slowest
       from checkout c
       left join lateral (select min(e.created_at) as at from shop_order o join order_line l on l.order_id = o.id
         join entitlement e on e.source_id = l.id and e.state = 'active' where o.checkout_id = c.id) granted on true
       left join lateral (select min(received_at) as at from stripe_event where group_key = c.stripe_session_id) told on true
       where c.stripe_session_id = any($1)`,
      [sessions],
    )
    return rows[0] ?? { known: 0, granted: 0, slowest: Number.NaN }
  })
  const broken: string[] = []
  for (const { id, words, sql } of invariants)
    if ((await countOf(shop, sql)) !== 0) broken.push(`${id} ${words}`)
  return [
    {
      name: 'checkouts that failed outside it',
      value: failed.length,
      unit: `of ${outside.length}`,
      goal: { atMost: 0 },
      note: failed[0]?.words ?? '',
    },
    {
      name: 'buyers sent to pay whom the shop then did not know',
      value: sessions.length - facts.known,
      unit: `of ${sessions.length}`,
      goal: { atMost: 0 },
    },
    {
      name: 'paid, but without goods',
      value: sessions.length - facts.granted,
      unit: `of ${sessions.length}`,
      goal: { atMost: 0 },
    },
    {
      name: '  slowest goods after their webhook',
      value: facts.slowest,
      unit: 's',
      goal: { atMost: 60 },
    },
    {
      name: '  pages after paying that do not show them',
      value: await withoutGoods(shop, buyers.bought),
      unit: `of ${sessions.length}`,
      goal: { atMost: 0 },
    },
    {
      name: 'invariants broken',
      value: broken.length,
      unit: `of ${invariants.length}`,
      goal: { atMost: 0 },
      note: broken.join('; '),
    },
  ]
}

/** People who press "Buy", are sent to pay, and pay at once. */
class Buyers {
  readonly bought: Bought[] = []
  readonly #load: OpenLoad
  readonly #paying: OpenLoad
  readonly #shop: Shop
  readonly #offer: Offer
  readonly #under = new Set<Promise<void>>()
  #count = 0

  constructor(shop: Shop, offer: Offer, payPort: number) {
    this.#shop = shop
    this.#offer = offer
    const request = () => buyRequest(shop, offer, this.#count)
    this.#load = new OpenLoad({ port: shop.port, connections: 60, request, accepts: isSentToPay })
    this.#paying = new OpenLoad({ port: payPort, connections: 30, request })
  }

  get presses(): readonly Visit[] {
    return this.#load.visits
  }

  async come(perSecond: number, seconds: number): Promise<void> {
    const began = performance.now()
    for (let n = 0; n < Math.round(perSecond * seconds); n++) {
      const at = began + (n * 1000) / perSecond
      if (at > performance.now()) await pause(at - performance.now())
      const one: Promise<void> = this.#buy(at).finally(() => this.#under.delete(one))
      this.#under.add(one)
    }
  }

  async done(): Promise<void> {
    await Promise.all(this.#under)
    this.#load.close()
    this.#paying.close()
  }

  async #buy(at: number): Promise<void> {
    const reply = await this.#load.ask(buyRequest(this.#shop, this.#offer, this.#count++), at)
    if (!reply || !isSentToPay(reply)) return
    const address = new URL(headerOf(reply, 'location') ?? '')
    const paid = await this.#paying.ask(
      requestBytes('POST', address.pathname, { host: address.host }, ''),
      performance.now(),
    )
    if (paid?.status !== 200) throw new Error('The stand-in did not take the payment.')
    const told: { back: string } = JSON.parse(paid.body.toString())
    this.bought.push({
      session: address.pathname.split('/').at(-1) ?? '',
      back: new URL(told.back),
      cookie: (headerOf(reply, 'set-cookie') ?? '').split(';')[0] ?? '',
    })
  }
}

/** Every buyer comes back to the page after paying. */
async function withoutGoods(shop: Shop, bought: readonly Bought[]): Promise<number> {
  const connection = await Connection.open(shop.port)
  let without = 0
  for (const { back, cookie } of bought) {
    const page = await connection.send(
      requestBytes('GET', back.pathname + back.search, { host: `localhost:${shop.port}`, cookie }),
    )
    if (page.status !== 200 || !page.body.includes('Go out and look.')) without++
  }
  connection.close()
  return without
}

async function untilAnswers(shop: Shop): Promise<void> {
  for (;;) {
    const isThere = await fetch(`${shop.origin}/`, { signal: AbortSignal.timeout(5_000) }).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isThere) return
    await pause(20)
  }
}

async function settled(shop: Shop, sales: number): Promise<void> {
  const deadline = performance.now() + 120_000
  const isOver = async () =>
    (await fulfilled(shop)) >= sales &&
    (await countOf(shop, `select count(*) from stripe_event where state = 'pending'`)) === 0 &&
    (await countOf(
      shop,
      `select count(*) from email_message where state in ('queued', 'sending')`,
    )) === 0
  while (performance.now() < deadline && !(await isOver())) await pause(250)
}
