import { beforeAll, expect, test } from 'vitest'
import { mayUse } from '#modules/entitlements/server/index.ts'
import { forgetBackend, pollEvents } from '#modules/payments/server/index.ts'
import { db, now, runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import {
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { aMember, aPlan, pressSubscribe, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney()

// A key without a webhook secret, on a Stripe-shaped backend of one's own.
beforeAll(() => {
  const before = runtime()
  provideRuntime({
    ...before,
    settings: {
      ...before.settings,
      stripe: { mode: 'test', secretKey: before.sandbox?.key ?? '', webhookSecrets: [] },
      stripeApiBase: before.sandbox?.url,
    },
    sandbox: undefined,
  })
  forgetBackend()
})

test('without a webhook secret deliveries are refused with 503 and a sale is delivered within the poll interval [payments 80]', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
  await until('the delivery was refused', () => money.answers.includes(503))
  await passTimeEverywhere(money, 21_000)
  expect(await pollEvents(await now(db()))).toBeGreaterThan(0)
  await untilPaid(checkoutId)
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  // It is no fault of a webhook that there is none.
  const cursor = await db()
    .selectFrom('stripe_cursor')
    .select('webhook_missed')
    .executeTakeFirstOrThrow()
  expect(cursor.webhook_missed).toBe(0)
  expect(await brokenInvariants()).toEqual([])
})

test('without a webhook secret a trial, its end, renewals and a cancellation are heard of within the poll interval [payments 80]', async () => {
  const { actor: owner } = await setUpOwner()
  const planId = await aPlan(owner, { trialDays: 7 })
  const member = await aMember()
  const { sessionId } = await pressSubscribe(member, planId)
  await money.sandbox.control.pay({ session: sessionId })
  const polled = async (days: number) => {
    if (days > 0) await passTimeEverywhere(money, days * 86_400_000)
    // The last look may have been this very moment: the next one is a poll's time later.
    await passTimeEverywhere(money, 21_000)
    await pollEvents(await now(db()))
    await untilInboxIsEmpty()
    const one = await theSubscription(member)
    const [{ allotments } = { allotments: 0 }] = await db()
      .selectFrom('allotment')
      .select((select) => select.fn.countAll<number>().as('allotments'))
      .where('subscription_id', '=', one.id)
      .execute()
    return {
      status: one.status,
      allotments,
      isOpen: await mayUse(db(), member.memberId, 'plan', planId),
      isEnding: one.cancels_at !== null,
      stripeId: one.stripe_subscription_id,
    }
  }
  const trial = await polled(0)
  expect(trial).toMatchObject({ status: 'trialing', isOpen: true })
  expect(await polled(8)).toMatchObject({ status: 'active', isOpen: true, allotments: 2 })
  expect(await polled(31)).toMatchObject({ status: 'active', isOpen: true, allotments: 3 })
  await stripeItself().subscriptions.update(trial.stripeId, { cancel_at_period_end: true })
  expect(await polled(0)).toMatchObject({ status: 'active', isOpen: true, isEnding: true })
  expect(await polled(31)).toMatchObject({ status: 'canceled', isOpen: false, allotments: 3 })
  expect(await brokenInvariants()).toEqual([])
})
