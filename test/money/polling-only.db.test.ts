import { beforeAll, expect, test } from 'vitest'
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
  untilPaid,
  useMoney,
} from '../money.ts'
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
