import type pg from 'pg'
import { sandboxSecrets } from '../server/sandbox.ts'
import { invariants } from '../scripts/invariants.ts'
import { startChild, type Child } from './child.ts'
import { Connection, headerOf, requestBytes } from './connection.ts'
import type { Figure } from './figure.ts'
import { percentile } from './percentile.ts'
import { openClient, shopSecret, startShop, withDatabase, type Shop } from './shop.ts'
import { put, settingsFor, startStandIn, type Provider } from './stand-in.ts'

const atOnce = 8
const callsPerSecond = 10_000
const key = 'sk_test_bench'
const giveUpMs = 20_000

/**
 * Whole purchases, eight buyers at once: the button's POST, the payment, three deliveries of its event, until the
 * entitlement is committed. Counted afterwards in the database: nothing lost, nothing doubled, every invariant holds.
 */
export async function measurePurchases(quick: boolean): Promise<Figure[]> {
  const standIn = await purchases(
    await startStandIn({ eventsEach: 3, sameEvent: true }),
    quick ? 4 : 10,
  )
  const sandbox = await purchases(await startMemorySandbox(), quick ? 3 : 6)
  return [...figures(standIn, { perSecond: 150, p99: 150 }), ...figures(sandbox)]
}

interface Result {
  readonly words: string
  readonly perSecond: number
  readonly latencies: readonly number[]
  readonly lost: number
  readonly doubled: number
  readonly broken: readonly string[]
}

function figures(result: Result, goal?: { perSecond: number; p99: number }): Figure[] {
  const name = `purchases, ${result.words}`
  return [
    {
      name,
      value: result.perSecond,
      unit: 'a second',
      ...(goal && { goal: { atLeast: goal.perSecond } }),
      note: `${result.latencies.length} by ${atOnce} at once; events three times; budget ${callsPerSecond} calls a second`,
    },
    { name: '  median', value: percentile(result.latencies, 50), unit: 'ms' },
    {
      name: '  p99',
      value: percentile(result.latencies, 99),
      unit: 'ms',
      ...(goal && { goal: { atMost: goal.p99 } }),
    },
    { name: '  lost', value: result.lost, unit: 'purchases', goal: { atMost: 0 } },
    { name: '  doubled', value: result.doubled, unit: 'purchases', goal: { atMost: 0 } },
    {
      name: '  invariants broken',
      value: result.broken.length,
      unit: `of ${invariants.length}`,
      goal: { atMost: 0 },
      note: result.broken.join('; '),
    },
  ]
}

async function purchases(provider: Provider, seconds: number): Promise<Result> {
  const shop = await startShop(settingsFor(provider, callsPerSecond))
  const ledger = new Ledger(await openClient(shop), await openClient(shop))
  try {
    await provider.deliverTo(`http://127.0.0.1:${shop.port}/webhooks/stripe`)
    const offer = await anOffer(shop)
    let sold = 0
    const buyers = (until: number, latencies: number[]) =>
      Promise.all(
        Array.from({ length: atOnce }, async () => {
          const toShop = await Connection.open(shop.port)
          const toProvider = await Connection.open(Number(new URL(provider.url).port))
          while (performance.now() < until) {
            const began = performance.now()
            const session = await buy({ shop, offer, provider, toShop, toProvider, buyer: sold++ })
            latencies.push((await ledger.entitled(session)) - began)
          }
          toShop.close()
          toProvider.close()
        }),
      )
    await buyers(performance.now() + (seconds * 1000) / 4, []) // warms up
    const latencies: number[] = []
    const began = performance.now()
    await buyers(began + seconds * 1000, latencies)
    const perSecond = latencies.length / ((performance.now() - began) / 1000)
    return { words: provider.words, perSecond, latencies, ...(await count(shop, sold)) }
  } finally {
    await ledger.close()
    await shop.stop()
    await provider.stop()
  }
}

interface Offer {
  readonly product: string
  readonly price: string
}

interface Purchase {
  readonly shop: Shop
  readonly offer: Offer
  readonly provider: Provider
  readonly toShop: Connection
  readonly toProvider: Connection
  readonly buyer: number
}

/** Presses "Buy" and pays; returns the session's id. */
export async function buy({
  shop,
  offer,
  provider,
  toShop,
  toProvider,
  buyer,
}: Purchase): Promise<string> {
  const network = `10.${(buyer >> 16) & 255}.${(buyer >> 8) & 255}.${buyer & 255}`
  const pressed = await toShop.send(pressBuy(shop, offer, network))
  const location = headerOf(pressed, 'location')
  if (pressed.status !== 303 || !location?.startsWith(provider.url))
    throw new Error(
      `"Buy" answered ${pressed.head.split('\r\n')[0]}: ${pressed.body.toString('utf8', 0, 300)}`,
    )
  const address = new URL(location)
  const paid = await toProvider.send(provider.payment(address))
  if (paid.status >= 400)
    throw new Error(`Paying answered ${paid.status}: ${paid.body.toString('utf8', 0, 300)}`)
  return address.pathname.split('/').at(-1) ?? ''
}

/** The "Buy" button's request, from a network of its own (the shop is started with TRUSTED_PROXIES=1). */
export function pressBuy(shop: Shop, offer: Offer, network: string): Buffer {
  return requestBytes(
    'POST',
    '/buy',
    {
      host: `localhost:${shop.port}`,
      origin: shop.origin,
      'content-type': 'application/x-www-form-urlencoded',
      'x-forwarded-for': network,
    },
    new URLSearchParams({ ...offer }).toString(),
  )
}

/** A shop with a key has no examples: it gets one product to sell. */
export async function anOffer(shop: Shop): Promise<Offer> {
  return withDatabase(shop, async (client) => {
    const { rows } = await client.query<Offer>(
      `with made as (
         insert into product (kind, slug, title, state, published_at)
         values ('download', 'a-field-guide', 'A Field Guide', 'live', clock_now()) returning id
       ), holds as (
         insert into download (product_id) select id from made returning product_id
       ), inside as (
         insert into download_item (product_id, position, item_kind, title, body)
         select product_id, 0, 'snippet', 'The first page', 'Go out and look.' from holds
       )
       insert into price (product_id, amount_minor, currency) select id, 1800, 'EUR' from made
       returning product_id as product, id as price`,
    )
    const offer = rows[0]
    if (!offer) throw new Error('The product was not made.')
    return offer
  })
}

/**
 * Sees purchases as soon as they are committed: one look-up every few milliseconds for all who wait. What it looks for is
 * the note that a checkout was fulfilled, which stands in the transaction of its order and entitlements.
 */
export class Ledger {
  readonly #sessions: pg.Client
  readonly #effects: pg.Client
  #last: Promise<unknown> = Promise.resolve()
  readonly #waiting = new Map<string, { seen(at: number): void; since: number }>()
  readonly #asking: Promise<void>
  #isClosed = false

  constructor(sessions: pg.Client, effects: pg.Client) {
    this.#sessions = sessions
    this.#effects = effects
    this.#asking = this.#ask()
  }

  /** When the purchase of this session was seen; one that does not come in time counts as lost when all are counted. */
  async entitled(session: string): Promise<number> {
    const asking = this.#last.then(() =>
      this.#sessions.query<{ id: string }>({
        name: 'checkout',
        text: `select id from checkout where backend_id = (select max(id) from stripe_backend) and stripe_session_id = $1`,
        values: [session],
      }),
    )
    this.#last = asking
    const checkout = (await asking).rows[0]?.id
    if (!checkout) throw new Error(`No checkout has the session ${session}.`)
    return new Promise((resolve) => {
      this.#waiting.set(checkout, { seen: resolve, since: performance.now() })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#asking
    await this.#sessions.end()
    await this.#effects.end()
  }

  async #ask(): Promise<void> {
    while (!this.#isClosed) {
      if (this.#waiting.size > 0) {
        const { rows } = await this.#effects.query<{ key: string }>({
          name: 'fulfilled',
          text: `select key from payment_effect where kind = 'fulfil' and key = any($1)`,
          values: [[...this.#waiting.keys()]],
        })
        const at = performance.now()
        for (const { key } of rows) this.#take(key, at)
        for (const [checkout, { since }] of this.#waiting)
          if (at - since > giveUpMs) this.#take(checkout, at)
      }
      await new Promise((resolve) => setTimeout(resolve, 4))
    }
  }

  #take(checkout: string, at: number): void {
    this.#waiting.get(checkout)?.seen(at)
    this.#waiting.delete(checkout)
  }
}

/** What the database says when all events are worked off. */
async function count(shop: Shop, sold: number) {
  return withDatabase(shop, async (client) => {
    const number = async (sql: string) =>
      Number((await client.query<{ n: string }>(`select (${sql}) as n`)).rows[0]?.n)
    const deadline = performance.now() + giveUpMs
    const isBusy = async () =>
      (await number(`select count(*) from stripe_event where state = 'pending'`)) > 0 ||
      (await number(`select coalesce(sum(deliveries), 0) from stripe_event`)) < sold * 3
    while (performance.now() < deadline && (await isBusy()))
      await new Promise((resolve) => setTimeout(resolve, 50))
    const entitled = await number(
      `select count(distinct o.checkout_id) from shop_order o join order_line l on l.order_id = o.id
       join entitlement e on e.source_id = l.id and e.state = 'active'`,
    )
    const all = await number(`select count(*) from entitlement`)
    const orders = await number(`select count(*) from shop_order`)
    const broken: string[] = []
    for (const { id, words, sql } of invariants)
      if ((await number(sql)) !== 0) broken.push(`${id} ${words}`)
    return { lost: sold - entitled, doubled: Math.max(all, orders) - entitled, broken }
  })
}

async function startMemorySandbox(): Promise<Provider> {
  const child: Child = await startChild('sandbox/stripe/main.ts', {
    args: ['--port', '0', '--key', key, '--delivery', 'test', '--rate-limit', 'off'],
    isReady: (line) => line.startsWith('{"listening"'),
  })
  const url = (JSON.parse(child.line) as { listening: string }).listening
  return {
    words: 'the sandbox in memory',
    url,
    async deliverTo(webhook) {
      for (const name of ['one', 'two', 'three'])
        await put(
          `${url}/_sandbox/endpoint`,
          { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          JSON.stringify({
            name,
            url: `${webhook}?${name}`,
            secret: sandboxSecrets(shopSecret).webhookSecret,
            enabled_events: ['checkout.session.completed'],
          }),
        )
    },
    payment: (address) => payByCard(address),
    stop: () => child.stop(),
  }
}

/** The hosted page's form, filled in with the card that always works. */
export function payByCard(address: URL, headers: Readonly<Record<string, string>> = {}): Buffer {
  return requestBytes(
    'POST',
    address.pathname + address.search,
    {
      host: address.host,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    new URLSearchParams({
      email: 'buyer@example.com',
      method: 'card',
      card_number: '4242 4242 4242 4242',
      card_expiry: '12 / 30',
      card_cvc: '123',
      card_name: 'A Buyer',
      card_country: 'DE',
    }).toString(),
  )
}
