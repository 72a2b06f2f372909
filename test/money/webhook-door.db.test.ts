import { sql } from 'kysely'
import { afterEach, expect, test, vi } from 'vitest'
import {
  forgetBackend,
  paymentsHealth,
  receiveWebhook,
  sweepPayments,
} from '#modules/payments/server/index.ts'
import { closeDatabase, db, runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import Stripe from 'stripe'
import {
  brokenInvariants,
  buy,
  fulfilledOnce,
  makeProduct,
  outcomeOf,
  passTimeEverywhere,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { until } from '../until.ts'

const money = useMoney()
const stripe = new Stripe('sk_test_only_for_signing')

afterEach(async () => {
  await money.sandbox.control.setChaos({})
  expect(await brokenInvariants()).toEqual([])
})

function signed(
  body: string,
  secret = runtime().sandbox?.webhookSecret ?? '',
  at = Math.floor(Date.now() / 1000),
): [Uint8Array, string] {
  return [
    Buffer.from(body),
    stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: at }),
  ]
}

let number = 0
function event(
  overrides: Record<string, unknown> = {},
  object: Record<string, unknown> = {},
): string {
  number++
  return JSON.stringify({
    id: `evt_test${number}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    type: 'checkout.session.completed',
    data: { object: { id: `cs_test_nobody${number}`, object: 'checkout.session', ...object } },
    ...overrides,
  })
}

const stored = async () => (await db().selectFrom('stripe_event').select('id').execute()).length

test('a bad signature, none, a tampered body, another secret and a stale stamp are refused and leave no row [commerce 10] [payments 12]', async () => {
  const before = await stored()
  const body = event()
  const [bytes, signature] = signed(body)
  const refused = { ok: false, reason: 'bad_signature' }
  expect(await receiveWebhook(bytes, null)).toEqual(refused)
  expect(await receiveWebhook(bytes, '')).toEqual(refused)
  expect(await receiveWebhook(bytes, 't=1,v1=00')).toEqual(refused)
  expect(await receiveWebhook(Buffer.from(body.replace('false', 'true')), signature)).toEqual(
    refused,
  )
  expect(await receiveWebhook(...signed(body, 'whsec_somebody_else'))).toEqual(refused)
  expect(
    await receiveWebhook(...signed(body, undefined, Math.floor(Date.now() / 1000) - 8 * 60)),
  ).toEqual(refused)
  expect(await stored()).toBe(before)
  await until('the refusals are told on the health page', async () => {
    const cursor = await db()
      .selectFrom('stripe_cursor')
      .select('refused_signatures')
      .executeTakeFirst()
    return (cursor?.refused_signatures ?? 0) >= 6
  })
})

test('the same JSON written anew is refused: the raw bytes are what was signed [payments 13]', async () => {
  const body = event()
  const [, signature] = signed(body)
  const before = await stored()
  expect(
    (await receiveWebhook(Buffer.from(JSON.stringify(JSON.parse(body), null, 2)), signature)).ok,
  ).toBe(false)
  expect(await stored()).toBe(before)
})

test('signed nonsense is told to be malformed and is not stored', async () => {
  const before = await stored()
  for (const body of [
    '',
    'null',
    '[]',
    '"text"',
    '{',
    '{"type":5}',
    `{"type":"${'x'.repeat(300)}"}`,
  ]) {
    expect(await receiveWebhook(...signed(body)), body).toEqual({ ok: false, reason: 'malformed' })
  }
  expect(await stored()).toBe(before)
})

test('while a secret is rotated both work, afterwards only the new one [payments 14]', async () => {
  const before = runtime()
  const provide = (webhookSecrets: readonly string[]) => {
    provideRuntime({
      ...before,
      settings: {
        ...before.settings,
        stripe: { mode: 'test', secretKey: before.sandbox?.key ?? '', webhookSecrets },
        stripeApiBase: before.sandbox?.url,
      },
    })
    forgetBackend()
  }
  try {
    provide(['whsec_the_old_one', 'whsec_the_new_one'])
    expect(await receiveWebhook(...signed(event(), 'whsec_the_old_one'))).toEqual({ ok: true })
    expect(await receiveWebhook(...signed(event(), 'whsec_the_new_one'))).toEqual({ ok: true })
    provide(['whsec_the_new_one'])
    expect((await receiveWebhook(...signed(event(), 'whsec_the_old_one'))).ok).toBe(false)
    expect(await receiveWebhook(...signed(event(), 'whsec_the_new_one'))).toEqual({ ok: true })
    provide([])
    expect(await receiveWebhook(...signed(event(), ''))).toEqual({
      ok: false,
      reason: 'not_configured',
    })
    // What came under these keys is worked on under these keys.
    await untilInboxIsEmpty()
  } finally {
    provideRuntime(before)
    forgetBackend()
  }
})

test('a live event on a play-money shop is put aside and nothing is done [payments 17]', async () => {
  const body = event({ livemode: true })
  expect(await receiveWebhook(...signed(body))).toEqual({ ok: true })
  const row = await db()
    .selectFrom('stripe_event')
    .select(['state', 'outcome'])
    .where('id', '=', JSON.parse(body).id)
    .executeTakeFirstOrThrow()
  expect(row.state).toBe('quarantined')
})

test('an event of the account whose keys were taken away does not wait unseen: it is put where the owner looks', async () => {
  const body = event()
  expect(await receiveWebhook(...signed(body))).toEqual({ ok: true })
  await untilInboxIsEmpty()
  const id = (JSON.parse(body) as { id: string }).id
  const former = await db()
    .insertInto('stripe_backend')
    .values({ mode: 'test', account: 'acct_former' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db()
    .updateTable('stripe_event')
    .set({ state: 'pending', backend_id: former.id, next_attempt_at: sql`clock_now()` })
    .where('id', '=', id)
    .execute()
  const now = () =>
    db()
      .selectFrom('stripe_event')
      .select(['state', 'last_error'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  // Another process may still have those keys.
  await sweepPayments()
  expect((await now()).state).toBe('pending')
  await passTimeEverywhere(money, 11 * 60_000)
  await sweepPayments()
  expect(await now()).toMatchObject({
    state: 'parked',
    last_error: expect.stringContaining('keys'),
  })
})

test('an event of an unknown kind is stored and ignored [payments 18]', async () => {
  const body = event({ type: 'something.entirely.new' })
  expect(await receiveWebhook(...signed(body))).toEqual({ ok: true })
  const row = await db()
    .selectFrom('stripe_event')
    .select('state')
    .where('id', '=', JSON.parse(body).id)
    .executeTakeFirstOrThrow()
  expect(row.state).toBe('ignored')
})

test('M14: a session in a state this program does not know grants nothing and is asked for again [payments 19]', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  const untouched = await outcomeOf(checkoutId)
  expect(
    await receiveWebhook(
      ...signed(event({}, { id: sessionId, status: 'half_done', payment_status: 'maybe' })),
    ),
  ).toEqual({ ok: true })
  await untilInboxIsEmpty()
  // The payload's words decide nothing: the session was fetched, and it is open.
  expect(await outcomeOf(checkoutId)).toEqual(untouched)
  await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
  await untilPaid(checkoutId)
})

test('M14: an event without an id, delivered twice, is worked on once [payments 20]', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await money.sandbox.control.hold()
  await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
  const body = JSON.stringify({
    type: 'checkout.session.completed',
    data: { object: { id: sessionId, object: 'checkout.session' } },
  })
  expect(await receiveWebhook(...signed(body))).toEqual({ ok: true })
  expect(await receiveWebhook(...signed(body))).toEqual({ ok: true })
  await untilPaid(checkoutId)
  const rows = await db()
    .selectFrom('stripe_event')
    .select(['id', 'deliveries'])
    .where('id', 'like', 'sha256:%')
    .execute()
  expect(rows).toMatchObject([{ deliveries: 2 }])
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  await money.sandbox.control.release()
})

test('an event that names somebody else’s session is ignored', async () => {
  const body = event()
  expect(await receiveWebhook(...signed(body))).toEqual({ ok: true })
  await untilInboxIsEmpty()
  const row = await db()
    .selectFrom('stripe_event')
    .select('state')
    .where('id', '=', JSON.parse(body).id)
    .executeTakeFirstOrThrow()
  expect(row.state).toBe('ignored')
})

test('hundreds of deliveries at once are all stored, each once', async () => {
  const bodies = Array.from({ length: 300 }, () => event({ type: 'something.else' }))
  const before = await stored()
  const results = await Promise.all(
    [...bodies, ...bodies].map((body) => receiveWebhook(...signed(body))),
  )
  expect(results.every((result) => result.ok)).toBe(true)
  expect(await stored()).toBe(before + 300)
})

test('M01: the database is away at delivery: 5xx, and the later delivery is taken [payments 11]', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  const before = runtime()
  // Every new connection now goes nowhere; open ones are closed.
  provideRuntime({ ...before, databaseUrl: 'postgres://sundry@127.0.0.1:1/nowhere' })
  await closeDatabase()
  try {
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    await until('a delivery was refused with 500', () => money.answers.includes(500))
  } finally {
    provideRuntime(before)
    await closeDatabase()
  }
  await untilPaid(checkoutId)
  await untilInboxIsEmpty()
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
  vi.restoreAllMocks()
})

test('M18: a rush of events, each several times and in any order, is stored once each and nothing is refused', async () => {
  const before = await stored()
  const bodies = Array.from({ length: 60 }, () => event())
  const again = [...bodies, ...bodies.toReversed(), ...bodies.slice(30), ...bodies.slice(0, 30)]
  const results = await Promise.all(again.map((body) => receiveWebhook(...signed(body))))
  expect(results.every((result) => result.ok)).toBe(true)
  expect(await stored()).toBe(before + 60)
  const counted = await db()
    .selectFrom('stripe_event')
    .select('deliveries')
    .where(
      'id',
      'in',
      bodies.map((body) => (JSON.parse(body) as { id: string }).id),
    )
    .execute()
  expect(counted.map((row) => row.deliveries)).toEqual(bodies.map(() => 3))
})

test('M14: an event with what the database cannot hold takes no other delivery down with it', async () => {
  const odd = [
    event({}, { id: 'cs_\u0000' }),
    event({ id: 'evt_\u0000' }),
    event({ api_version: '\u0000' }),
    event({}, { id: `cs_${'x'.repeat(5_000)}${Math.random()}` }),
    event({}, { object: '\u0000' }),
    event({ type: 'checkout.session.\u0000' }),
    event({ created: 1e300 }),
    event({ created: -1e12 }),
  ]
  const sound = event()
  const results = await Promise.all(
    [...odd, sound].map((body) => receiveWebhook(...signed(body)).catch(() => undefined)),
  )
  expect(results.at(-1)).toEqual({ ok: true })
  // Nor is any of them asked for again and again: each is stored, or told to be no event.
  expect(results.map((result) => result && (result.ok || result.reason))).not.toContain(undefined)
  await untilInboxIsEmpty()
})

test('M27: Stripe’s clock five minutes before or behind ours is taken; beyond that it is refused, and counted for the owner to see', async () => {
  const seconds = Math.floor(Date.now() / 1000)
  const at = (offset: number) => receiveWebhook(...signed(event(), undefined, seconds + offset))
  expect([await at(-280), await at(0), await at(280)]).toEqual([
    { ok: true },
    { ok: true },
    { ok: true },
  ])
  const before = await stored()
  expect(await at(-330)).toEqual({ ok: false, reason: 'bad_signature' })
  expect(await stored()).toBe(before)
  await until('it is told', async () => {
    const { cursor } = await paymentsHealth(db())
    return cursor.lastRefusedAt !== undefined && cursor.refusedSignatures > 0
  })
})

test('M27: the clock jumps an hour back between two steps of a sale: it is delivered once, and money stays as it was', async () => {
  const { checkoutId, sessionId } = await buy(await makeProduct())
  await sql`update clock set offset_ms = offset_ms - 3600000`.execute(db())
  try {
    await money.sandbox.control.pay({ session: sessionId, email: 'ada@example.com' })
    await untilPaid(checkoutId)
    await untilInboxIsEmpty()
    expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
    await sweepPayments()
  } finally {
    await sql`update clock set offset_ms = offset_ms + 3600000`.execute(db())
  }
  expect(await outcomeOf(checkoutId)).toEqual(fulfilledOnce)
})
