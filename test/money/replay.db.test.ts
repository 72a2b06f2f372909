import { sql } from 'kysely'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { mayUse } from '#modules/entitlements/server/index.ts'
import { replay, sweepPayments, wakeWorker } from '#modules/payments/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  brokenInvariants,
  buy,
  makeProduct,
  passTimeEverywhere,
  stateOf,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { setUpOwner } from '../people.ts'
import { aPlan, subscribed, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney()
const day = 86_400_000

/** Works on every event that was ever heard of once more, in the order of their ids. */
async function replayOfAll(): Promise<() => Promise<void>> {
  const heard = await db()
    .selectFrom('stripe_event')
    .select('id')
    .where('state', 'in', ['done', 'ignored'])
    .execute()
  return async () => {
    for (const { id } of heard) await inTransaction((tx) => replay(tx, owner, id))
    wakeWorker()
    await untilInboxIsEmpty(60_000)
  }
}

const effects = async () => (await db().selectFrom('payment_effect').select('key').execute()).length
const mails = async () => (await db().selectFrom('email_message').select('id').execute()).length

let owner: OwnerActor
beforeAll(async () => {
  owner = (await setUpOwner()).actor
})

afterEach(async () => {
  expect(await brokenInvariants()).toEqual([])
})

test('events of subscriptions replayed twice change nothing; replayed into an emptied mirror it is the same again, with what was given for each period and what is open [payments 75]', async () => {
  const [planId, trialPlanId] = [await aPlan(owner), await aPlan(owner, { trialDays: 7 })]
  const leaving = await subscribed(money, planId)
  await subscribed(money, planId)
  const trying = await subscribed(money, trialPlanId)
  await stripeItself().subscriptions.update(leaving.one.stripe_subscription_id, {
    cancel_at_period_end: true,
  })
  for (let month = 0; month < 2; month++) {
    await passTimeEverywhere(money, 32 * day)
    await untilInboxIsEmpty()
  }
  await until(
    'who cancelled has no more of it',
    async () => (await theSubscription(leaving.member)).status === 'canceled',
  )
  await until('the others have renewed', async () => {
    const rows = await db().selectFrom('allotment').select('invoice_id').execute()
    return rows.length === 1 + 3 + 3
  })
  await untilInboxIsEmpty()
  const picture = async () => {
    const { rows } = await sql<{ picture: string }>`
      select string_agg(line, E'\n' order by line) as picture from (
        select concat_ws(' ', s.stripe_subscription_id, s.member_id, s.plan_id, s.status, s.period_ends_at, s.cancels_at, s.amount_minor,
          c.state, i.stripe_invoice_id, i.status, i.paid_minor, a.tokens, a.period_ends_at,
          (select string_agg(concat_ws(' ', e.state, e.reason, e.subject_id, e.ends_at), ';') from entitlement e where e.source_id = s.id)) as line
        from subscription s
        left join subscription_invoice i on i.subscription_id = s.id
        left join allotment a on a.invoice_id = i.id
        left join subscription_checkout c on c.member_id = s.member_id and c.plan_id = s.plan_id
      ) lines
    `.execute(db())
    return rows[0]?.picture
  }
  const before = await picture()
  expect(before?.split('\n').length).toBeGreaterThanOrEqual(7)
  const replayAll = await replayOfAll()
  const done = [await effects(), await mails()]
  await replayAll()
  await replayAll()
  expect(await picture()).toBe(before)
  expect([await effects(), await mails()]).toEqual(done)

  await sql`truncate subscription, subscription_item, subscription_invoice, allotment, subscription_event, entitlement, entitlement_event,
    trial_claim, email_message cascade`.execute(db())
  await sql`update subscription_checkout set state = 'open', finished_at = null`.execute(db())
  await replayAll()
  expect(await picture()).toBe(before)
  expect(await mayUse(db(), trying.member.memberId, 'plan', trialPlanId)).toBe(true)
}, 180_000)

test('events replayed twice change nothing; replayed into emptied tables they make the same again [payments 75]', async () => {
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
  const replayAll = await replayOfAll()
  const before = await picture()
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
