import { beforeAll, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { cancelMine, refundInvoice } from '#modules/memberships/server/index.ts'
import { churnPercent } from '#modules/numbers/membership-days.ts'
import { dayPlus } from '#modules/numbers/period.ts'
import { exportTable, membershipFiguresOf, type Table } from '#modules/numbers/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { dayOf } from '#modules/platform/zoned-day.ts'
import { passTimeEverywhere, stripeItself, untilInboxIsEmpty, useMoney } from '../money.ts'
import { setUpOwner } from '../people.ts'
import { aPlan, subscribed, subscriptionsOf, theSubscription } from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney()
const dayMs = 86_400_000
let owner: OwnerActor

beforeAll(async () => {
  owner = (await setUpOwner()).actor
})

/** So many days up to today. Whatever is told of them, the sums of the ledger are those of the subscriptions as they stand. */
async function figures(days = 1, over: { zone?: string; currency?: string } = {}) {
  const zone = over.zone ?? 'UTC'
  const today = dayOf(await now(db()), zone)
  const asked = {
    from: dayPlus(today, 1 - days),
    to: today,
    zone,
    money: 'play' as const,
    currency: over.currency ?? 'EUR',
  }
  const told = await membershipFiguresOf(db(), asked)
  const sum = (which: 'monthlyMinor' | 'committedMinor' | 'paying' | 'trials' | 'owing') =>
    told.plans.reduce((all, plan) => all + plan[which], 0)
  expect(told.closing).toMatchObject({
    monthlyMinor: sum('monthlyMinor'),
    committedMinor: sum('committedMinor'),
    paying: sum('paying'),
    trials: sum('trials'),
    owing: sum('owing'),
  })
  expect(told.total).toMatchObject({
    paidMinor: told.days.reduce((all, day) => all + day.paidMinor, 0),
    refundedMinor: told.days.reduce((all, day) => all + day.refundedMinor, 0),
  })
  const { begunMinor, backMinor, upMinor, downMinor, owingMinor, pausedMinor, endedMinor } =
    told.total
  expect(told.opening.monthlyMinor + begunMinor + backMinor + upMinor + downMinor).toBe(
    told.closing.monthlyMinor - owingMinor - pausedMinor - endedMinor,
  )
  return { ...told, asked, today }
}

async function csv(table: Table, of: Awaited<ReturnType<typeof figures>>) {
  let text = ''
  for await (const piece of exportTable(db(), table, of.asked, of.today, of.asked.currency))
    text += piece
  const [head = '', ...lines] = text.replace('\ufeff', '').split('\r\n').slice(0, -1)
  const names = head.split(',')
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, at) => [names[at] ?? '', cell])),
  )
}

describe('numbers of memberships', () => {
  test('a yearly plan of 120.00 brings 10.00 a month; cancelled it is committed no more, ended it brings nothing [commerce 76]', async () => {
    const before = await figures()
    const planId = await aPlan(owner, {
      amountMinor: 12_000,
      interval: { unit: 'year', count: 1 },
    })
    const { member, one } = await subscribed(money, planId)
    const begun = await figures()
    expect(begun.closing.monthlyMinor - before.closing.monthlyMinor).toBe(1_000)
    expect(begun.total.begunMinor - before.total.begunMinor).toBe(1_000)
    expect(begun.plans.find((plan) => plan.planId === planId)).toMatchObject({
      paying: 1,
      begun: 1,
      ended: 0,
      monthlyMinor: 1_000,
      committedMinor: 1_000,
    })

    expect(await cancelMine(member, one.id, 'No time to read')).toEqual({ ok: true })
    const cancelled = await figures()
    expect(cancelled.closing.monthlyMinor).toBe(begun.closing.monthlyMinor)
    expect(cancelled.closing.committedMinor).toBe(begun.closing.committedMinor - 1_000)

    await passTimeEverywhere(money, 367 * dayMs)
    await until('it has ended', async () => (await theSubscription(member)).status === 'canceled')
    await untilInboxIsEmpty()
    const ended = await figures(7)
    expect(ended.closing.monthlyMinor).toBe(begun.closing.monthlyMinor - 1_000)
    expect(ended.total).toMatchObject({ ended: 1, endedMinor: -1_000, begun: 0 })
    expect(churnPercent(ended.opening.paying, ended.total.ended)).toBe(100)
  })

  test('what was paid and what went back counts on its day; page, CSV and JSON agree', async () => {
    const planId = await aPlan(owner)
    const { one } = await subscribed(money, planId)
    const before = await figures()
    const { id } = await db()
      .selectFrom('subscription_invoice')
      .select('id')
      .where('subscription_id', '=', one.id)
      .executeTakeFirstOrThrow()
    const refund = {
      refundId: newId(),
      invoiceId: id,
      amountMinor: 250,
      seenLeftMinor: 1_000,
      after: 'keep',
      reason: 'A week without letters',
    } as const
    expect(await refundInvoice(owner, refund)).toEqual({ ok: true, outcome: 'sent' })
    await untilInboxIsEmpty()
    const after = await figures()
    expect(after.total.paidMinor).toBe(before.total.paidMinor)
    expect(after.total.refundedMinor).toBe(before.total.refundedMinor + 250)
    // A month's revenue is what renews: a refund alone moves nothing of it.
    expect(after.closing).toEqual({
      ...before.closing,
      refundedMinor: before.total.refundedMinor + 250,
    })
    const [line] = await csv('membership-days', after)
    expect(line).toMatchObject({
      paid: (after.total.paidMinor / 100).toFixed(2),
      refunded: (after.total.refundedMinor / 100).toFixed(2),
      'lost in disputes': '0.00',
    })
    expect((await csv('changes', after)).some((change) => change.what === 'refunded')).toBe(true)
  })

  test('who owes is counted apart, and comes back when the payment does [commerce 76]', async () => {
    const planId = await aPlan(owner)
    const { member, one } = await subscribed(money, planId)
    const stripe = stripeItself()
    const broken = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
      customer: one.stripe_customer_id,
    })
    await stripe.subscriptions.update(one.stripe_subscription_id, {
      default_payment_method: broken.id,
    })
    const paying = await figures()
    await passTimeEverywhere(money, 32 * dayMs)
    await until('it owes', async () => (await theSubscription(member)).status === 'past_due')
    await untilInboxIsEmpty()
    const owing = await figures(3)
    expect(owing.closing.monthlyMinor).toBe(paying.closing.monthlyMinor - 1_000)
    expect(owing.closing.committedMinor).toBe(paying.closing.committedMinor - 1_000)
    expect(owing.closing.owing).toBe(paying.closing.owing + 1)
    expect(owing.plans.find((plan) => plan.planId === planId)).toMatchObject({
      paying: 0,
      owing: 1,
      owingMinor: 1_000,
      monthlyMinor: 0,
    })
    const [invoice] = (await stripe.invoices.list({ subscription: one.stripe_subscription_id }))
      .data
    const good = await stripe.paymentMethods.attach('pm_card_visa', {
      customer: one.stripe_customer_id,
    })
    await stripe.invoices.pay(invoice?.id ?? '', { payment_method: good.id })
    await until('it is paid', async () => (await theSubscription(member)).status === 'active')
    await untilInboxIsEmpty()
    const back = await figures(3)
    expect(back.closing).toMatchObject({
      monthlyMinor: paying.closing.monthlyMinor,
      owing: paying.closing.owing,
    })
    expect(back.total).toMatchObject({ backMinor: 1_000, owingMinor: -1_000, ended: 0 })
  })

  test('a trial is in no sum until it is paid; one that is left is counted as lost', async () => {
    const planId = await aPlan(owner, { trialDays: 7 })
    const before = await figures()
    const stays = await subscribed(money, planId)
    const leaves = await subscribed(money, planId, '4000056655665556')
    const trying = await figures()
    expect(trying.closing.trials - before.closing.trials).toBe(2)
    expect(trying.closing.monthlyMinor).toBe(before.closing.monthlyMinor)
    expect(await cancelMine(leaves.member, leaves.one.id, '')).toEqual({ ok: true })
    await passTimeEverywhere(money, 8 * dayMs)
    await until(
      'both trials are over',
      async () =>
        (await theSubscription(stays.member)).status === 'active' &&
        (await theSubscription(leaves.member)).status === 'canceled',
    )
    await untilInboxIsEmpty()
    const after = await figures(3)
    expect(after.total).toMatchObject({ begun: 1, begunMinor: 1_000, trialsLost: 1, ended: 0 })
    expect(after.closing.trials).toBe(before.closing.trials)
  })

  test('CSV and page are the same figures, in the owner’s days [commerce 76]', async () => {
    const planId = await aPlan(owner, { title: 'Told twice', amountMinor: 2_400 })
    const { member } = await subscribed(money, planId)
    const [one] = await subscriptionsOf(member)
    const { at } = await db()
      .selectFrom('subscription_event')
      .select('at')
      .where('subscription_id', '=', one?.id ?? '')
      .executeTakeFirstOrThrow()
    const days = new Set<string>()
    for (const zone of ['Pacific/Kiritimati', 'Europe/Berlin', 'Pacific/Pago_Pago']) {
      const told = await figures(3, { zone })
      const day = told.days.find(({ day: named }) => named === dayOf(at, zone))
      expect(day?.begun).toBeGreaterThanOrEqual(1)
      days.add(dayOf(at, zone))
      const written = await csv('membership-days', told)
      expect(
        written.map((line) => [
          line[`day (${zone})`],
          line['a month EUR'],
          line['committed'],
          line['new'],
          line['ended'],
        ]),
      ).toEqual(
        told.days.map((each) => [
          each.day,
          (each.monthlyMinor / 100).toFixed(2),
          (each.committedMinor / 100).toFixed(2),
          String(each.begun),
          String(each.ended),
        ]),
      )
    }
    // Kiritimati and Pago Pago never have the same date.
    expect(days.size).toBeGreaterThan(1)
    const told = await figures(3)
    const plan = (await csv('plans', told)).find((line) => line['id'] === planId)
    expect(plan).toMatchObject({ plan: 'Told twice', paying: '1', 'a month EUR': '24.00' })
    const changes = await csv('changes', told)
    const sum = changes.reduce((all, line) => all + Number(line['a month EUR']), 0)
    expect(Math.round(sum * 100)).toBe(told.closing.monthlyMinor - told.opening.monthlyMinor)
    expect(changes.some((line) => line['plan'] === 'Told twice')).toBe(true)
  })

  test('each currency is added up by itself', async () => {
    const before = await figures()
    await subscribed(money, await aPlan(owner, { currency: 'JPY', amountMinor: 900 }))
    expect((await figures()).closing).toEqual(before.closing)
    expect((await figures(1, { currency: 'JPY' })).closing.monthlyMinor).toBe(900)
  })
})
