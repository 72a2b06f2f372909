import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { newId } from '#modules/platform/ids.ts'
import { advanceClock, db, inTransaction, now, sqlState } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { dice } from '../../../../test/dice.ts'
import { brokenInvariants } from '../../../../test/invariants.ts'
import { setUpOwner } from '../../../../test/people.ts'
import {
  captureToken,
  commitmentsOf,
  commitmentsToRelease,
  giveTokens,
  grantPack,
  holdTokens,
  moveTokenHold,
  releaseToken,
  revokePacks,
  sweepTokens,
  tokenBalance,
  tokenEntries,
  waiveTokenDebt,
} from './index.ts'
import { settleTokens } from './token-lots.ts'

useDatabase()
emptyBeforeEach()

const dayMs = 86_400_000
let owner: OwnerActor
let customerId: string
const start = Date.parse('2031-03-01T00:00:00Z')
/** So many days after the first of March. */
const on = (days: number) => new Date(start + days * dayMs)
const period = (from: number, until: number) => ({ from: on(from), until: on(until) })
const march = period(0, 31)
const april = period(31, 61)

async function moveTo(days: number): Promise<void> {
  const at = await now(db())
  await inTransaction((tx) => advanceClock(tx, on(days).getTime() - at.getTime()))
}

beforeEach(async () => {
  owner = (await setUpOwner()).actor
  await moveTo(1)
  customerId = await aCustomer()
})
afterEach(async () => {
  expect((await brokenInvariants()).filter((line) => /^I1[123]/.test(line))).toEqual([])
})

async function aCustomer(): Promise<string> {
  const { id } = await db()
    .insertInto('customer')
    .values({ email: `${newId()}@example.com` })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** A subscription in March with so many tokens a month, nothing of it paid. */
async function aSubscription(tokens = 4): Promise<string> {
  const [id, planId] = [newId(), newId()]
  await sql`insert into stripe_backend (mode, account) values ('rehearsal', 'sandbox') on conflict do nothing`.execute(
    db(),
  )
  await sql`insert into plan (id, title, plan_group, amount_minor, currency, interval_unit, interval_count, token_allotment)
    values (${planId}, 'Gold', ${planId}, 900, 'EUR', 'month', 1, ${tokens})`.execute(db())
  await sql`insert into subscription (id, backend_id, stripe_subscription_id, stripe_customer_id, customer_id, plan_id, plan_group, status,
      amount_minor, currency, interval_unit, interval_count, started_at, period_started_at, period_ends_at, digest)
    select ${id}, (select min(id) from stripe_backend), ${id}, 'cus_1', ${customerId}, ${planId}, ${planId}, 'active', 900, 'EUR', 'month', 1,
      ${march.from}, ${march.from}, ${march.until}, ''`.execute(db())
  return id
}

/** An invoice that is paid, as the mirror writes it. Returns its id. */
async function paid(
  subscriptionId: string,
  of: { readonly from: Date; readonly until: Date },
  tokens?: number,
): Promise<string> {
  const id = newId()
  await inTransaction(async (tx) => {
    await sql`insert into subscription_invoice (id, backend_id, subscription_id, stripe_invoice_id, status, reason, due_minor, paid_minor,
        currency, made_at, period_started_at, period_ends_at)
      select ${id}, backend_id, id, ${id}, 'paid', ${tokens === undefined ? 'subscription_cycle' : 'subscription_update'}, 900, 900, 'EUR',
        ${of.from}, ${of.from}, ${of.until} from subscription where id = ${subscriptionId}`.execute(
      tx,
    )
    await sql`insert into allotment (invoice_id, subscription_id, plan_id, tokens, period_started_at, period_ends_at)
      select ${id}, id, plan_id, coalesce(${tokens ?? null}::int, token_allotment), ${of.from}, ${of.until} from subscription where id = ${subscriptionId}`.execute(
      tx,
    )
    await sql`update subscription set period_started_at = ${of.from}, period_ends_at = ${of.until} where id = ${subscriptionId}`.execute(
      tx,
    )
    await settleTokens(tx, subscriptionId)
  })
  return id
}

async function member(
  tokens = 4,
): Promise<{ readonly subscriptionId: string; readonly invoiceId: string }> {
  const subscriptionId = await aSubscription(tokens)
  return { subscriptionId, invoiceId: await paid(subscriptionId, march) }
}

const hold = (startsAt: Date, appointmentId = newId(), version = 1) =>
  inTransaction((tx) =>
    holdTokens(tx, {
      customerIds: [customerId],
      customerId,
      holds: [{ appointmentId, version, startsAt }],
    }),
  )
async function held(startsAt: Date): Promise<string> {
  const id = newId()
  expect(await hold(startsAt, id)).toMatchObject({ ok: true })
  return id
}
const balance = async () => tokenBalance(db(), [customerId], await now(db()))
const figures = async () => {
  const { free, reserved, used, granted, committed, debt } = await balance()
  return { free, reserved, used, granted, committed, debt }
}
const release = (appointmentId: string, by: 'customer' | 'owner' | 'system' = 'customer') =>
  inTransaction((tx) => releaseToken(tx, { appointmentId, by }))
const capture = (appointmentId: string) => inTransaction((tx) => captureToken(tx, appointmentId))
const give = (tokens: number, validUntil?: Date) =>
  inTransaction((tx) =>
    giveTokens(tx, owner, { key: newId(), customerId, tokens, reason: 'Sorry', validUntil }),
  )
const entries = async () => (await tokenEntries(db(), [customerId])).rows
const refund = async (subscriptionId: string, invoiceId: string, isBack = false) => {
  await sql`update subscription_invoice set refunded_minor = ${isBack ? 0 : 900} where id = ${invoiceId}`.execute(
    db(),
  )
  await inTransaction((tx) => settleTokens(tx, subscriptionId))
}

describe('a plan with tokens', () => {
  test('four bookings take the four tokens of the month, the fifth is told that there is none', async () => {
    await member()
    for (const days of [2, 3, 4, 5]) await held(on(days))
    expect(await hold(on(6))).toEqual({ ok: false, reason: 'no_tokens', startsAt: on(6) })
    expect(await figures()).toMatchObject({ free: 0, reserved: 4, used: 0, granted: 4 })
  })

  test('one token, 20 bookings at once: exactly one has it [booking 32] [commerce 64]', async () => {
    await member(1)
    const results = await Promise.all(Array.from({ length: 20 }, async (_, at) => hold(on(2 + at))))
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect((await balance()).free).toBe(0)
  })

  test('the database refuses one too many, whatever the program does', async () => {
    await give(1)
    const { id } = (await balance()).lots[0] ?? { id: '' }
    const entry = async (key: string) =>
      sqlStateOf(
        sql`insert into token_entry (lot_id, customer_id, kind, delta, key, actor, reason)
          values (${id}, ${customerId}, 'adjust', -1, ${key}, 'system', 'why')`.execute(db()),
      )
    expect(await entry('once')).toBeUndefined()
    expect(await entry('twice')).toBe('23514')
    expect(await sqlStateOf(sql`update token_entry set delta = 5`.execute(db()))).toBe('23001')
    expect(await sqlStateOf(sql`update token_lot set remaining = 1`.execute(db()))).toBe('23001')
  })

  test('a payment that is heard of ten times at once gives its tokens once', async () => {
    const { subscriptionId } = await member()
    await Promise.all(
      Array.from({ length: 10 }, async () =>
        inTransaction((tx) => settleTokens(tx, subscriptionId)),
      ),
    )
    expect((await balance()).granted).toBe(4)
  })

  test('each entry stands with its reason and what was left after it', async () => {
    await member()
    const one = await held(on(5))
    await release(one)
    const two = await held(on(6))
    await capture(two)
    expect((await entries()).map(({ kind, delta, balance: left }) => [kind, delta, left])).toEqual([
      ['capture', 0, 3],
      ['hold', -1, 3],
      ['release', 1, 4],
      ['hold', -1, 3],
      ['grant', 4, 4],
    ])
  })

  test('the same booking again takes nothing more', async () => {
    await member()
    const id = await held(on(5))
    expect(await hold(on(5), id)).toMatchObject({ ok: true })
    expect((await balance()).free).toBe(3)
  })

  test('a series takes one each, or none of them', async () => {
    await member(2)
    const series = async (count: number) =>
      inTransaction((tx) =>
        holdTokens(tx, {
          customerIds: [customerId],
          customerId,
          holds: Array.from({ length: count }, (_, at) => ({
            appointmentId: newId(),
            version: 1,
            startsAt: on(3 + at),
          })),
        }),
      )
    expect(await series(3)).toMatchObject({ ok: false, reason: 'no_tokens' })
    expect((await balance()).free).toBe(2)
    expect(await series(2)).toMatchObject({ ok: true })
  })

  test('what the owner edits is for whoever subscribes afterwards', async () => {
    const { subscriptionId } = await member(4)
    await sql`update plan set token_allotment = 9`.execute(db())
    await moveTo(32)
    await paid(subscriptionId, april)
    expect((await balance()).granted).toBe(4)
  })

  test('an upgrade adds the difference at once and ends with the period', async () => {
    const { subscriptionId } = await member(4)
    await held(on(5))
    await paid(subscriptionId, { from: on(1), until: march.until }, 4)
    expect(await figures()).toMatchObject({ free: 7, reserved: 1, granted: 8 })
  })
})

describe('a token comes back', () => {
  test('cancelled in time, to the lot it came from; again does nothing', async () => {
    await member()
    const id = await held(on(5))
    expect(await release(id)).toEqual({ to: 'lot', validUntil: march.until })
    expect(await release(id)).toEqual({ to: 'nothing', validUntil: undefined })
    expect(await figures()).toMatchObject({ free: 4, reserved: 0 })
  })

  test('its lot has ended meanwhile: one of its own, good for 14 days', async () => {
    await give(1, on(10))
    const id = await held(on(9))
    await moveTo(11)
    const { to, validUntil } = await release(id)
    expect(to).toBe('new_lot')
    expect(((validUntil?.getTime() ?? 0) - (await now(db())).getTime()) / dayMs).toBeCloseTo(14, 2)
    expect((await balance()).free).toBe(1)
  })

  test('the owner cancels: always, and good for 30 days at least', async () => {
    await member()
    const id = await held(on(5))
    await capture(id)
    const { to, validUntil } = await release(id, 'owner')
    expect(to).toBe('new_lot')
    expect(((validUntil?.getTime() ?? 0) - (await now(db())).getTime()) / dayMs).toBeCloseTo(30, 2)
    expect(await figures()).toMatchObject({ free: 4, used: 0 })
  })

  test('nobody came: it is used, and the owner makes it good once', async () => {
    await member(1)
    const appointmentId = await held(on(5))
    expect(await capture(appointmentId)).toBe(true)
    expect(await capture(appointmentId)).toBe(true)
    expect(await figures()).toMatchObject({ free: 0, used: 1 })
    const goodwill = async () =>
      inTransaction((tx) =>
        giveTokens(tx, owner, {
          key: newId(),
          customerId,
          tokens: 1,
          reason: 'You were ill',
          validUntil: undefined,
          appointmentId,
        }),
      )
    expect(await goodwill()).toEqual({ ok: true })
    expect(await goodwill()).toEqual({ ok: false, reason: 'given_already' })
    expect((await balance()).free).toBe(1)
    expect((await entries())[0]).toMatchObject({ kind: 'grant', words: 'You were ill' })
  })

  test('what is not used ends with its lot, once, whoever sweeps', async () => {
    await member()
    await held(on(5))
    await moveTo(32)
    expect((await balance()).free).toBe(0)
    await Promise.all([sweepTokens(), sweepTokens()])
    expect(await sweepTokens()).toBe(0)
    expect((await entries()).filter(({ kind }) => kind === 'expire')).toMatchObject([{ delta: -3 }])
  })
})

describe('the next period', () => {
  test('booked on the 28th for the 3rd: promised, taken when it is paid, and back when it is cancelled [booking 38]', async () => {
    const { subscriptionId } = await member()
    await moveTo(27)
    const id = newId()
    // Four of this month’s are left, and none of them is good for the 3rd.
    expect(await hold(on(33), id)).toEqual({ ok: true, committed: [id] })
    await moveTo(31.5)
    await paid(subscriptionId, april)
    expect(await figures()).toMatchObject({ free: 3, reserved: 1, committed: 0, granted: 4 })
    await release(id)
    expect((await balance()).free).toBe(4)
  })

  test('promises as many as it gives, and one period ahead', async () => {
    await member(2)
    await held(on(33))
    await held(on(34))
    expect(await hold(on(35))).toEqual({
      ok: false,
      reason: 'next_period_full',
      startsAt: on(35),
      allotment: 2,
      committed: 2,
      periodFrom: april.from,
    })
    expect(await hold(on(62))).toMatchObject({ ok: false, reason: 'not_valid_then', free: 2 })
  })

  test('unpaid, what was promised stays through the grace and is then to be released; paid late, it is held', async () => {
    const { subscriptionId } = await member()
    const id = await held(on(50))
    await moveTo(32)
    await sql`update subscription set status = 'past_due', past_due_since = ${on(31)}, period_started_at = ${april.from}, period_ends_at = ${april.until}`.execute(
      db(),
    )
    expect(await commitmentsToRelease(db())).toEqual([])
    expect(await hold(on(51))).toMatchObject({ ok: false })
    await moveTo(39)
    expect(await commitmentsToRelease(db())).toEqual([{ appointmentId: id, customerId }])
    await sql`update subscription set status = 'active', past_due_since = null`.execute(db())
    await paid(subscriptionId, april)
    expect(await commitmentsToRelease(db())).toEqual([])
    expect(await figures()).toMatchObject({ free: 3, reserved: 1 })
  })

  test('a subscription that ends before: its promises are listed, the newest first, and to be released', async () => {
    const { subscriptionId } = await member()
    const [one, two] = [await held(on(40)), await held(on(41))]
    expect((await commitmentsOf(db(), subscriptionId)).map((each) => each.appointmentId)).toEqual([
      two,
      one,
    ])
    await sql`update subscription set cancels_at = ${march.until}, cancels_by = 'period_end'`.execute(
      db(),
    )
    expect(await commitmentsToRelease(db())).toHaveLength(2)
    expect(await release(one, 'system')).toEqual({ to: 'promise', validUntil: undefined })
    expect(await commitmentsToRelease(db())).toEqual([{ appointmentId: two, customerId }])
    expect(await hold(on(42))).toMatchObject({ ok: false, reason: 'not_valid_then' })
  })

  test('it gives fewer than were promised: the first booked keep theirs', async () => {
    const { subscriptionId } = await member(2)
    const [, two] = [await held(on(40)), await held(on(35))]
    await sql`update subscription set token_allotment = 1`.execute(db())
    await moveTo(31.5)
    await paid(subscriptionId, april)
    expect(await commitmentsToRelease(db())).toEqual([{ appointmentId: two, customerId }])
    expect(await figures()).toMatchObject({ free: 0, reserved: 1 })
  })

  test('used before its period is paid: it is used the moment it is', async () => {
    const { subscriptionId } = await member()
    const id = await held(on(33))
    await moveTo(34)
    expect(await capture(id)).toBe(true)
    await paid(subscriptionId, april)
    expect(await figures()).toMatchObject({ free: 3, reserved: 0, used: 1 })
  })
})

describe('moving', () => {
  const move = (appointmentId: string, days: number, by: 'customer' | 'owner' = 'customer') =>
    inTransaction((tx) =>
      moveTokenHold(tx, {
        appointmentId,
        startsAt: on(days),
        version: 2,
        customerIds: [customerId],
        by,
      }),
    )

  test('within its lot it stays the same token, and nothing is entered', async () => {
    await member()
    const id = await held(on(5))
    const before = (await entries()).length
    expect(await move(id, 9)).toEqual({ ok: true })
    expect(await entries()).toHaveLength(before)
  })

  test('into the next period it goes back, and one of that is promised; and back again', async () => {
    await member()
    const id = await held(on(5))
    expect(await move(id, 35)).toEqual({ ok: true })
    expect(await figures()).toMatchObject({ free: 4, reserved: 0, committed: 1 })
    expect(await move(id, 6)).toEqual({ ok: true })
    expect(await figures()).toMatchObject({ free: 3, reserved: 1, committed: 0 })
  })

  test('to where none is valid: refused, and it keeps the one it has; the owner may all the same', async () => {
    await give(1, on(20))
    const id = await held(on(5))
    expect(await move(id, 25)).toMatchObject({ ok: false, reason: 'no_tokens' })
    expect((await balance()).reserved).toBe(1)
    expect(await move(id, 25, 'owner')).toEqual({ ok: true })
    expect((await balance()).reserved).toBe(1)
  })
})

describe('the payment goes back', () => {
  test('what is left goes, what was used is owed, blocks booking, and is taken from the next ones', async () => {
    const { subscriptionId, invoiceId } = await member()
    const id = await held(on(5))
    await capture(id)
    await refund(subscriptionId, invoiceId)
    await refund(subscriptionId, invoiceId)
    expect(await figures()).toMatchObject({ free: 0, granted: 0, debt: 1 })
    expect(await hold(on(6))).toEqual({ ok: false, reason: 'debt', debt: 1 })
    await moveTo(32)
    await paid(subscriptionId, april)
    expect(await figures()).toMatchObject({ free: 3, debt: 0 })
  })

  test('the owner waives what is owed, once', async () => {
    const { subscriptionId, invoiceId } = await member()
    await held(on(5))
    await refund(subscriptionId, invoiceId)
    expect(await inTransaction((tx) => waiveTokenDebt(tx, owner, customerId))).toBe(1)
    expect(await inTransaction((tx) => waiveTokenDebt(tx, owner, customerId))).toBe(0)
    expect((await balance()).debt).toBe(0)
  })

  test('an appointment that is cancelled afterwards makes up for what is owed', async () => {
    const { subscriptionId, invoiceId } = await member()
    const id = await held(on(5))
    await refund(subscriptionId, invoiceId)
    expect((await release(id)).to).toBe('settled')
    expect(await figures()).toMatchObject({ free: 0, debt: 0 })
  })

  test('the refund failed: everything is as it was', async () => {
    const { subscriptionId, invoiceId } = await member()
    await held(on(5))
    await refund(subscriptionId, invoiceId)
    await refund(subscriptionId, invoiceId, true)
    expect(await figures()).toMatchObject({ free: 3, reserved: 1, granted: 4, debt: 0 })
  })

  test('a pack is valid for its months, given once for each piece, and taken back with its payment', async () => {
    const lineId = newId()
    const bought = async () =>
      inTransaction((tx) => grantPack(tx, { customerId, lineId, piece: 1, tokens: 5, months: 3 }))
    await Promise.all([bought(), bought()])
    expect((await balance()).free).toBe(5)
    await held(on(80))
    expect(await hold(on(100))).toMatchObject({ ok: false, reason: 'not_valid_then', free: 4 })
    await inTransaction((tx) => revokePacks(tx, lineId))
    await inTransaction((tx) => revokePacks(tx, lineId))
    expect(await figures()).toMatchObject({ free: 0, debt: 1 })
  })
})

test(
  '2,000 steps in any order: no lot below nothing, all sums equal',
  { timeout: 240_000 },
  async () => {
    const random = dice(45)
    const { subscriptionId } = await member(6)
    const invoices: string[] = []
    const known: string[] = []
    const some = (ids: readonly string[]) => ids[Math.floor(random() * ids.length)] ?? newId()
    for (let step = 0; step < 2_000; step++) {
      const act = random()
      const startsAt = on(1 + random() * 80)
      if (act < 0.35) {
        const id = newId()
        if ((await hold(startsAt, id)).ok) known.push(id)
      } else if (act < 0.55) await release(some(known), random() < 0.5 ? 'owner' : 'customer')
      else if (act < 0.65) await capture(some(known))
      else if (act < 0.8)
        await inTransaction((tx) =>
          moveTokenHold(tx, {
            appointmentId: some(known),
            startsAt,
            version: step + 2,
            customerIds: [customerId],
            by: random() < 0.3 ? 'owner' : 'customer',
          }),
        )
      else if (act < 0.88)
        await give(1 + Math.floor(random() * 3), random() < 0.5 ? on(90) : undefined)
      else if (act < 0.9 && invoices.length < 20)
        invoices.push(
          await paid(subscriptionId, { from: on(random() * 30), until: on(31 + random() * 30) }, 3),
        )
      else if (act < 0.96 && invoices.length > 0)
        await refund(subscriptionId, some(invoices), random() < 0.5)
      else if (act < 0.98) await inTransaction((tx) => waiveTokenDebt(tx, owner, customerId))
      else await sweepTokens()
    }
    expect(known.length).toBeGreaterThan(200)
    expect((await brokenInvariants()).filter((line) => /^I1[12]/.test(line))).toEqual([])
  },
)

const sqlStateOf = async (work: Promise<unknown>) => {
  try {
    await work
    return undefined
  } catch (error) {
    return sqlState(error)
  }
}
