import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../until.ts'
import {
  makePlan,
  newPerson,
  planForm,
  postForm,
  pressSubscribe,
  signIn,
  type Person,
} from './people.ts'
import { ShopProcess, type Kill } from './shop.ts'

const secret = 'what this shop signs with, known to this test alone'
const shop = new ShopProcess()
shop.environment.SUNDRY_SECRET = secret
shop.environment.TRUSTED_PROXIES = '1'

let owner: Person
let planId: string

const somebody = (role: 'owner' | 'member') => newPerson(shop, secret, role)
const signedInNow = (one: Person) => signIn(shop, secret, one)
const post = (who: Person, address: string, fields: Readonly<Record<string, string>>) =>
  postForm(shop, who, address, fields)

interface Standing {
  readonly id: string
  readonly stripe_subscription_id: string
  readonly status: string
  readonly cancels_at: Date | null
  /** Whether what it is to stands open right now. */
  readonly is_open: boolean
  readonly period_ends_at: Date
  readonly paid: number
  readonly allotments: number
  readonly receipts: number
}

async function standing(member: Person): Promise<Standing | undefined> {
  const [row] = await shop.query<Standing & Record<string, unknown>>(
    `select s.id, s.stripe_subscription_id, s.status, s.cancels_at, s.period_ends_at,
       exists (select from entitlement where source_id = s.id and state = 'active' and (ends_at is null or ends_at > clock_now())) as is_open,
       (select count(*) from subscription_invoice i where i.subscription_id = s.id and i.status = 'paid')::int as paid,
       (select count(*) from allotment a where a.subscription_id = s.id)::int as allotments,
       (select count(*) from email_message m join subscription_invoice i on m.template = 'membership_receipt' and m.entity_key = i.stripe_invoice_id
        where i.subscription_id = s.id)::int as receipts
     from subscription s where s.member_id = $1`,
    [member.id],
  )
  return row
}

async function becomes(
  member: Person,
  what: string,
  is: (one: Standing) => boolean,
): Promise<Standing> {
  let last: Standing | undefined
  return until(
    what,
    async () => {
      last = await standing(member)
      return last && is(last) ? last : undefined
    },
    40_000,
  ).catch((error: unknown) => {
    throw new Error(`It stands like this: ${JSON.stringify(last)}`, { cause: error })
  })
}

/** Moves the clock of shop and Stripe, unless it is past that already. */
async function moveTo(then: Date): Promise<void> {
  const [clock] = await shop.query<{ at: Date }>('select clock_now() as at')
  const left = then.getTime() - (clock?.at.getTime() ?? 0)
  if (left > 0) await shop.control('POST', 'clock', { advance_ms: left })
}

/** Nothing waits any more, and nothing that must never be is. */
async function settles(): Promise<void> {
  await until(
    'nothing waits any more',
    async () => {
      const [row] = await shop.query<{ waiting: number }>(
        `select ((select count(*) from stripe_event where state = 'pending')
          + (select count(*) from email_message where state in ('queued', 'sending')))::int as waiting`,
      )
      return row?.waiting === 0
    },
    40_000,
  )
  expect(await shop.brokenInvariants()).toEqual([])
}

async function subscribed(): Promise<Person> {
  const member = await somebody('member')
  await shop.control('POST', 'pay', { session: await pressSubscribe(shop, member, planId) })
  await becomes(member, 'paid and open', (one) => one.receipts === 1 && one.is_open)
  return member
}

/** A subscriber, and the shop running so that it dies at a statement. */
async function subscriberBefore(kill: Kill): Promise<{ member: Person; before: Standing }> {
  await shop.start()
  const member = await subscribed()
  await settles()
  const before = await standing(member)
  if (!before) throw new Error('There is no subscription.')
  await shop.kill()
  await shop.start(kill)
  return { member, before }
}

/** Goes on after the crash; Stripe repeats what it got no answer to, and is asked for what it did not tell. */
async function goesOn(): Promise<void> {
  await shop.died()
  await shop.start()
  await shop.expireLeases()
  await shop.control('POST', 'clock', { advance: '11m' })
}

async function ofStripe(path: string): Promise<Record<string, unknown>> {
  return shop.stripe('GET', path)
}

beforeAll(async () => {
  await shop.start()
  // They are brought to Stripe by the same statements that the shop is to die at.
  await shop.removeExamplePlans()
  owner = await somebody('owner')
  planId = await makePlan(shop, owner, 'Supporter')
  await shop.kill()
}, 120_000)

afterEach(() => shop.kill())
afterAll(() => shop.stop())

describe('killed while a member cancels', () => {
  const cancel = (member: Person, one: Standing) =>
    post(member, '/dashboard/membership?/cancel', { subscription: one.id, reason: '' })

  test('C16: Stripe knows of the end, this shop does not yet: it finds out by itself, once', async () => {
    const { member, before } = await subscriberBefore({
      pattern: 'insert into "subscription" ',
      when: 'before',
    })
    expect(await cancel(member, before)).toBe(undefined)
    await goesOn()
    const after = await becomes(member, 'the end is planned', (one) => one.cancels_at !== null)
    expect(after.is_open).toBe(true)
    await settles()
    const told = await shop.query(
      `select from email_message where template = 'membership_cancelled' and entity_key like $1`,
      [`${before.id}:%`],
    )
    expect(told).toHaveLength(1)
  })

  test('C17: Stripe was not asked: nothing here says that it will end, and pressing again ends it', async () => {
    const { member, before } = await subscriberBefore({
      pattern:
        'select .*"cancels_by" from "subscription" where "backend_id" = \\$1 and "id" = \\$2',
      when: 'after',
    })
    expect(await cancel(member, before)).toBe(undefined)
    await goesOn()
    await settles()
    expect(await standing(member)).toEqual(before)
    const there = await ofStripe(`subscriptions/${before.stripe_subscription_id}`)
    expect(there.cancel_at).toBe(null)
    expect(await cancel(member, before)).toMatchObject({ status: 303 })
    await becomes(member, 'the end is planned', (one) => one.cancels_at !== null)
    await settles()
  })
})

describe('killed while the owner makes or disables a plan', () => {
  for (const [point, kill, title] of [
    [
      'C20: the price stands at Stripe, this shop does not know',
      { pattern: 'update plan_price set stripe_price_id', when: 'before' },
      'Made there',
    ],
    [
      'C21: the plan is committed, Stripe was not asked',
      { pattern: 'update "plan_price" set "due_at"', when: 'after' },
      'Made here',
    ],
  ] as const satisfies readonly (readonly [string, Kill, string])[]) {
    test(`${point}: one price, found again by itself`, async () => {
      await shop.start(kill)
      expect(await post(owner, '/admin/subscriptions?/make', planForm(title))).toBe(undefined)
      await goesOn()
      const priceId = await until('Stripe knows it', async () => {
        const [row] = await shop.query<{ stripe_price_id: string | null }>(
          'select stripe_price_id from plan_price join plan on plan.id = plan_id where title = $1',
          [title],
        )
        return row?.stripe_price_id ?? undefined
      })
      const { data } = (await ofStripe('prices?limit=100')) as {
        data: { id: string; nickname: string | null }[]
      }
      expect(data.filter(({ nickname }) => nickname === title).map(({ id }) => id)).toEqual([
        priceId,
      ])
      await settles()
    })
  }

  test('C22: disabled, its payment page still open: the page is closed by itself, and nobody pays for it', async () => {
    await shop.start()
    const late = await somebody('member')
    const sessionId = await pressSubscribe(shop, late, planId)
    await shop.kill()
    await shop.start({ pattern: 'update "plan_price" set "due_at"', when: 'after' })
    const disable = `/admin/subscriptions?plan=${planId}&/switch`
    expect(await post(owner, disable, { enabled: 'no' })).toBe(undefined)
    await goesOn()
    const session = await until('the page is closed', async () => {
      const found = await ofStripe(`checkout/sessions/${sessionId}`)
      return found.status === 'open' ? undefined : found
    })
    expect(session.status).toBe('expired')
    await settles()
    expect(await standing(late)).toBe(undefined)
    expect(await post(owner, disable, { enabled: 'yes' })).toMatchObject({ status: 303 })
  })
})

describe('killed while somebody leaves', () => {
  const leave = (member: Person) =>
    post(member, '/dashboard/settings/your-data?/delete', { sure: 'on' })

  for (const [point, kill] of [
    [
      'C39: the subscription has ended at Stripe, nothing is erased',
      { pattern: 'insert into "subscription" ', when: 'before' },
    ],
    [
      'C39: erased, just before it is committed',
      { pattern: 'insert into "email_message"', when: 'before' },
    ],
    ['C39: half erased', { pattern: 'delete from "?member"? ', when: 'after' }],
  ] as const satisfies readonly (readonly [string, Kill])[]) {
    test(`${point}: the account is whole, the next press goes on where it stopped`, async () => {
      const { member, before } = await subscriberBefore(kill)
      expect(await leave(member)).toBe(undefined)
      await goesOn()
      await becomes(member, 'it has ended', ({ status }) => status === 'canceled')
      await settles()
      const [held] = await shop.query<{ email: string }>('select email from member where id = $1', [
        member.id,
      ])
      expect(held).toBeDefined()
      expect(await leave(await signedInNow(member))).toMatchObject({
        status: 303,
        location: '/account-deleted',
      })
      await settles()
      const left = await shop.query(
        `select from member where id = $1 union all select from customer where email = $2`,
        [member.id, held?.email],
      )
      expect(left).toEqual([])
      const there = await ofStripe(`subscriptions/${before.stripe_subscription_id}`)
      expect(there.status).toBe('canceled')
    })
  }
})

// Last: the clock moves by months, and sessions end.
describe('killed while a renewal is worked on', () => {
  for (const [point, kill] of [
    [
      'C18: the event is stored, its allotment not given',
      { pattern: 'insert into "allotment"', when: 'before' },
    ],
    [
      'C19: the allotment is given, its mail not written',
      { pattern: 'insert into "email_message"', when: 'before' },
    ],
    [
      'C19: all of it is committed, the mail not handed over',
      { pattern: 'update "email_message" set "state" = \\$1, "leased_until"', when: 'before' },
    ],
  ] as const satisfies readonly (readonly [string, Kill])[]) {
    test(`${point}: one allotment, one receipt, one longer right`, async () => {
      const { member, before } = await subscriberBefore(kill)
      const then = new Date(before.period_ends_at.getTime() + 3 * 3_600_000)
      await moveTo(then).catch(() => undefined)
      await goesOn()
      await moveTo(then)
      const after = await becomes(
        member,
        'it has renewed',
        (one) => one.allotments === before.allotments + 1,
      )
      await settles()
      expect(await standing(member)).toMatchObject({
        status: 'active',
        paid: before.paid + 1,
        allotments: before.allotments + 1,
        receipts: before.receipts + 1,
      })
      expect(after.period_ends_at.getTime()).toBeGreaterThan(before.period_ends_at.getTime())
    })
  }
})
