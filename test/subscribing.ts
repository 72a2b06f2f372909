import { expect } from 'vitest'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import type { PlanTerms, PlanWords } from '#modules/memberships/plan-form.ts'
import { makePlan, sendPlanNow, subscribe } from '#modules/memberships/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { untilInboxIsEmpty, type Money } from './money.ts'
import { signUp } from './people.ts'
import { until } from './until.ts'

/** A plan that Stripe knows; unless said otherwise monthly, 10.00 euros, without a trial. */
export async function aPlan(
  owner: OwnerActor,
  over: Partial<PlanWords & PlanTerms> = {},
): Promise<string> {
  const made = await inTransaction((tx) =>
    makePlan(
      tx,
      owner,
      {
        title: `Plan ${newId()}`,
        description: '',
        tier: 1,
        trialDays: 0,
        tokenAllotment: 4,
        ...over,
      },
      {
        group: 'Membership',
        amountMinor: 1_000,
        currency: 'EUR',
        interval: { unit: 'month', count: 1 },
        ...over,
      },
    ),
  )
  if (!made.ok) throw new Error(made.reason)
  expect(await sendPlanNow(made.planId)).toBe(true)
  return made.planId
}

export const aMember = async () => (await signUp(`${newId()}@example.com`)).actor

/** Presses "Subscribe" and stands before the payment page. */
export async function pressSubscribe(member: MemberActor, planId: string) {
  const led = await subscribe(member, planId)
  if (!led.ok) throw new Error(`Not led to the payment page: ${led.reason}`)
  const { stripe_session_id: sessionId } = await db()
    .selectFrom('subscription_checkout')
    .select('stripe_session_id')
    .where('id', '=', led.checkoutId)
    .executeTakeFirstOrThrow()
  return { ...led, sessionId: sessionId ?? '' }
}

export const subscriptionsOf = (member: MemberActor) =>
  db()
    .selectFrom('subscription')
    .selectAll()
    .where('member_id', '=', member.memberId)
    .orderBy('started_at')
    .execute()

export async function theSubscription(member: MemberActor) {
  const all = await subscriptionsOf(member)
  expect(all).toHaveLength(1)
  const [one] = all
  if (!one) throw new Error('There is none.')
  return one
}

/** A member who paid for a plan, mirrored. */
export async function subscribed(money: Money, planId: string, card = '4242424242424242') {
  const member = await aMember()
  const { checkoutId, sessionId } = await pressSubscribe(member, planId)
  await money.sandbox.control.pay({ session: sessionId, card })
  await until('it is mirrored', async () => (await subscriptionsOf(member)).length > 0)
  await untilInboxIsEmpty()
  return { member, checkoutId, sessionId, one: await theSubscription(member) }
}
