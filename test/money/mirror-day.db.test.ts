import process from 'node:process'
import { expect, test } from 'vitest'
import { sweepPlans, sweepSubscribing } from '#modules/memberships/server/index.ts'
import {
  pollEvents,
  sweepDrift,
  sweepPayments,
  sweepSubscriptions,
} from '#modules/payments/server/index.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { passTimeEverywhere, untilInboxIsEmpty, useMoney } from '../money.ts'
import { setUpOwner } from '../people.ts'
import { aMember, aPlan, pressSubscribe } from '../subscribing.ts'

// npm run mirror-sweep: a thousand subscribers, polled as the running shop polls; npm test takes a sample, and looks four times a day.
const howMany = Number(process.env.SUNDRY_MIRROR_SWEEP ?? 30)
const isWhole = howMany >= 1_000
const limitMs = 60_000 + howMany * 1_200
const days = 30
const steps = isWhole ? 24 * 12 : 4

const money = useMoney({ stripeCallsPerSecond: 10_000 })
const dayMs = 86_400_000

async function round(): Promise<void> {
  await pollEvents(await now(db('money')))
  await Promise.all([
    sweepPayments(),
    sweepDrift(),
    sweepPlans(),
    sweepSubscribing(),
    sweepSubscriptions(),
  ])
  await untilInboxIsEmpty(limitMs)
}

async function callsByRoute(): Promise<Map<string, number>> {
  const { endpoints } = await money.sandbox.control.stats()
  return new Map(Object.entries(endpoints).map(([route, { calls }]) => [route, calls]))
}

test(
  'a day of a month’s subscribers, whose renewals are spread over it, asks Stripe for each renewal and hardly for anybody else',
  async () => {
    const planId = await aPlan((await setUpOwner()).actor)
    for (let on = 0; on < days; on++) {
      const [from, to] = [on, on + 1].map((at) => Math.floor((howMany * at) / days)) as [
        number,
        number,
      ] // of two
      for (let at = from; at < to; at++) {
        const { sessionId } = await pressSubscribe(await aMember(), planId)
        await money.sandbox.control.pay({ session: sessionId })
      }
      await untilInboxIsEmpty(limitMs)
      await passTimeEverywhere(money, dayMs)
    }
    await round()
    const renewed = async () =>
      (
        await db()
          .selectFrom('subscription_event')
          .select((select) => select.fn.countAll<number>().as('times'))
          .where('what', '=', 'renewed')
          .executeTakeFirstOrThrow()
      ).times
    const [before, renewedBefore] = [await callsByRoute(), await renewed()]
    for (let step = 0; step < steps; step++) {
      await passTimeEverywhere(money, dayMs / steps)
      await round()
    }
    const made = [...(await callsByRoute())]
      .map(([route, calls]) => ({ route, calls: calls - (before.get(route) ?? 0) }))
      .filter(({ calls }) => calls > 0)
    const calls = made.reduce((sum, one) => sum + one.calls, 0)
    const renewals = (await renewed()) - renewedBefore
    if (isWhole)
      process.stdout.write(
        `  ${howMany} subscribers, ${renewals} renewals in a day: ${calls} calls of Stripe (${made.map((one) => `${one.route} ${one.calls}`).join(', ')})\n`,
      )
    expect(renewals).toBeGreaterThan(0)
    // A look at the events each time, a page of subscriptions and one of refunds and disputes a day, and the renewals' own.
    expect(calls).toBeLessThanOrEqual(steps + Math.ceil(howMany / 100) + 6 + renewals * 4)
    if (isWhole) expect(calls).toBeLessThan(howMany / 2)
  },
  limitMs,
)
