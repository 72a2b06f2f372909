import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { currentBackend } from '#modules/payments/server/index.ts'
import { reserveTurns } from '#modules/payments/server/store.pace.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { buy, makeProduct, untilInboxIsEmpty, untilPaid, useMoney } from '../money.ts'

const perSecond = 20
const money = useMoney({ stripeCallsPerSecond: perSecond })

test('many buyers at once, and the calls keep to the budget of a second [payments 74]', async () => {
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
  // 20 a second: however late single calls went out, so many take this long. Not one of them was told to slow down.
  expect((calls.at(-1) ?? 0) - (calls[0] ?? 0)).toBeGreaterThan((calls.length / perSecond) * 800)
})

test('turns of one budget lie apart, whoever takes them and however many at once', async () => {
  const { id } = await currentBackend()
  const spacing = 1_000 / perSecond
  const taken = await Promise.all(
    Array.from({ length: 40 }, (_, n) => reserveTurns(id, 1 + (n % 3), spacing, 60_000)),
  )
  const turns = taken
    .flatMap(({ startsAt = 0 }, n) =>
      Array.from({ length: 1 + (n % 3) }, (_, index) => startsAt + index * spacing),
    )
    .sort((a, b) => a - b)
  const tooNear = turns.filter((at, index) => at - (turns[index - 1] ?? 0) < spacing - 0.5)
  expect(tooNear).toEqual([])
})

test('M27: a clock of the machine that is set back does not stop the calls', async () => {
  const { id } = await currentBackend()
  await sql`update stripe_pace set next_at = clock_timestamp() + interval '1 hour',
    paused_until = clock_timestamp() + interval '1 hour' where backend_id = ${id}`.execute(db())
  const { startsAt = Infinity, askedAt } = await reserveTurns(id, 1, 10, 60_000)
  expect(startsAt).toBeLessThanOrEqual(askedAt)
})
