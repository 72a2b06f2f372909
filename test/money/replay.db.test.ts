import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { replay, sweepPayments, wakeWorker } from '#modules/payments/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  buy,
  makeProduct,
  passTimeEverywhere,
  stateOf,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { until } from '../until.ts'

const money = useMoney()

afterEach(async () => {
  expect(await brokenInvariants()).toEqual([])
})

test('events replayed twice change nothing; replayed into emptied tables they make the same again [payments 75]', async () => {
  const { actor: owner } = await setUpOwner()
  const product = await makeProduct()
  for (let at = 0; at < 12; at++) {
    const { checkoutId, sessionId } = await buy(product)
    await money.sandbox.control.pay({ session: sessionId, email: `buyer${at}@example.com` })
    await untilPaid(checkoutId)
  }
  // One that nobody paid: its end is told by an event as well.
  const { checkoutId: left } = await buy(product)
  await passTimeEverywhere(money, 3 * 3_600_000)
  await until('it is over', async () => (await stateOf(left)) === 'expired')
  await untilInboxIsEmpty()
  const picture = async () => {
    const { rows } = await sql<{ picture: string }>`
      select coalesce(string_agg(line, E'\n' order by line), '') as picture from (
        select c.id || ' ' || c.state || ' ' || coalesce(o.email, '-') || ' ' || coalesce(o.total_minor::text, '-') || ' '
          || coalesce(l.title, '-') || ' ' || coalesce(e.state, '-') || ' ' || coalesce(p.amount_minor::text, '-') as line
        from checkout c
        left join shop_order o on o.checkout_id = c.id left join order_line l on l.order_id = o.id
        left join entitlement e on e.source_id = l.id left join payment p on p.checkout_id = c.id
      ) lines
    `.execute(db())
    return rows[0]?.picture
  }
  const ids = (
    await db()
      .selectFrom('stripe_event')
      .select('id')
      .where('state', 'in', ['done', 'ignored'])
      .execute()
  ).map((row) => row.id)
  const replayAll = async () => {
    for (const id of ids) await inTransaction((tx) => replay(tx, owner, id))
    wakeWorker()
    await untilInboxIsEmpty(60_000)
  }
  const before = await picture()
  const effects = async () =>
    (await db().selectFrom('payment_effect').select('key').execute()).length
  const effectsBefore = await effects()
  await replayAll()
  await replayAll()
  expect(await picture()).toBe(before)
  expect(await effects()).toBe(effectsBefore)

  await sql`truncate shop_order, order_line, entitlement, entitlement_event, payment, refund, payment_effect, email_message cascade`.execute(
    db(),
  )
  await sql`update checkout set state = 'open', finished_at = null`.execute(db())
  await replayAll()
  // What was settled by an event is settled again; the closed session of the sweep had no event of its own to tell of it.
  await sql`update checkout set sync_due_at = clock_now() where state = 'open'`.execute(db())
  await until('the sweep settled the rest', async () => {
    await sweepPayments()
    return (await picture()) === before
  })
}, 120_000)
