import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { hearOfSettings, takeUpSettings } from '#boot/server/settings-in-force.ts'
import { actorOf, requireFreshProof } from '#modules/accounts/server/index.ts'
import { layOutExamplePlans } from '#modules/memberships/server/index.ts'
import { currentBackend, forgetBackend, pollEvents } from '#modules/payments/server/index.ts'
import { db, inTransaction, now, runtime } from '#modules/platform/server/index.ts'
import {
  enterKey,
  enterMail,
  enterWebhookSecret,
  goBack,
  goLive,
  keysOverview,
  previewGoingBack,
  previewGoingLive,
  setupState,
} from '#modules/setup/server/index.ts'
import { keptTables } from '#modules/setup/sweep-tables.ts'
import { allTables, tablesToSweep } from '#modules/setup/server/store.sweep.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { provideRuntime, type Runtime } from '#server/runtime.ts'
import { startSandbox, type RunningSandbox } from '../../sandbox/stripe/index.ts'
import { emptyBeforeEach, passTime } from '../database.ts'
import { setUpOwner, signUp } from '../people.ts'
import { until } from '../until.ts'
import {
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'

// A second sandbox plays the real Stripe, which knows nothing of the rehearsal.

const money = useMoney()
emptyBeforeEach()
const day = 86_400_000
const key = 'sk_test_51EnteredByTheOwner7890'
const expected = { mode: 'test', ends: '7890' }
let rehearsal: Runtime
let real: RunningSandbox
let isOver = false

beforeAll(async () => {
  real = await startSandbox({ key, delivery: 'test', rateLimit: 'off', validate: true })
})
afterAll(() => real.close())
beforeEach(() => {
  rehearsal ??= runtime()
  isOver = false
  const settings = { ...rehearsal.settings, stripeApiBase: real.url }
  provideRuntime({
    ...rehearsal,
    settings,
    given: settings,
    sandboxProcess: {
      start: () => Promise.reject(new Error('No rehearsal begins here.')),
      stop: () => {
        isOver = true
        return Promise.resolve()
      },
    },
  })
  forgetBackend()
})
afterEach(() => {
  provideRuntime(rehearsal)
  forgetBackend()
})

const entering = (owner: OwnerActor, typed = key) =>
  inTransaction((tx) => enterKey(tx, owner, typed))
const going = (owner: OwnerActor) => inTransaction((tx) => goLive(tx, owner, expected), 'money')

/** A sale of the rehearsal with all that hangs on it, and the clock a month ahead. */
async function rehearse() {
  const product = await makeProduct()
  const { owner, browser } = await newOwner()
  await signUp('ada@example.com')
  const sale = await buy(product)
  await money.sandbox.control.pay({ session: sale.sessionId, email: 'ada@example.com' })
  await untilPaid(sale.checkoutId)
  await untilInboxIsEmpty()
  await passTime(3 * day)
  return { product, owner, browser, sale }
}

async function newOwner() {
  const { actor, browser } = await setUpOwner()
  return { owner: actor, browser }
}

async function count(table: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(
    db(),
  )
  return rows[0]?.n ?? 0
}

test('an entered key is stored sealed, shown by its end, and waits: the rehearsal goes on [payments 15]', async () => {
  const { owner } = await newOwner()
  expect(await entering(owner)).toEqual({ ok: true, waits: true })
  expect(
    await inTransaction((tx) => enterWebhookSecret(tx, owner, 'whsec_of_the_owner_1234')),
  ).toEqual({ ok: true })
  await inTransaction((tx) =>
    enterMail(tx, owner, {
      smtpUrl: 'smtp://me:tell-nobody@mail.example:587',
      from: 'me@mail.example',
    }),
  )
  const { rows } = await sql<{ all: string }>`
    select (select json_agg(s)::text from shop_setting s) || (select json_agg(a)::text from audit_entry a) as all`.execute(
    db(),
  )
  expect(rows[0]?.all).not.toMatch(/EnteredByTheOwner|whsec_of_the_owner|tell-nobody/)
  await takeUpSettings()
  expect(runtime().settings.stripe.mode).toBe('rehearsal')
  // In a rehearsal no mail leaves the shop.
  expect(runtime().settings.smtpUrl).toBeUndefined()
  expect(await keysOverview(db())).toMatchObject({
    mode: 'rehearsal',
    inForce: undefined,
    waiting: { hint: '7890', mode: 'test', hasWebhook: true, isUnreadable: false },
  })
})

test('a key that cannot be used is refused before it is stored [payments 15]', async () => {
  const { owner } = await newOwner()
  for (const [typed, reason] of [
    ['  ', 'blank'],
    ['pk_test_51abcdefghijklm', 'publishable'],
    ['sk_live_51abcdefghijklm', 'live_elsewhere'],
  ] as const)
    expect(await entering(owner, typed)).toEqual({ ok: false, reason })
  expect(
    await inTransaction((tx) => enterWebhookSecret(tx, owner, 'whsec_without_a_key_1')),
  ).toMatchObject({ ok: false })
  expect(await count('shop_setting')).toBe(0)
})

test('every table is kept, or swept when the shop goes live', async () => {
  const swept = await tablesToSweep(db())
  const nowhere = (await allTables(db())).filter(
    (name) => !swept.includes(name) && !keptTables.some((kept) => kept === name),
  )
  expect(nowhere).toEqual([])
})

test('going live sweeps the rehearsal away, keeps what the owner made, and sells with the entered key', async () => {
  const { product, owner, browser, sale: former } = await rehearse()
  const rehearsed = [former.sessionId, former.checkoutId]
  const rehearsalId = (await currentBackend()).id
  await entering(owner)
  expect(await previewGoingLive(db())).toMatchObject({
    from: 'rehearsal',
    to: expected,
    isPossible: true,
    isRefused: false,
    counts: { orders: 1, customers: 1, members: 1, isClockMoved: true },
  })
  expect(await going(owner)).toEqual({ ok: true, mode: 'test', wasDone: false })
  // Leases and paces of calls come back by themselves as long as the worker runs.
  const machinery = ['sync_lease', 'stripe_pace', 'stripe_cursor']
  for (const table of await tablesToSweep(db()))
    if (!machinery.includes(table)) expect([table, await count(table)]).toEqual([table, 0])
  await takeUpSettings()

  expect(runtime().settings.stripe).toMatchObject({ mode: 'test', secretKey: key })
  expect(runtime().sandbox).toBeUndefined()
  expect(isOver).toBe(true)
  expect([await count('product'), await count('price'), await count('member')]).toEqual([1, 1, 1])
  expect(await db().selectFrom('clock').select('offset_ms').executeTakeFirst()).toEqual({
    offset_ms: 0,
  })
  // The owner goes on at the same session, and a proof of the moved time does not count for days.
  expect((await actorOf(db(), browser))?.kind).toBe('owner')
  await requireFreshProof(
    { locals: { actor: owner }, url: new URL('http://shop.test/x') },
    'payout',
  )
  expect((await setupState(db())).usesKeys).toBe(true)

  // A process that has not heard of it can begin nothing in the rehearsal any more.
  await expect(
    sql`insert into checkout (id, backend_id, payable, currency, total_minor)
      values (gen_random_uuid(), ${rehearsalId}, 'order', 'EUR', 100)`.execute(db()),
  ).rejects.toThrow(/has left this payment backend/)

  const sale = await buy(product)
  await real.control.pay({ session: sale.sessionId, email: 'real@example.com' })
  await passTime(21_000)
  await pollEvents(await now(db()))
  await untilPaid(sale.checkoutId)
  expect(await outcomeOf(sale.checkoutId)).toMatchObject(fulfilledOnce)
  expect(await brokenInvariants()).toEqual([])
  // Nothing the rehearsal called its own ever reached the real Stripe.
  const asked = JSON.stringify((await real.control.requests(1000)).data)
  expect(asked).toContain(sale.sessionId)
  for (const id of rehearsed) expect(asked).not.toContain(id)
  const order = await db().selectFrom('shop_order').select(['number', 'mode']).executeTakeFirst()
  expect(order).toEqual({ number: 1001, mode: 'test' })
})

test('example plans go, so that the owner’s account at Stripe never hears of them; the owner’s own stay', async () => {
  const { owner } = await newOwner()
  await inTransaction((tx) => layOutExamplePlans(tx, 'EUR'))
  await db()
    .insertInto('plan')
    .values({
      title: 'Circle',
      amount_minor: 500,
      currency: 'EUR',
      interval_unit: 'month',
      interval_count: 1,
    })
    .execute()
  await entering(owner)
  expect((await previewGoingLive(db())).examplePlans).toEqual([
    'Monthly reader',
    'Quarterly reader',
  ])
  expect(await going(owner)).toMatchObject({ ok: true })
  expect(await db().selectFrom('plan').select('title').execute()).toEqual([{ title: 'Circle' }])
})

test('twice at once is once, and a transaction that ends half-way changes nothing', async () => {
  const { owner } = await rehearse()
  await entering(owner)
  const before = [await count('shop_order'), await count('customer'), await count('coupon_use')]
  await expect(
    inTransaction(async (tx) => {
      await goLive(tx, owner, expected)
      throw new Error('killed here')
    }, 'money'),
  ).rejects.toThrow('killed here')
  expect([await count('shop_order'), await count('customer'), await count('coupon_use')]).toEqual(
    before,
  )
  expect((await setupState(db())).usesKeys).toBe(false)

  const both = await Promise.all([going(owner), going(owner)])
  expect(both.filter((one) => one.ok && one.wasDone)).toHaveLength(1)
  expect(both.every((one) => one.ok)).toBe(true)
  const { rows } = await sql`select from audit_entry where action = 'shop.went_live'`.execute(db())
  expect(rows).toHaveLength(1)
})

test('a key that was exchanged since the preview was shown is not gone live with', async () => {
  const { owner } = await newOwner()
  expect(await going(owner)).toEqual({ ok: false, reason: 'no_key' })
  await entering(owner, 'sk_test_51AnotherKeyOfTheOwner1111')
  expect(await going(owner)).toEqual({ ok: false, reason: 'other_key' })
})

test('with real money in the shop nothing is swept, by this program or by hand', async () => {
  const { owner, sale } = await rehearse()
  await entering(owner)
  await sql`update checkout set state = 'paid'`.execute(db())
  // As a sale with a live key would have left it.
  await sql`insert into stripe_backend (mode, account) values ('live', 'acct_real')`.execute(db())
  await sql`update payment set backend_id = (select id from stripe_backend where mode = 'live')
    where checkout_id = ${sale.checkoutId}`.execute(db())
  expect(await previewGoingLive(db())).toMatchObject({ isRefused: true, isPossible: false })
  expect(await going(owner)).toEqual({ ok: false, reason: 'live_money' })
  for (const table of ['shop_order', 'payment', 'customer', 'audit_entry', 'entitlement_event'])
    await expect(sql`truncate ${sql.table(table)} cascade`.execute(db())).rejects.toThrow(
      /is not emptied: this shop has taken real money/,
    )
  expect(await count('shop_order')).toBe(1)
  // Nor does the shop go back to play money, or to another account, by a key.
  expect(await entering(owner)).toEqual({ ok: false, reason: 'test_after_live' })
  await sql`delete from payment_effect`.execute(db())
  await sql`update payment set backend_id = (select min(id) from stripe_backend)`.execute(db())
})

test('a key of another account waits while the shop sells; one of the same account takes over at once', async () => {
  const { owner } = await newOwner()
  const own = 'sk_test_5AccountA0000000112345678901234567890'
  const rotated = 'sk_test_5AccountA0000000199999999999999999999'
  const other = 'sk_test_5AccountB0000000112345678901234567890'
  await entering(owner, own)
  await inTransaction((tx) => goLive(tx, owner, { mode: 'test', ends: '7890' }), 'money')
  await takeUpSettings()
  const { id } = await currentBackend()
  expect(await entering(owner, rotated)).toEqual({ ok: true, waits: false })
  await takeUpSettings()
  expect(runtime().settings.stripe).toMatchObject({ secretKey: rotated })
  expect((await currentBackend()).id).toBe(id)
  expect(await entering(owner, other)).toEqual({ ok: true, waits: true })
  await takeUpSettings()
  expect(runtime().settings.stripe).toMatchObject({ secretKey: rotated })
})

test('a key in force that cannot be opened any more stops the start instead of rehearsing', async () => {
  const { owner } = await newOwner()
  await entering(owner)
  await going(owner)
  const before = runtime()
  const settings = { ...before.settings, secret: 'another secret than before, 32 signs long' }
  provideRuntime({ ...before, settings, given: settings })
  await expect(takeUpSettings()).rejects.toThrow(/cannot be opened: SUNDRY_SECRET/)
})

test('from Stripe’s test mode there is a way back: what was tried is swept away, the key waits, and the rehearsal sells again', async () => {
  const { product, owner } = await rehearse()
  await entering(owner)
  expect(await previewGoingBack(db())).toBeUndefined()
  await going(owner)
  await takeUpSettings()
  const tried = await buy(product)
  expect(await previewGoingBack(db())).toMatchObject({ orders: 0 })

  const { sandboxProcess } = runtime()
  const { sandbox } = rehearsal
  if (!sandbox || !sandboxProcess) throw new Error('There is no rehearsal to go back to.')
  provideRuntime({
    ...runtime(),
    sandboxProcess: { ...sandboxProcess, start: async () => sandbox },
  })
  const back = () => inTransaction((tx) => goBack(tx, owner), 'money')
  expect(await back()).toEqual({ ok: true, wasDone: false })
  expect(await back()).toEqual({ ok: true, wasDone: true })
  await takeUpSettings()
  expect(runtime().settings.stripe.mode).toBe('rehearsal')
  expect(await count('checkout')).toBe(0)
  expect(tried.checkoutId).not.toBe('')
  expect(await setupState(db())).toMatchObject({ usesKeys: false, wentLiveAt: undefined })
  expect(await keysOverview(db())).toMatchObject({
    mode: 'rehearsal',
    inForce: undefined,
    waiting: { hint: '7890', mode: 'test' },
  })

  const sale = await buy(product)
  await money.sandbox.control.pay({ session: sale.sessionId, email: 'ben@example.com' })
  // The shop has told the built-in Stripe its own address, where no test listens: it asks by itself.
  await passTime(21_000)
  await pollEvents(await now(db()))
  await untilPaid(sale.checkoutId)
  // The sandbox of these tests remembers the sales of the tests before; a shop's own begins anew.
  await until('its events are worked on', async () => {
    const waiting = await db()
      .selectFrom('stripe_event')
      .select('id')
      .where('object_id', '=', sale.sessionId)
      .where('state', '=', 'pending')
      .execute()
    return waiting.length === 0
  })
  expect(await outcomeOf(sale.checkoutId)).toEqual(fulfilledOnce)
  expect(await brokenInvariants()).toEqual([])
  // And forward again with the same key.
  expect(await going(owner)).toEqual({ ok: true, mode: 'test', wasDone: false })
})

test('what was swept away does not come back: Stripe tells again of test sales from before, and none is taken up', async () => {
  await real.control.reset({})
  const product = await makeProduct()
  const { owner } = await newOwner()
  await entering(owner)
  await going(owner)
  await takeUpSettings()
  const paidInTestMode = async () => {
    const sale = await buy(product)
    await real.control.pay({ session: sale.sessionId, email: 'ben@example.com' })
    await pollEvents(await now(db()))
    await untilPaid(sale.checkoutId)
    await untilInboxIsEmpty()
    return sale
  }
  await paidInTestMode()
  const open = await buy(product)

  const { sandbox } = rehearsal
  const { sandboxProcess } = runtime()
  if (!sandbox || !sandboxProcess) throw new Error('There is no rehearsal to go back to.')
  const start = () => Promise.resolve(sandbox)
  provideRuntime({ ...runtime(), sandboxProcess: { ...sandboxProcess, start } })
  await inTransaction((tx) => goBack(tx, owner), 'money')
  await takeUpSettings()
  // Somebody was on the payment page all the while.
  await real.control.pay({ session: open.sessionId, email: 'cyd@example.com' })
  await going(owner)
  await takeUpSettings()

  expect(await pollEvents(await now(db()))).toBeGreaterThan(0)
  await untilInboxIsEmpty()
  expect(await count('shop_order')).toBe(0)
  const { rows } = await sql<{ state: string }>`
    select distinct state from stripe_event where type like 'checkout.session.%'`.execute(db())
  expect(rows).toEqual([{ state: 'ignored' }])

  await passTime(21_000)
  const fresh = await paidInTestMode()
  expect(await outcomeOf(fresh.checkoutId)).toEqual(fulfilledOnce)
  expect(await brokenInvariants()).toEqual([])
})

test('a process that could not take up the new mode when it heard of it tries again by itself', async () => {
  const { owner } = await newOwner()
  await entering(owner)
  await going(owner)
  await takeUpSettings()
  const { sandbox } = rehearsal
  const { sandboxProcess } = runtime()
  if (!sandbox || !sandboxProcess) throw new Error('There is no rehearsal to go back to.')
  let tries = 0
  const start = async () => {
    if (++tries === 1) throw new Error('The Stripe sandbox did not start in time.')
    return sandbox
  }
  provideRuntime({ ...runtime(), sandboxProcess: { ...sandboxProcess, start } })
  await inTransaction((tx) => goBack(tx, owner), 'money')
  // And when it had, the built-in Stripe did not hear where to deliver.
  const asked = vi.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new Error('not reached'))
  hearOfSettings()
  await until(
    'the process is in the rehearsal, and its Stripe knows',
    () => runtime().settings.stripe.mode === 'rehearsal' && asked.mock.calls.length === 2,
  )
  asked.mockRestore()
  expect(tries).toBe(2)
})
