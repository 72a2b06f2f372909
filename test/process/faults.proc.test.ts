import { execFileSync } from 'node:child_process'
import { request } from 'node:http'
import os from 'node:os'
import { kill as halt } from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type RunningSandbox } from '../../sandbox/stripe/index.ts'
import {
  onServer,
  startThrowawayServer,
  type ThrowawayServer,
} from '../../scripts/throwaway-database.ts'
import { Toxic } from '../faults/toxic.ts'
import { until } from '../until.ts'
import { makePlan, newPerson, postForm, pressSubscribe, signIn, type Person } from './people.ts'
import { ShopProcess } from './shop.ts'

// The real program with wires to its database and to Stripe over which things go wrong. What is asked of every fault: each
// request is answered, in words where it cannot be done; nothing that was acknowledged is lost; and when the fault is over
// everything works again by itself, in the same process.

const stripeKey = 'sk_test_ofthefaults'
const webhookSecret = 'whsec_ofthefaults'
const secret = 'one secret for all starts of this shop'
const shop = new ShopProcess()
let server: ThrowawayServer
let stripe: RunningSandbox
let database: Toxic
let api: Toxic

beforeAll(async () => {
  server = await startThrowawayServer(true)
  await onServer(server.url('postgres'), 'create database shop')
  stripe = await startSandbox({ store: 'memory', key: stripeKey, rateLimit: 'off' })
  database = await Toxic.toDatabase(server.url('shop')).open()
  api = await Toxic.toPort(Number(new URL(stripe.url).port)).open()
  Object.assign(shop.environment, {
    DATABASE_URL: database.databaseUrl(server.url('shop')),
    SUNDRY_SECRET: secret,
    TRUSTED_PROXIES: '1',
  })
  // The example shop, then real keys: Stripe is another program with a memory of its own.
  await shop.start()
  await shop.kill()
  Object.assign(shop.environment, {
    STRIPE_SECRET_KEY: stripeKey,
    STRIPE_API_BASE: `http://127.0.0.1:${api.port}`,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_CALLS_PER_SECOND: '100',
  })
  await shop.start()
  await stripe.control.putEndpoint({
    name: 'shop',
    url: `${shop.origin}/webhooks/stripe`,
    secret: webhookSecret,
    enabled_events: ['*'],
  })
}, 120_000)

afterAll(async () => {
  database.heal()
  await shop.stop()
  await database.down()
  await api.down()
  await stripe.close()
  await server.stop()
})

/** After every fault: ready again without a restart, sales go through, the books are right. */
const begun = { pid: 0 }
beforeAll(() => {
  begun.pid = shop.pid
})
afterEach(async () => {
  await until(
    'the shop is ready again',
    async () => (await answer('/readyz')).status === 200,
    60_000,
  )
  const buyer = new Buyer()
  await until('a purchase goes through again', async () => (await buyer.press()).status === 303)
  await buyer.pay()
  await buyer.hasGoods()
  expect(shop.pid).toBe(begun.pid)
  expect(await shop.brokenInvariants()).toEqual([])
})

/** Whether a request over a connection of its own is answered. */
function answeredOnNewConnection(): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ port: shop.port, path: '/healthz', agent: false, timeout: 2_000 })
    asking.on('response', () => resolve(true))
    asking.on('timeout', () => asking.destroy())
    asking.on('close', () => resolve(false))
    asking.on('error', () => resolve(false))
    asking.end()
  })
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
  readonly location: string
}

/** No answer within this time is a hang. */
const hangMs = 30_000
let visitors = 0

async function answer(path: string, request: RequestInit = {}): Promise<Answer> {
  const got = await fetch(shop.origin + path, {
    redirect: 'manual',
    signal: AbortSignal.timeout(hangMs),
    ...request,
    headers: { 'x-forwarded-for': `198.51.100.${++visitors % 250}`, ...request.headers },
  })
  return {
    status: got.status,
    retryAfter: got.headers.get('retry-after'),
    text: await got.text(),
    location: got.headers.get('location') ?? '',
  }
}

/** Somebody with a browser of their own. */
class Buyer {
  #cookies = ''
  sessionId = ''
  checkoutId = ''

  async press(): Promise<Answer> {
    const { productId, priceId } = await offer()
    const got = await fetch(`${shop.origin}/buy`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(hangMs),
      headers: {
        origin: shop.origin,
        cookie: this.#cookies,
        'x-forwarded-for': `198.51.100.${++visitors % 250}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ product: productId, price: priceId }),
    })
    const cookie = /visitor=[^;]+/.exec(got.headers.get('set-cookie') ?? '')?.[0]
    this.#cookies = cookie ?? this.#cookies
    const location = got.headers.get('location') ?? ''
    this.sessionId = /cs_[A-Za-z0-9_]+/.exec(location)?.[0] ?? this.sessionId
    return {
      status: got.status,
      retryAfter: got.headers.get('retry-after'),
      text: await got.text(),
      location,
    }
  }

  async pay(): Promise<void> {
    await stripe.control.pay({ session: this.sessionId, email: 'ada@example.com' })
  }

  async hasGoods(): Promise<void> {
    const [row] = await shop.query<{ id: string }>(
      'select id from checkout where stripe_session_id = $1',
      [this.sessionId],
    )
    this.checkoutId = row?.id ?? ''
    await until(
      'the goods are there',
      async () => {
        const outcome = await shop.outcome(this.checkoutId)
        return outcome?.entitlements?.toString() === '1'
      },
      60_000,
    )
    expect(await shop.outcome(this.checkoutId)).toEqual({
      state: 'paid',
      orders: 1,
      payments: 1,
      entitlements: 1,
      receipts: 1,
    })
  }
}

let offered: Promise<{ productId: string; priceId: string; slug: string }> | undefined
/** The first product of the example shop. Asked while all is well, and remembered. */
function offer() {
  offered ??= shop
    .query<{ product_id: string; id: string; slug: string }>(
      `select price.id, product_id, product.slug from price join product on product.id = product_id
       where is_active and state = 'live' order by product.position limit 1`,
    )
    .then(([row]) => ({
      productId: row?.product_id ?? '',
      priceId: row?.id ?? '',
      slug: row?.slug ?? '',
    }))
  return offered
}

/** Deliveries that were not taken are brought again, as Stripe does for days. */
async function stripeRepeats(): Promise<void> {
  const { data } = await stripe.control.deliveries()
  const taken = new Set(data.filter(({ status }) => status === 'succeeded').map((one) => one.event))
  for (const one of data) if (!taken.has(one.event)) await stripe.control.redeliver(one.event)
}

const inWords = { status: 503, retryAfter: expect.stringMatching(/^\d+$/) as string }

describe('the database', () => {
  test('M01: down: kept pages are shown, all else is 503 in words, nothing can be bought, a paid event is put off, not lost', async () => {
    const paying = new Buyer()
    expect((await paying.press()).status).toBe(303)
    const front = await answer('/')
    expect(front.status).toBe(200)
    await database.down()
    await paying.pay()

    expect(await answer('/')).toMatchObject({ status: 200, text: front.text })
    const slug = (await offer()).slug
    const search = await answer(`/search?q=${slug}`)
    expect(search).toMatchObject({
      ...inWords,
      text: expect.stringContaining('database') as string,
    })
    const refused = await new Buyer().press()
    expect(refused).toMatchObject(inWords)
    expect(refused.text).toMatch(/Nothing was charged/)
    const back = await answer(`/checkout/${'0'.repeat(8)}-0000-7000-8000-000000000000?t=x`)
    expect(back).toMatchObject(inWords)
    expect(back.text).not.toMatch(/Nothing was charged/)
    // Many at once get the same, and nobody waits.
    const many = await Promise.all(Array.from({ length: 40 }, (_, at) => answer(`/search?q=${at}`)))
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([503]))
    expect((await answer('/healthz')).status).toBe(200)
    expect((await answer('/readyz')).status).toBe(503)
    await until('the delivery was refused', async () => {
      const { data } = await stripe.control.deliveries()
      return data.some(({ status }) => status === 'failed' || status === 'pending')
    })

    await database.open()
    await until('the shop is ready', async () => (await answer('/readyz')).status === 200, 60_000)
    await stripeRepeats()
    await paying.hasGoods()
  })

  test('M02: slow, 2 s a statement: pages are slow or put off in words, and nobody hangs', async () => {
    database.latencyMs = 1_000
    const answers = await Promise.all([
      answer('/search?q=planner'),
      answer('/sign-in'),
      new Buyer().press(),
      ...Array.from({ length: 20 }, (_, at) => answer(`/search?q=slow${at}`)),
    ])
    for (const { status, retryAfter } of answers) {
      expect([200, 303, 503]).toContain(status)
      if (status === 503) expect(retryAfter).not.toBeNull()
    }
    database.heal()
  })

  test('M03: silent in the middle of everything: 503 within seconds; back again it serves', async () => {
    await answer('/search?q=before')
    database.hang()
    const began = performance.now()
    const answers = await Promise.all([
      answer('/search?q=planner'),
      new Buyer().press(),
      ...Array.from({ length: 10 }, (_, at) => answer(`/search?q=silent${at}`)),
    ])
    for (const one of answers) expect(one).toMatchObject(inWords)
    // Five seconds by the settings; the rest is for a machine that has other things to do.
    expect(performance.now() - began).toBeLessThan(15_000)
    database.heal()
  })

  test('M03, M04: answers cut off in the middle, connections reset while people buy: each buyer gets one purchase', async () => {
    const buyers = Array.from({ length: 8 }, () => new Buyer())
    for (const [at, buyer] of buyers.entries()) {
      database.cutAfterBytes(200 + at * 700)
      const first = buyer.press()
      // The second half is hit in the middle of a statement by a reset of everything at once.
      if (at % 2 === 1) setTimeout(() => database.reset(), at * 5)
      expect([303, 503]).toContain((await first).status)
      database.heal()
    }
    for (const buyer of buyers) {
      await until('pressing again works', async () => (await buyer.press()).status === 303)
      await buyer.pay()
    }
    for (const buyer of buyers) await buyer.hasGoods()
  })

  test('M05: read-only, as on a full disk: reading works, writing is refused in words, a paid event is put off', async () => {
    const paying = new Buyer()
    expect((await paying.press()).status).toBe(303)
    const mayWrite = async (may: boolean) => {
      await onServer(
        server.url('postgres'),
        `alter database shop set default_transaction_read_only = ${may ? 'off' : 'on'}`,
      )
      database.reset()
    }
    await mayWrite(false)
    const search = `/search?q=${(await offer()).slug}`
    await until('pages are read', async () => (await answer(search)).status === 200)
    const refused = await new Buyer().press()
    expect(refused).toMatchObject(inWords)
    expect(refused.text).toMatch(/Nothing can be stored.*Nothing was charged/)
    await paying.pay()
    await mayWrite(true)
    await until('the shop is ready', async () => (await answer('/readyz')).status === 200, 60_000)
    await stripeRepeats()
    await paying.hasGoods()
  })
})

describe('the process', () => {
  test('M34: halted for seconds, as by a blocked event loop: health does not answer, afterwards everything goes on', async () => {
    const asleep = shop.pid
    const stopped = new Buyer()
    const pressing = stopped.press()
    halt(asleep, 'SIGSTOP')
    try {
      const health = await fetch(`${shop.origin}/healthz`, {
        signal: AbortSignal.timeout(2_000),
      }).catch((error: Error) => error.name)
      expect(health).toBe('TimeoutError')
    } finally {
      halt(asleep, 'SIGCONT')
    }
    expect([303, 503]).toContain((await pressing).status)
  })

  // How many files a process may open is told by Linux, and changed while it runs.
  if (os.platform() === 'linux')
    test('M34: no file descriptors are left: it lives, and serves again as soon as there are some', async () => {
      const limitOf = (...options: string[]) =>
        execFileSync('prlimit', ['--pid', String(shop.pid), ...options], {
          encoding: 'utf8',
        }).trim()
      const [soft, hard] = limitOf('--nofile', '--output=SOFT,HARD', '--noheadings', '--raw').split(
        /\s+/,
      )
      // Fewer than are open: those stay, and no other is to be had.
      limitOf(`--nofile=10:${hard}`)
      try {
        const many = await Promise.all(Array.from({ length: 20 }, answeredOnNewConnection))
        expect(many).not.toContain(true)
      } finally {
        limitOf(`--nofile=${soft}:${hard}`)
      }
      await until('it serves', async () => (await answer('/search?q=after')).status === 200)
    })
})

describe('Stripe', () => {
  test('M10: down: pages are as ever, "Buy" says that nothing was charged, and works again when Stripe is back', async () => {
    await api.down()
    const refused = await new Buyer().press()
    expect(refused).toMatchObject(inWords)
    expect(refused.text).toMatch(/Payments cannot be reached.*Nothing was charged/)
    expect((await answer('/search?q=planner')).status).toBe(200)
    await api.open()
  })

  test('M11: slow, 10 s an answer: the buyer is told within seconds; the same form again finds one session and pays once', async () => {
    const buyer = new Buyer()
    api.latencyMs = 5_000
    const began = performance.now()
    const refused = await buyer.press()
    expect(refused).toMatchObject(inWords)
    expect(refused.text).toMatch(/Nothing was charged/)
    expect(performance.now() - began).toBeLessThan(20_000)
    api.heal()
    await until('pressing again works', async () => (await buyer.press()).status === 303)
    await buyer.pay()
    await buyer.hasGoods()
  })

  test('M12: 429 and 500 in bursts: refused in words or done, never half; afterwards everybody can buy', async () => {
    await stripe.control.setChaos({
      api: { rate_limited: 0.4, error_before: 0.3, retry_after_s: 1 },
    })
    const buyers = Array.from({ length: 8 }, () => new Buyer())
    for (const one of await Promise.all(buyers.map((buyer) => buyer.press()))) {
      if (one.status === 303) continue
      expect(one).toMatchObject(inWords)
      expect(one.text).toMatch(/Nothing was charged/)
    }
    await stripe.control.setChaos({})
    for (const buyer of buyers) {
      await until('pressing again works', async () => (await buyer.press()).status === 303)
      await buyer.pay()
    }
    for (const buyer of buyers) await buyer.hasGoods()
  })

  test('M13: it did what it was asked and the answer is cut off: no second charge, the buyer pays once', async () => {
    const buyer = new Buyer()
    api.reset()
    api.cutAfterBytes(150)
    expect(await buyer.press()).toMatchObject(inWords)
    api.heal()
    await until('pressing again works', async () => (await buyer.press()).status === 303)
    await buyer.pay()
    await buyer.hasGoods()
  })
})

describe('Stripe, while people subscribe', () => {
  /** Premium in the example shop, opened by any subscription; these words stand in its rest alone. */
  const post = '/posts/how-i-plan-a-year-without-planning-a-year'
  const readsOn = async (who: Person, rest: string) => {
    const page = await answer(post, { headers: { cookie: who.cookie } })
    expect(page.status).toBe(200)
    return page.text.includes(rest)
  }
  const standing = async (who: Person) => {
    const [row] = await shop.query<{
      id: string
      status: string
      cancels: boolean
      periods: number
    }>(
      `select s.id, s.status, s.cancels_at is not null as cancels,
         (select count(*)::int from allotment a where a.subscription_id = s.id) as periods
       from subscription s where s.member_id = $1`,
      [who.id],
    )
    return row
  }
  const passTime = (words: string) =>
    shop.query(
      'update clock set offset_ms = offset_ms + 1000 * extract(epoch from $1::interval)::bigint',
      [words],
    )
  /** Asks for a code and types it, as a newcomer would; gives the status of the page one lands on. */
  async function signsInByCode(email: string): Promise<number> {
    const nobody = { id: '', cookie: '', network: '198.51.100.251' }
    const asked = await postForm(shop, nobody, '/sign-in?/code', { email })
    const code = await until('the code is mailed', async () => {
      const [mail] = await shop.query<{ content: string }>(
        'select content::text as content from email_message where to_address = $1',
        [email],
      )
      return /\b\d{6}\b/.exec(mail?.content ?? '')?.[0]
    })
    const typed = await postForm(shop, nobody, `${asked?.location}&/signIn`, { code })
    return typed?.status ?? 0
  }

  test('[payments 29] [commerce 62] down for half an hour: who pays reads on and signs in, what needs money is refused in words and changes nothing, and what happened there meanwhile is caught up with', async () => {
    const owner = await newPerson(shop, secret, 'owner')
    const planId = await makePlan(shop, owner, 'Supporter')
    const member = await newPerson(shop, secret, 'member')
    const stranger = await newPerson(shop, secret, 'member')
    await stripe.control.pay({ session: await pressSubscribe(shop, member, planId) })
    await until('it is mirrored', async () => (await standing(member))?.periods === 1)
    const [text] = await shop.query<{ body_md: string }>(
      'select body_md from post where slug = $1',
      [post.slice('/posts/'.length)],
    )
    const rest = /[A-Za-z ]{16,}/.exec(text?.body_md.trim().split('\n').at(-1) ?? '')?.[0] ?? ''
    expect(rest).not.toBe('')
    const id = (await standing(member))?.id ?? ''

    await api.down()
    for (let minutes = 0; minutes < 30; minutes += 10) {
      await passTime('10 minutes')
      expect(await readsOn(member, rest)).toBe(true)
      expect(await readsOn(stranger, rest)).toBe(false)
    }
    expect(await signsInByCode('somebody@example.com')).toBe(303)
    const before = await standing(member)
    const refusals = [
      await postForm(shop, stranger, '/subscribe', { plan: planId }),
      await postForm(shop, member, '/dashboard/membership?/cancel', { subscription: id }),
      await postForm(shop, member, '/dashboard/membership?/card', { subscription: id }),
    ]
    for (const refused of refusals)
      expect(refused).toMatchObject({
        status: 503,
        text: expect.stringMatching(/Payments cannot be reached/),
      })
    const [customer] = await shop.query<{ id: string }>(
      'select id from customer where member_id = $1',
      [member.id],
    )
    const ofOwner = `/admin/customers/${customer?.id}`
    for (const press of ['pauseMembership', 'endMembership'])
      expect(
        await postForm(shop, owner, `${ofOwner}?/${press}`, { subscription: id }),
      ).toMatchObject({ status: 503, text: expect.stringMatching(/[Ss]tripe|[Pp]ayments/) })
    expect(await standing(member)).toEqual(before)

    // It renews there meanwhile; what tells of it arrives, and cannot be looked up.
    await stripe.control.advance('32d')
    await passTime('32 days')
    const later = await signIn(shop, secret, member)
    expect(await readsOn(later, rest)).toBe(true)
    await api.open()
    await until(
      'the next period is given',
      async () => (await standing(member))?.periods === 2,
      90_000,
    )
    await until(
      'nothing waits any more',
      async () => {
        const [row] = await shop.query<{ waiting: number }>(
          `select count(*)::int as waiting from stripe_event where state = 'pending'`,
        )
        return row?.waiting === 0
      },
      90_000,
    )
    expect(await readsOn(later, rest)).toBe(true)
    // A month at once: what others had begun and left is closed by the sweeps.
    await until(
      'nothing that must never be is',
      async () => (await shop.brokenInvariants()).length === 0,
      60_000,
    )
  })
})
