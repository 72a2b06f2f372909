import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { paymentsHealth, replay, wakeWorker } from '#modules/payments/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  stateOf,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { until } from '../until.ts'

const money = useMoney()
afterEach(async () => expect(await brokenInvariants()).toEqual([]))

test('M33: an event that fails at every try is parked and shown, all others go on, and the owner’s button works on it again', async () => {
  const poisoned = await buy(await makeProduct())
  const others = await Promise.all([buy(await makeProduct()), buy(await makeProduct())])
  // Whatever the reason: booking this one payment always fails.
  await sql`create function poison() returns trigger language plpgsql as $$
    begin raise exception 'poison'; end $$`.execute(db())
  await sql`create trigger poison before insert on payment for each row
    when (new.checkout_id = ${sql.lit(poisoned.checkoutId)}::uuid) execute function poison()`.execute(
    db(),
  )
  for (const { sessionId } of [poisoned, ...others])
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
  for (const { checkoutId } of others) await untilPaid(checkoutId)

  const parked = await until(
    'it is parked',
    async () => {
      const { counts } = await paymentsHealth(db())
      if (counts.parked > 0) return counts.parked
      await passTimeEverywhere(money, 3_600_000)
      wakeWorker()
      return undefined
    },
    60_000,
  )
  expect(parked).toBeGreaterThan(0)
  expect(await stateOf(poisoned.checkoutId)).not.toBe('paid')
  for (const { checkoutId } of others) expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  const events = await db()
    .selectFrom('stripe_event')
    .select(['id', 'last_error as lastError'])
    .where('state', '=', 'parked')
    .execute()
  for (const event of events) expect(event.lastError).toContain('poison')

  await sql`drop trigger poison on payment`.execute(db())
  const { actor } = await setUpOwner()
  for (const { id } of events) expect(await inTransaction((tx) => replay(tx, actor, id))).toBe(true)
  wakeWorker()
  await untilPaid(poisoned.checkoutId)
  await untilInboxIsEmpty()
  expect(await outcomeOf(poisoned.checkoutId)).toEqual(fulfilledOnce)
})
