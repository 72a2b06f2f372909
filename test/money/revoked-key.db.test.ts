import { afterEach, expect, test } from 'vitest'
import {
  forgetBackend,
  oddPayments,
  startWorker,
  stopWorker,
} from '#modules/payments/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import {
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  stateOf,
  untilPaid,
  useMoney,
} from '../money.ts'
import { until } from '../until.ts'

const money = useMoney()

afterEach(async () => {
  expect(await brokenInvariants()).toEqual([])
})

/** As if the key had been taken back at Stripe: every call is answered 401. */
function useKey(key: string): void {
  const now = runtime()
  if (!now.sandbox) throw new Error('no sandbox')
  provideRuntime({ ...now, sandbox: { ...now.sandbox, key } })
  forgetBackend() // it keeps the key it was opened with
}

test('a key that Stripe refuses: the sale waits with what is wrong, nothing is lost, and it is settled once the key is right again [payments 79]', async () => {
  const good = runtime().sandbox?.key ?? ''
  const { checkoutId, sessionId } = await buy(await makeProduct())
  useKey('rk_nothing_of_ours')
  try {
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    const event = () =>
      db()
        .selectFrom('stripe_event')
        .select(['state', 'attempts', 'last_error'])
        .where('object_id', '=', sessionId)
        .where('type', '=', 'checkout.session.completed')
        .executeTakeFirst()
    await until('it was tried', async () => (await event())?.last_error != null)
    expect(await stateOf(checkoutId)).toBe('open')
    // It says nothing about the event: no try of it is used up, however long it takes.
    expect(await event()).toMatchObject({ state: 'pending', attempts: 0 })
    expect((await event())?.last_error).toMatch(/key/i)
    expect(await oddPayments(db(), 10)).toEqual([])
  } finally {
    useKey(good)
  }
  await stopWorker()
  startWorker()
  await passTimeEverywhere(money, 2 * 60_000)
  await untilPaid(checkoutId)
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
})
