import { brotliDecompressSync } from 'node:zlib'
import type pg from 'pg'
import { session } from './at-size.ts'
import { Connection, headerOf, requestBytes, type Reply } from './connection.ts'
import type { Figure } from './figure.ts'
import { closedLoop, fixedLoad } from './load.ts'
import { median, percentile } from './percentile.ts'
import { cpuMs } from './processes.ts'
import { startShop, withDatabase, type Shop } from './shop.ts'

const premium = 'how-i-plan-a-year-without-planning-a-year'
const free = 'the-same-post-free'
const connections = 4
const rounds = 6
/** Of a reader's answers every so many-th is opened and read. */
const readEvery = 25

/**
 * A premium post as a subscriber reads it, who they are and what they may read asked at each request, beside the same post made free, for
 * the same reader, in turns. All the while a stranger asks for the premium one and must never meet more than its teaser.
 */
export async function measurePosts(quick: boolean): Promise<Figure[]> {
  const shop = await startShop()
  try {
    const { reader, owner, phrase } = await withDatabase(shop, prepare)
    const asked = (slug: string, cookie: string, encoding = 'br') =>
      requestBytes('GET', `/posts/${slug}`, {
        host: `localhost:${shop.port}`,
        accept: 'text/html',
        'accept-encoding': encoding,
        ...(cookie ? { cookie } : {}),
      })
    let answers = 0
    const isWhole = (reply: Reply) =>
      reply.status === 200 && (answers++ % readEvery > 0 || wordsOf(reply).includes(phrase))
    const task = { port: shop.port, accepts: isWhole }
    const ofPremium = () => asked(premium, reader)
    const ofFree = () => asked(free, reader)

    const calls = await settledCalls(shop, owner)
    const began = performance.now()
    await fixedLoad({ ...task, connections: 2, requests: 1_500, request: ofPremium })
    const cpu = await cpuOf(shop, quick ? 500 : 2_000, async (requests) => {
      refuseFailed(await fixedLoad({ ...task, connections: 2, requests, request: ofPremium }))
    })

    const stranger = strangerAt(shop, phrase, asked(premium, '', 'identity'))
    const ratios: number[] = []
    let ninetyNinth = { premium: 0, free: 0 }
    for (let round = 0; round < rounds; round++) {
      const seconds = quick ? 0.7 : 3
      const theirs = await closedLoop({ ...task, connections, seconds, request: ofFree })
      const ours = await closedLoop({ ...task, connections, seconds, request: ofPremium })
      refuseFailed(theirs)
      refuseFailed(ours)
      if (round === 0) continue // warms up
      ninetyNinth = {
        premium: percentile(ours.latencies, 99),
        free: percentile(theirs.latencies, 99),
      }
      ratios.push(ninetyNinth.premium / ninetyNinth.free)
    }
    const met = await stranger.end()
    const spent = performance.now() - began
    const during = (await stripeCalls(shop, owner)) - calls
    // What the shop asks Stripe by itself goes on as long without any reader.
    await new Promise((resolve) => setTimeout(resolve, Math.min(spent, 20_000)))
    const idle = (await stripeCalls(shop, owner)) - calls - during
    return [
      {
        name: 'processor time of a premium post, subscriber',
        value: cpu,
        unit: 'ms',
        goal: { atMost: 2 },
        note: 'session and right asked each time; rendered and compressed; server and database together',
      },
      {
        name: 'premium post beside the same one free, p99',
        value: median(ratios),
        unit: 'times',
        goal: { atMost: 1.3 },
        note: `last of ${ratios.length} rounds: ${ninetyNinth.premium.toFixed(1)} and ${ninetyNinth.free.toFixed(1)} ms, ${connections} at once`,
      },
      {
        name: 'strangers who met the rest in the same run',
        value: met.rest,
        unit: `of ${met.asked}`,
        goal: { atMost: 0 },
        note: 'kept and rendered pages in turns',
      },
      {
        name: 'calls to Stripe a page',
        value: Math.max(0, during - (idle * spent) / Math.min(spent, 20_000)) / answers,
        unit: 'calls',
        goal: { atMost: 0.001 },
        note: `${during} while ${answers} pages were read, ${idle} in ${(Math.min(spent, 20_000) / 1000).toFixed(0)} s without readers`,
      },
    ]
  } finally {
    await shop.stop()
  }
}

/** A subscriber, the owner, the same post made free, and words that stand in its rest alone. */
async function prepare(client: pg.Client) {
  const reader = await session(client, 'member')
  const owner = await session(client, 'owner')
  await client.query(`
    with reader as (
      insert into customer (email, member_id, claimed_at)
      select email, id, clock_now() from member where email = 'member@bench.example.com' returning id
    )
    insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id, ends_at)
    select id, 'plan', gen_random_uuid(), 'subscription', gen_random_uuid(), clock_now() + interval '30 days' from reader`)
  const { rows } = await client.query<{ body: string }>(
    `insert into post (slug, title, body_md, open_words, word_count, category_slug, state, published_at)
     select $2, title, body_md, open_words, word_count, category_slug, state, published_at from post where slug = $1
     returning body_md as body`,
    [premium, free],
  )
  const phrase = /[A-Za-z ]{16,}/.exec(rows[0]?.body.trim().split('\n').at(-1) ?? '')?.[0]
  if (phrase === undefined) throw new Error('The example shop has no such post.')
  return { reader, owner, phrase }
}

function wordsOf(reply: Reply): string {
  return headerOf(reply, 'content-encoding') === 'br'
    ? brotliDecompressSync(reply.body).toString('utf8')
    : reply.body.toString('utf8')
}

function refuseFailed(load: { readonly failed: number; readonly failure: string | undefined }) {
  if (load.failed > 0) throw new Error(`A subscriber did not get the whole post: ${load.failure}`)
}

/** Processor time of one request, in ms, the server's and the database's together. */
async function cpuOf(
  shop: Shop,
  requests: number,
  run: (requests: number) => Promise<void>,
): Promise<number> {
  const { server, database } = shop.processes()
  const used = () => cpuMs([server]) + cpuMs(database)
  const before = used()
  await run(requests)
  return (used() - before) / requests
}

/** Asks for the page some twenty times a second, until it is ended; every other time for one that is not kept. */
function strangerAt(shop: Shop, phrase: string, page: Buffer) {
  const rendered = Buffer.from(page.toString('latin1').replace(' HTTP/', '?x=1 HTTP/'), 'latin1')
  const over = new AbortController()
  const going = (async () => {
    const connection = await Connection.open(shop.port)
    const seen = { asked: 0, rest: 0 }
    while (!over.signal.aborted) {
      const reply = await connection.send(seen.asked % 2 === 0 ? page : rendered)
      if (reply.status !== 200) throw new Error(`A stranger was answered ${reply.status}.`)
      seen.asked++
      if (reply.body.includes(phrase)) seen.rest++
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    connection.close()
    return seen
  })()
  // Whoever ends it hears of what went wrong.
  going.catch(() => undefined)
  return {
    end() {
      over.abort()
      return going
    },
  }
}

/** The same once a shop that has just been started has done its first errands there. */
async function settledCalls(shop: Shop, owner: string): Promise<number> {
  let calls = await stripeCalls(shop, owner)
  for (let waits = 0; waits < 12; waits++) {
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    const now = await stripeCalls(shop, owner)
    if (now === calls && waits > 0) break
    calls = now
  }
  return calls
}

/** How often the rehearsal's Stripe was asked so far, as its inspector tells the owner. */
async function stripeCalls(shop: Shop, owner: string): Promise<number> {
  const connection = await Connection.open(shop.port)
  const reply = await connection.send(
    requestBytes('GET', '/sandbox', {
      host: `localhost:${shop.port}`,
      accept: 'text/html',
      'accept-encoding': 'identity',
      cookie: owner,
    }),
  )
  connection.close()
  const words = reply.body.toString('utf8')
  const told = /([\d,.]+)\s+requests, at most/.exec(words)?.[1]
  if (told === undefined && words.includes('Requests of this process')) return 0
  if (told === undefined) throw new Error(`The inspector answered ${reply.status}.`)
  return Number(told.replace(/\D/g, ''))
}
