import { expect, test } from 'vitest'
import { currentBackend } from '#modules/payments/server/index.ts'
import { runtime } from '#modules/platform/server/index.ts'
import { buy, makeProduct, untilInboxIsEmpty, untilPaid, useMoney } from '../money.ts'

const perSecond = 20
const money = useMoney({ stripeCallsPerSecond: perSecond })

test('no second ever holds more calls than the budget, whoever calls [payments 74]', async () => {
  const product = await makeProduct()
  const sales = await Promise.all(Array.from({ length: 30 }, () => buy(product)))
  await Promise.all(
    sales.map((sale) =>
      money.sandbox.control.pay({ session: sale.sessionId, email: 'ada@example.com' }),
    ),
  )
  for (const { checkoutId } of sales) await untilPaid(checkoutId)
  await untilInboxIsEmpty()
  expect((await currentBackend()).mode).toBe('rehearsal')
  expect(runtime().settings.stripeCallsPerSecond).toBe(perSecond)
  const calls = (await money.sandbox.control.requests(1000)).data
    .filter((request) => request.path.startsWith('/v1/'))
    .map((request) => request.atMs)
    .sort((a, b) => a - b)
  expect(calls.length).toBeGreaterThanOrEqual(60)
  const crowded = calls.filter(
    (at, index) => (calls[index + perSecond] ?? Number.POSITIVE_INFINITY) - at < 950,
  )
  expect(crowded).toEqual([])
})
