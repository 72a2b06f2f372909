import { sql } from 'kysely'
import process from 'node:process'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { healSubscriptions, pollEvents, wakeWorker } from '#modules/payments/server/index.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { dice, shuffledAndDoubled } from '../dice.ts'
import {
  allEvents,
  brokenInvariants,
  deliver,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { aMember, aPlan, pressSubscribe } from '../subscribing.ts'
import { until } from '../until.ts'

// npm run mirror-sweep: a thousand of each; npm test takes a sample.
const howMany = Number(process.env.SUNDRY_MIRROR_SWEEP ?? 30)
const isWhole = howMany >= 1_000
const limitMs = 30_000 + howMany * 600

const money = useMoney({ stripeCallsPerSecond: 10_000 })
let owner: OwnerActor

beforeAll(async () => {
  owner = (await setUpOwner()).actor
})
beforeEach(async () => {
  await money.sandbox.control.setChaos({})
  await untilInboxIsEmpty(limitMs)
})

/** Figures of the whole sweep; nothing depends on them. */
const tell = (words: string) => {
  if (isWhole) process.stdout.write(`  ${words}\n`)
}

/** So many members pay for a plan; nobody tells the shop. Every third has a trial. */
async function payUnheard(times: number): Promise<void> {
  const plans = [
    await aPlan(owner),
    await aPlan(owner, { interval: { unit: 'month', count: 3 }, amountMinor: 2_400 }),
    await aPlan(owner, { trialDays: 7 }),
  ]
  await untilInboxIsEmpty(limitMs)
  await money.sandbox.control.setChaos({ deliveries: { drop: 1 } })
  for (let at = 0; at < times; at++) {
    const { sessionId } = await pressSubscribe(await aMember(), plans[at % plans.length] ?? '')
    await money.sandbox.control.pay({ session: sessionId })
  }
}

/** Ends with its period, by Stripe's side. */
async function cancelThere(sessionId: string): Promise<true> {
  const stripe = stripeItself()
  const { subscription } = await stripe.checkout.sessions.retrieve(sessionId)
  const id = typeof subscription === 'string' ? subscription : (subscription?.id ?? '')
  await stripe.subscriptions.update(id, { cancel_at_period_end: true })
  return true
}

/** What the shop has of every subscription, beside what Stripe has of it. */
async function staleOnes(): Promise<string[]> {
  const { rows } = await sql<{
    id: string
    status: string
    ends: number
    cancels: number | null
    priceId: string
    open: number
    allotments: number
    paid: number
  }>`
    select s.stripe_subscription_id as id, s.status, extract(epoch from s.period_ends_at)::int8 as ends,
      extract(epoch from s.cancels_at)::int8 as cancels,
      i.stripe_price_id as "priceId",
      (select count(*) from entitlement e where e.source_id = s.id and e.state = 'active') as open,
      (select count(*) from allotment a where a.subscription_id = s.id) as allotments,
      (select count(*) from subscription_invoice v where v.subscription_id = s.id and v.status = 'paid'
        and v.reason in ('subscription_create', 'subscription_cycle')) as paid
    from subscription s join subscription_item i on i.subscription_id = s.id`.execute(db())
  const here = new Map(rows.map((row) => [row.id, row]))
  const stale: string[] = []
  let there = 0
  for await (const one of stripeItself().subscriptions.list({ limit: 100, status: 'all' })) {
    there++
    const [item] = one.items.data
    const row = here.get(one.id)
    const isLive = ['active', 'trialing', 'past_due'].includes(one.status)
    if (
      row?.status !== one.status ||
      row.ends !== item?.current_period_end ||
      row.cancels !== (one.cancel_at_period_end ? item.current_period_end : one.cancel_at) ||
      row.priceId !== item.price.id ||
      row.open !== (isLive ? 1 : 0) ||
      row.allotments !== row.paid
    )
      stale.push(one.id)
  }
  expect(rows).toHaveLength(there)
  return stale
}

describe('the mirror', () => {
  test(
    'is Stripe’s, whatever the order of the events, doubled, of one second and four at once: none of them stale [payments 26]',
    async () => {
      await payUnheard(howMany)
      const events = await allEvents()
      const own = events.filter(({ type }) => !/^(product|price)\./.test(type))
      expect(own.length).toBeGreaterThan(howMany * 8)
      const random = dice(26)
      const order = shuffledAndDoubled(own, random)
      const began = performance.now()
      for (let index = 0; index < order.length; index += 4)
        await Promise.all(order.slice(index, index + 4).map(deliver))
      await untilInboxIsEmpty(limitMs)
      const seconds = (performance.now() - began) / 1_000
      expect(await staleOnes()).toEqual([])
      expect((await healSubscriptions()).differing).toEqual([])
      expect(await brokenInvariants()).toEqual([])
      tell(
        `${howMany} checkouts, ${order.length} events shuffled and doubled, four at once: ${Math.round(order.length / seconds)} events a second to the mirrored row, 0 stale`,
      )
    },
    limitMs,
  )

  test(
    'takes as much in the order in which it happened',
    async () => {
      const before = new Set((await allEvents()).map(({ id }) => id))
      await payUnheard(howMany)
      const order = (await allEvents()).filter(
        ({ id, type }) => !before.has(id) && !/^(product|price)\./.test(type),
      )
      const began = performance.now()
      for (let index = 0; index < order.length; index += 4)
        await Promise.all(order.slice(index, index + 4).map(deliver))
      await untilInboxIsEmpty(limitMs)
      const seconds = (performance.now() - began) / 1_000
      expect(await staleOnes()).toEqual([])
      tell(
        `${howMany} checkouts, ${order.length} events in order, four at once: ${Math.round(order.length / seconds)} events a second, 0 stale`,
      )
    },
    limitMs,
  )

  test(
    'finds everything that changed without an event, by a call for a hundred and one for each [payments 73]',
    async () => {
      const { rows } = await sql<{ id: string; started: Date }>`
      select stripe_subscription_id as id, started_at as started from subscription
      where status = 'active' order by started_at limit ${Math.ceil(howMany / 20)}`.execute(db())
      for (const { id, started } of rows)
        await money.sandbox.control.drift(id, {
          status: 'canceled',
          ended_at: Math.floor(started.getTime() / 1_000) + 60,
        })
      expect(await staleOnes()).toHaveLength(rows.length)
      const before = (await money.sandbox.control.stats()).endpoints
      const { differing, told } = await healSubscriptions()
      const after = (await money.sandbox.control.stats()).endpoints
      expect(differing.toSorted()).toEqual(rows.map(({ id }) => id).toSorted())
      expect(await staleOnes()).toEqual([])
      const calls = Object.entries(after).reduce(
        (sum, [route, { calls: counted }]) => sum + counted - (before[route]?.calls ?? 0),
        0,
      )
      expect(calls).toBeLessThanOrEqual(Math.ceil(told / 100) + 5 + rows.length)
      tell(
        `${rows.length} of ${told} changed without an event: all found and healed by ${calls} calls`,
      )
    },
    limitMs,
  )

  test(
    'is Stripe’s after doubles, disorder, losses, delays, 429 and 500, each period given once [payments 76]',
    async () => {
      const planId = await aPlan(owner)
      await untilInboxIsEmpty(limitMs)
      await money.sandbox.control.setChaos({
        seed: 76,
        deliveries: { duplicate: 0.2, reorder_window_ms: 300, drop: 0.1, delay_max_ms: 500 },
        api: {
          paths: ['/v1/checkout/sessions', '/v1/events', '/v1/subscriptions', '/v1/customers'],
          rate_limited: 0.1,
          retry_after_s: 0,
          error_before: 0.03,
          error_after: 0.02,
        },
      })
      const attempts = Array.from({ length: Math.ceil(howMany / 2) }, (_, index) => index)
      const reader = async () => {
        for (let index = attempts.pop(); index !== undefined; index = attempts.pop()) {
          const member = await aMember()
          const { sessionId } = await until(
            'the payment page opens',
            () => pressSubscribe(member, planId).catch(() => undefined),
            60_000,
          )
          await money.sandbox.control.pay({ session: sessionId })
          // Every second one leaves again, by Stripe's side.
          if (index % 2 === 0) {
            await until(
              'it is cancelled there',
              () => cancelThere(sessionId).catch(() => undefined),
              60_000,
            )
          }
        }
      }
      await Promise.all(Array.from({ length: 4 }, reader))
      await money.sandbox.control.setChaos({})
      await until(
        'nothing waits and nothing is stale',
        async () => {
          await passTimeEverywhere(money, 301_000)
          wakeWorker()
          await pollEvents(await now(db('money')))
          const { rows } = await sql<{ waiting: number }>`
          select count(*) as waiting from stripe_event where state = 'pending'`.execute(db())
          return rows[0]?.waiting === 0 && (await staleOnes().catch(() => ['?'])).length === 0
        },
        limitMs,
      )
      const { rows } = await sql<{ parked: number }>`
      select count(*) as parked from stripe_event where state not in ('done', 'ignored')`.execute(
        db(),
      )
      expect(rows).toEqual([{ parked: 0 }])
      expect((await healSubscriptions()).differing).toEqual([])
      expect(await brokenInvariants()).toEqual([])
    },
    limitMs,
  )
})
