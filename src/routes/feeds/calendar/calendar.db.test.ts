import nodeIcal from 'node-ical'
import { beforeEach, expect, test } from 'vitest'
import { customerFor } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import {
  bookForCustomer,
  cancelAppointment,
  calendarKey,
  markAttendance,
  moveAppointment,
} from '#modules/booking/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { eventOf, ledTo } from '../../../../test/routes.ts'
import { GET as download } from '../../(account)/dashboard/appointments/[id]/calendar.ics/+server.ts'
import { actions } from '../../(account)/dashboard/appointments/feed/+page.server.ts'
import { actions as ownerActions } from '../../(admin)/admin/calendar/feed/+page.server.ts'
import { GET } from './[key]/+server.ts'

useDatabase()
emptyBeforeEach()

const day = 86_400_000
let owner: OwnerActor
let ada: MemberActor
let eve: MemberActor
let productId: string

beforeEach(async () => {
  owner = (await setUpOwner()).actor
  await inTransaction(beginSite)
  ada = (await signUp('ada@example.com')).actor
  eve = (await signUp('eve@example.com')).actor
  const product = await db()
    .insertInto('product')
    .values({ slug: 'review', kind: 'service', title: 'Review', state: 'live' })
    .returning('id')
    .executeTakeFirstOrThrow()
  productId = product.id
  await db()
    .insertInto('service')
    .values({ product_id: productId, seats: 2, duration: 30, place: 'https://meet.example/1' })
    .execute()
})

async function booked(member: MemberActor, daysAhead: number) {
  const startsAt = (await now(db())).getTime() + daysAhead * day
  return inTransaction(async (tx) => {
    const customerId = await customerFor(tx, { email: member.email, memberId: member.memberId })
    const wish = { key: newId(), productId, customerId, startsAt, zone: 'UTC' }
    const result = await bookForCustomer(tx, owner, wish, 'overlap')
    if (!result.ok) throw new Error(JSON.stringify(result))
    return result.appointment
  })
}

const asked = (key: string) => ({
  path: `/feeds/calendar/${key}.ics`,
  params: { key: `${key}.ics` },
})
const address = async (actor: MemberActor) => {
  if (actor.kind === 'owner')
    await ledTo(ownerActions['make'], { actor, path: '/admin/calendar/feed?/make', form: {} })
  else await ledTo(actions['make'], { actor, path: '/dashboard/appointments/feed?/make', form: {} })
  return (await calendarKey(db(), actor)) ?? ''
}
const events = async (key: string) => {
  const answer = await GET(eventOf(asked(key)))
  expect(answer.headers.get('x-robots-tag')).toBe('noindex')
  return Object.values(nodeIcal.sync.parseICS(await answer.text())).flatMap((one) =>
    one?.type === 'VEVENT' ? [one] : [],
  )
}
const numbers = async (key: string) =>
  new Set((await events(key)).map(({ uid }) => uid.split('@', 1)[0]))

test('[booking 48] shows everybody’s to the owner and their own to a customer: what stands, near enough, as confirmed', async () => {
  const [first, second, gone] = [await booked(ada, 3), await booked(eve, 4), await booked(ada, 5)]
  await booked(ada, 500)
  await inTransaction((tx) => cancelAppointment(tx, { kind: 'owner', owner }, gone.id))
  const key = await address(owner)
  expect(await numbers(key)).toEqual(new Set([first.id, second.id]))
  expect((await events(key)).map(({ status }) => status)).toEqual(['CONFIRMED', 'CONFIRMED'])
  expect(JSON.stringify(await events(key))).toContain('eve@example.com')
  expect(await numbers(await address(ada))).toEqual(new Set([first.id]))
  expect(JSON.stringify(await events(await address(ada)))).not.toContain('eve@')
  // What took place stays for a month.
  await passTime(10 * day)
  await inTransaction((tx) => markAttendance(tx, owner, first.id, 'completed'))
  expect(await numbers(key)).toEqual(new Set([first.id, second.id]))
  await passTime(25 * day)
  expect(await events(key)).toEqual([])
})

test('[booking 48] says by its tag that nothing has changed, and something else as soon as something has', async () => {
  const one = await booked(ada, 3)
  const key = await address(owner)
  const fetched = async (known?: string) => {
    const event = eventOf(asked(key)) as { request: Request }
    if (known) event.request.headers.set('if-none-match', known)
    return GET(event as never)
  }
  const first = await fetched()
  const tag = first.headers.get('etag') ?? ''
  expect([first.status, tag]).toEqual([200, expect.stringMatching(/^"\w{32}"$/)])
  await passTime(60_000)
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
    const again = await fetched(known)
    expect([again.status, await again.text()]).toEqual([304, ''])
  }
  expect((await fetched('"other"')).status).toBe(200)
  await inTransaction((tx) =>
    moveAppointment(
      tx,
      { kind: 'owner', owner },
      one.id,
      { startsAt: one.startsAt.getTime() + day, zone: 'UTC', version: 1 },
      'overlap',
    ),
  )
  expect((await fetched(tag)).status).toBe(200)
  expect((await events(key))[0]).toMatchObject({ sequence: 1 })
})

test('a new address ends the former one, and so does turning it off; nobody guesses one', async () => {
  const first = await address(ada)
  const second = await address(ada)
  const eves = await address(eve)
  expect(second).not.toBe(first)
  expect(await ledTo(GET, asked(second))).toBe(200)
  const [name] = second.split('.')
  const [, signature] = eves.split('.')
  for (const key of [first, name ?? '', `${name}.`, `${name}.${signature}`, 'x', 'x'.repeat(3_000)])
    expect(await ledTo(GET, asked(key)), key.slice(0, 80)).toBe(404)
  await ledTo(actions['drop'], {
    actor: ada,
    path: '/dashboard/appointments/feed?/drop',
    form: {},
  })
  expect(await ledTo(GET, asked(second))).toBe(404)
})

test('only the owner has everybody’s, and nobody in particular has none', async () => {
  const make = (actor?: MemberActor) =>
    ledTo(ownerActions['make'], {
      path: '/admin/calendar/feed?/make',
      form: {},
      ...(actor ? { actor } : {}),
    })
  expect(await make(ada)).toBe(404)
  expect(await make()).toMatch(/^\/sign-in\?next=/)
  expect(await calendarKey(db(), ada)).toBeUndefined()
})

test('is not fetched without end from one place', async () => {
  const key = await address(ada)
  // Twice what one minute lets through, should another one begin meanwhile.
  const answers = new Set<string | number>()
  for (let at = 0; at < 250 && !answers.has(429); at++) answers.add(await ledTo(GET, asked(key)))
  expect([...answers]).toEqual([200, 429])
})

test('one appointment is fetched as a file by whoever has it, cancelled as well, and by nobody else', async () => {
  const one = await booked(ada, 3)
  const of = (actor?: MemberActor, id = one.id) => ({
    path: `/dashboard/appointments/${id}/calendar.ics`,
    params: { id: id },
    ...(actor ? { actor } : {}),
  })
  const answer = await download(eventOf(of(ada)))
  expect(answer.headers.get('content-disposition')).toContain('appointment.ics')
  expect(await answer.text()).toContain('METHOD:REQUEST')
  await inTransaction((tx) => cancelAppointment(tx, { kind: 'owner', owner }, one.id))
  expect(await (await download(eventOf(of(ada)))).text()).toContain('METHOD:CANCEL')
  expect(await ledTo(download, of(eve))).toBe(404)
  expect(await ledTo(download, of(owner))).toBe(404)
  expect(await ledTo(download, of(ada, 'nonsense'))).toBe(404)
  expect(await ledTo(download, of())).toMatch(/^\/sign-in\?next=/)
})
