import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { newId } from '#modules/platform/ids.ts'
import { advanceClock, db, inTransaction, sqlState } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { dice } from '../../../../test/dice.ts'
import { setUpOwner } from '../../../../test/people.ts'
import type { ServiceTerms } from '../types.ts'
import {
  book,
  bookForCustomer,
  cancelAppointment,
  markAttendance,
  moveAppointment,
  offeredTimes,
  overrideDates,
  setWeeklyHours,
  whyNotOffered,
  type BookingActor,
} from './index.ts'
import { writeService } from './store.services.ts'

useDatabase()
emptyBeforeEach()

const day = 86_400_000
const hour = 3_600_000
const zone = 'Europe/Berlin'
let owner: OwnerActor
/** Midnight in Berlin of a Monday that is a week ahead. */
let monday: number

beforeEach(async () => {
  owner = (await setUpOwner()).actor
  await inTransaction(beginSite)
  await db().updateTable('site').set({ time_zone: zone }).execute()
  const { rows } = await sql<{ at: Date }>`select clock_now() as at`.execute(db())
  const target = Date.parse('2031-03-03T00:00:00Z')
  await inTransaction((tx) => advanceClock(tx, target - (rows[0]?.at ?? new Date()).getTime()))
  monday = Date.parse('2031-03-09T23:00:00Z')
  await inTransaction((tx) =>
    setWeeklyHours(
      tx,
      owner,
      [1, 2, 3, 4, 5].map((weekday) => ({ weekday, fromMinute: 540, toMinute: 1_020 })),
    ),
  )
})

const usual: ServiceTerms = {
  duration: 60,
  increment: 30,
  bufferBefore: 0,
  bufferAfter: 0,
  notice: 0,
  windowDays: 60,
  mostADay: undefined,
  mostAWeek: undefined,
  seats: 1,
  placeKind: 'link',
  place: 'https://meet.example/room',
  cancelCutoff: 1_440,
  moveCutoff: 1_440,
  mostMoves: 2,
}

async function aService(terms: Partial<ServiceTerms> = {}): Promise<string> {
  const { id } = await db()
    .insertInto('product')
    .values({ slug: `s-${newId()}`, kind: 'service', title: 'Review', state: 'live' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await inTransaction((tx) => writeService(tx, id, { ...usual, ...terms }))
  return id
}

async function aCustomer(): Promise<string> {
  const row = await db()
    .insertInto('customer')
    .values({ email: `${newId()}@example.com` })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

const at = (dayOfWeek: number, hours: number) => monday + dayOfWeek * day + hours * hour
const wish = (productId: string, customerId: string, startsAt: number, key = newId()) => ({
  key,
  productId,
  customerId,
  startsAt,
  zone,
})
const bookNow = async (productId: string, startsAt: number, customerId?: string) => {
  const whose = customerId ?? (await aCustomer())
  return inTransaction((tx) => book(tx, wish(productId, whose, startsAt)))
}
const booked = async (productId: string, startsAt: number, customerId?: string) => {
  const result = await bookNow(productId, startsAt, customerId)
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result.appointment
}
const by = (customerId: string): BookingActor => ({ kind: 'customer', customerIds: [customerId] })
const byOwner = (): BookingActor => ({ kind: 'owner', owner })
const cancel = (actor: BookingActor, id: string) =>
  inTransaction((tx) => cancelAppointment(tx, actor, id))
const times = async (productId: string, date = '2031-03-10') =>
  (await offeredTimes(db(), productId, { from: date, to: date, zone }))?.map(
    (start) => (start - at(0, 0)) / hour,
  )
const rulesOf = (result: { ok: boolean } & object) =>
  'why' in result ? (result.why as { rule: string }[]).map(({ rule }) => rule) : result

/** Overlaps among what stands, apart from those the owner forced; there are never any. */
async function overlaps(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from occasion a join occasion b on a.id < b.id and a.blocked && b.blocked
    where a.released_at is null and b.released_at is null and not a.overlap_allowed and not b.overlap_allowed
  `.execute(db())
  return rows[0]?.count ?? -1
}

describe('a time', () => {
  test('is booked once, disappears from the list, and stands with both clocks', async () => {
    const service = await aService()
    expect(await times(service)).toContain(10)
    const customer = await aCustomer()
    const result = await inTransaction((tx) =>
      book(tx, { ...wish(service, customer, at(0, 10)), zone: 'America/New_York' }),
    )
    expect(result).toMatchObject({
      ok: true,
      appointment: {
        title: 'Review',
        localStart: '2031-03-10T05:00',
        zone: 'America/New_York',
        version: 1,
        startsAt: new Date(at(0, 10)),
        endsAt: new Date(at(0, 11)),
      },
    })
    expect(await times(service)).toEqual([9, 11, 11.5, 12, 12.5, 13, 13.5, 14, 14.5, 15, 15.5, 16])
    const again = await bookNow(service, at(0, 10.5))
    expect(rulesOf(again)).toEqual(['busy'])
  })

  test('asked for twice by the same form is one appointment [booking 24]', async () => {
    const service = await aService()
    const customer = await aCustomer()
    const one = wish(service, customer, at(0, 10))
    const results = await Promise.all(
      Array.from({ length: 5 }, () => inTransaction((tx) => book(tx, one))),
    )
    const ids = new Set(results.map((result) => (result.ok ? result.appointment.id : 'refused')))
    expect([...ids]).toHaveLength(1)
    const elsewhere = await aService()
    const other = await inTransaction((tx) => book(tx, { ...one, productId: elsewhere }))
    expect(other).toEqual({ ok: false, reason: 'key_taken' })
  })

  test('that is not offered is refused with its reasons, whoever made the request [booking 16, 17, 18, 19]', async () => {
    const service = await aService({ notice: 120, windowDays: 13 })
    const soon = Date.parse('2031-03-03T09:00:00Z')
    expect(rulesOf(await bookNow(service, at(0, 10.25)))).toEqual(['grid'])
    expect(rulesOf(await bookNow(service, at(0, 16.5)))).toEqual(['too_long'])
    expect(rulesOf(await bookNow(service, at(5, 10)))).toEqual(['closed'])
    expect(rulesOf(await bookNow(service, at(7, 10)))).toEqual(['window'])
    expect(rulesOf(await bookNow(service, soon - 365 * day))).toContain('notice')
    await inTransaction((tx) => advanceClock(tx, 8 * hour))
    expect(rulesOf(await bookNow(service, soon))).toEqual(['notice'])
    for (const odd of [Number.NaN, Infinity, 0.5, -9e15])
      expect(rulesOf(await bookNow(service, odd))).toEqual([])
    expect(await bookNow(newId(), at(0, 10))).toEqual({ ok: false, reason: 'no_service' })
    await expect(
      inTransaction(async (tx) =>
        book(tx, { ...wish(service, await aCustomer(), at(0, 10)), zone: 'Middle/Earth' }),
      ),
    ).rejects.toThrow(RangeError)
    const { rows } = await sql<{
      count: number
    }>`select count(*)::int as count from occasion`.execute(db())
    expect(rows[0]?.count).toBe(0)
  })

  test('keeps its buffers and its limits [booking 14, 20]', async () => {
    const service = await aService({
      duration: 30,
      increment: 15,
      bufferBefore: 15,
      bufferAfter: 30,
      mostADay: 2,
    })
    await booked(service, at(0, 12.5))
    const list = (await times(service)) ?? []
    expect(list.filter((start) => start > 11 && start < 14.5)[0]).toBe(11.25)
    expect(list.filter((start) => start > 12.5)[0]).toBe(13.75)
    await booked(service, at(0, 9.5))
    expect(await times(service)).toEqual([])
    expect(rulesOf(await bookNow(service, at(0, 16)))).toEqual(['most_a_day'])
    // A day further is another date, whoever looks from where.
    await booked(service, at(1, 9.5))
    expect(await whyNotOffered(db(), service, at(0, 16))).toMatchObject([
      { rule: 'most_a_day', most: 2 },
    ])
  })
})

describe('two at once', () => {
  test('100 ask for one time: one has it [booking 21]', async () => {
    const service = await aService()
    const customers = await Promise.all(Array.from({ length: 100 }, aCustomer))
    const results = await Promise.all(
      customers.map((customer) => bookNow(service, at(0, 10), customer)),
    )
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    for (const result of results) if (!result.ok) expect(rulesOf(result)).toEqual(['busy'])
    expect(await overlaps()).toBe(0)
  })

  test('services of different lengths that share a minute, and what the owner makes: one has it [booking 22, 23]', async () => {
    const [long, short] = [
      await aService({ duration: 90 }),
      await aService({ duration: 45, increment: 15 }),
    ]
    const customer = await aCustomer()
    const results = await Promise.all([
      bookNow(long, at(0, 9.5)),
      bookNow(short, at(0, 10.75)),
      inTransaction((tx) => bookForCustomer(tx, owner, wish(short, customer, at(0, 9)), 'rules')),
    ])
    expect(results.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(1)
    expect(await overlaps()).toBe(0)
  })

  test('the database itself refuses what overlaps, buffers included, and a seat too many', async () => {
    const service = await aService({ bufferAfter: 15 })
    const appointment = await booked(service, at(0, 10))
    const insert = (from: number) =>
      sql`insert into occasion (id, product_id, starts_at, ends_at, blocked, seats)
        values (${newId()}, ${service}, ${new Date(from)}, ${new Date(from + hour)}, tstzrange(${new Date(from)}, ${new Date(from + hour)}), 1)`.execute(
        db(),
      )
    await expect(insert(at(0, 11.2))).rejects.toThrow('occasion_no_overlap')
    await insert(at(0, 11.25))
    const customer = await aCustomer()
    const copy = (number: number, seats: number) =>
      sql`insert into appointment (id, key, occasion_id, seat, seats, customer_id, title, local_start, zone, owner_local_start, owner_zone, place_kind, place, booked_by)
        select gen_random_uuid(), gen_random_uuid()::text, occasion_id, ${number}, ${seats}, ${customer}::uuid, title, local_start, zone, owner_local_start, owner_zone, place_kind, place, booked_by
        from appointment where id = ${appointment.id}`.execute(db())
    await expect(copy(1, 1)).rejects.toThrow('appointment_has_its_seat')
    await expect(copy(2, 1)).rejects.toThrow('appointment_check')
    await expect(copy(2, 2)).rejects.toThrow('foreign key')
  })

  test('any mixture of booking, moving and cancelling leaves no overlap and no seat twice', async () => {
    const random = dice(5)
    const services = [
      await aService(),
      await aService({ duration: 90, bufferAfter: 15 }),
      await aService({ seats: 3 }),
    ]
    const customers = await Promise.all(Array.from({ length: 10 }, aCustomer))
    const pick = <One>(all: readonly One[]): One => all[Math.floor(random() * all.length)] as One
    const live: { id: string; customer: string; version: number }[] = []
    const steps = Array.from({ length: 200 }, () => ({
      act: random(),
      start: at(Math.floor(random() * 3), 9 + Math.floor(random() * 16) / 2),
      service: pick(services),
      customer: pick(customers),
      which: random(),
    }))
    const run = async (step: (typeof steps)[number]) => {
      const one = live[Math.floor(step.which * live.length)]
      if (step.act < 0.6 || !one) {
        const result = await bookNow(step.service, step.start, step.customer)
        if (result.ok) live.push({ id: result.appointment.id, customer: step.customer, version: 1 })
      } else if (step.act < 0.8) await cancel(by(one.customer), one.id)
      else {
        const result = await inTransaction((tx) =>
          moveAppointment(tx, by(one.customer), one.id, {
            startsAt: step.start,
            zone,
            version: one.version,
          }),
        )
        if (result.ok) one.version = result.appointment.version
      }
    }
    for (let index = 0; index < steps.length; index += 8)
      await Promise.all(steps.slice(index, index + 8).map(run))
    expect(await overlaps()).toBe(0)
    const { rows } = await sql<{ odd: number }>`
      select count(*)::int as odd from occasion
      where (released_at is null) <> exists (select from appointment where occasion_id = occasion.id and state <> 'cancelled')
    `.execute(db())
    expect(rows).toEqual([{ odd: 0 }])
    expect(live.length).toBeGreaterThan(20)
  })
})

describe('seats', () => {
  test('30 ask for five: five have one, and a group that has begun to fill is offered on [booking 56]', async () => {
    const service = await aService({ seats: 5 })
    await booked(service, at(0, 10))
    expect(await times(service)).toContain(10)
    expect(await times(service)).not.toContain(10.5)
    const results = await Promise.all(Array.from({ length: 30 }, () => bookNow(service, at(0, 10))))
    expect(results.filter(({ ok }) => ok)).toHaveLength(4)
    expect(await times(service)).not.toContain(10)
    const { rows } = await sql<{
      seat: number
    }>`select seat from appointment order by seat`.execute(db())
    expect(rows.map(({ seat }) => seat)).toEqual([1, 2, 3, 4, 5])
    expect(await times(await aService())).not.toContain(10)
  })

  test('one each, and a seat given back is the next one’s', async () => {
    const service = await aService({ seats: 2 })
    const customer = await aCustomer()
    const mine = await booked(service, at(0, 10), customer)
    expect(await bookNow(service, at(0, 10), customer)).toEqual({
      ok: false,
      reason: 'already_booked',
    })
    await booked(service, at(0, 10))
    expect((await bookNow(service, at(0, 10))).ok).toBe(false)
    await cancel(by(customer), mine.id)
    expect((await bookNow(service, at(0, 10))).ok).toBe(true)
  })
})

describe('cancelling', () => {
  test('frees the time at once, is done once, and is nobody else’s to do [booking 34]', async () => {
    const service = await aService()
    const customer = await aCustomer()
    const one = await booked(service, at(0, 10), customer)
    expect(await cancel(by(await aCustomer()), one.id)).toEqual({ ok: false, reason: 'not_found' })
    expect(await cancel(by(customer), newId())).toEqual({ ok: false, reason: 'not_found' })
    expect(await cancel(by(customer), one.id)).toMatchObject({
      ok: true,
      isLate: false,
      wasDone: false,
      appointment: { state: 'cancelled', version: 2 },
    })
    expect(await cancel(by(customer), one.id)).toMatchObject({ ok: true, wasDone: true })
    expect(await times(service)).toContain(10)
    await booked(service, at(0, 10))
    const changes = await db()
      .selectFrom('appointment_change')
      .select(['kind', 'version'])
      .where('appointment_id', '=', one.id)
      .orderBy('id')
      .execute()
    expect(changes).toEqual([
      { kind: 'booked', version: 1 },
      { kind: 'cancelled', version: 2 },
    ])
    await expect(db().deleteFrom('appointment_change').execute()).rejects.toThrow('append-only')
  })

  test('after the cut-off is late, and over once it has begun; the owner can at any time', async () => {
    const service = await aService({ cancelCutoff: 120 })
    const customer = await aCustomer()
    const [late, begun] = [
      await booked(service, at(0, 10), customer),
      await booked(service, at(0, 12), customer),
    ]
    await inTransaction((tx) => advanceClock(tx, at(0, 8.5) - Date.parse('2031-03-03T00:00:00Z')))
    expect(await cancel(by(customer), late.id)).toMatchObject({ ok: true, isLate: true })
    await inTransaction((tx) => advanceClock(tx, 4 * hour))
    expect(await cancel(by(customer), begun.id)).toEqual({ ok: false, reason: 'over' })
    expect(await cancel(byOwner(), begun.id)).toMatchObject({ ok: true, isLate: false })
  })
})

describe('moving', () => {
  test('its own time counts as free; the same appointment stands elsewhere, with a higher version [booking 45]', async () => {
    const service = await aService({ duration: 90 })
    const customer = await aCustomer()
    const one = await booked(service, at(0, 10), customer)
    const move = (startsAt: number, version: number, actor = by(customer)) =>
      inTransaction((tx) => moveAppointment(tx, actor, one.id, { startsAt, zone, version }))
    expect(await move(at(0, 10.5), 1)).toMatchObject({
      ok: true,
      appointment: { id: one.id, version: 2, moves: 1, localStart: '2031-03-10T10:30' },
    })
    // Sent again it is there already; from an older page it is told.
    expect(await move(at(0, 10.5), 1)).toMatchObject({ ok: true, appointment: { version: 2 } })
    expect(await move(at(0, 12), 1)).toEqual({ ok: false, reason: 'changed' })
    expect(await move(at(0, 12), 2)).toMatchObject({ ok: true })
    expect(await move(at(0, 14), 3)).toEqual({ ok: false, reason: 'too_many_moves' })
    expect(await move(at(0, 14), 3, byOwner())).toMatchObject({
      ok: true,
      appointment: { moves: 2 },
    })
    expect(await overlaps()).toBe(0)
    const { rows } = await sql<{
      count: number
    }>`select count(*)::int as count from occasion where released_at is null`.execute(db())
    expect(rows[0]?.count).toBe(1)
  })

  test('to what is taken or not offered is refused, and it stays where it is; within the cut-off, too [booking 46]', async () => {
    const service = await aService()
    const customer = await aCustomer()
    const [one] = [await booked(service, at(0, 10), customer), await booked(service, at(0, 12))]
    const move = (startsAt: number) =>
      inTransaction((tx) =>
        moveAppointment(tx, by(customer), one.id, { startsAt, zone, version: 1 }),
      )
    expect(rulesOf(await move(at(0, 12)))).toEqual(['busy'])
    expect(rulesOf(await move(at(0, 10.25)))).toContain('grid')
    await inTransaction((tx) => advanceClock(tx, at(0, 8) - Date.parse('2031-03-03T00:00:00Z')))
    expect(await move(at(1, 12))).toEqual({ ok: false, reason: 'too_late' })
    expect(await times(service)).not.toContain(10)
  })

  test('into a group they are in already is refused, and their own time stays theirs', async () => {
    const service = await aService({ seats: 2 })
    const customer = await aCustomer()
    const one = await booked(service, at(0, 10), customer)
    await booked(service, at(0, 14), customer)
    const move = () =>
      inTransaction((tx) =>
        moveAppointment(tx, by(customer), one.id, { startsAt: at(0, 14), zone, version: 1 }),
      )
    expect(await move()).toEqual({ ok: false, reason: 'already_booked' })
    expect(rulesOf(await bookNow(await aService(), at(0, 10)))).toEqual(['busy'])
  })

  test('what was cancelled is nowhere any more, not even where it was', async () => {
    const customer = await aCustomer()
    const one = await booked(await aService(), at(0, 10), customer)
    await cancel(by(customer), one.id)
    const again = await inTransaction((tx) =>
      moveAppointment(tx, by(customer), one.id, { startsAt: at(0, 10), zone, version: 2 }),
    )
    expect(again).toEqual({ ok: false, reason: 'not_active' })
  })

  test('out of a group leaves the others, into one takes a seat', async () => {
    const service = await aService({ seats: 2 })
    const customer = await aCustomer()
    const mine = await booked(service, at(0, 10), customer)
    await booked(service, at(0, 10))
    await booked(service, at(0, 14))
    const to = (startsAt: number, version: number) =>
      inTransaction((tx) => moveAppointment(tx, by(customer), mine.id, { startsAt, zone, version }))
    expect(await to(at(0, 14), 1)).toMatchObject({ ok: true })
    expect(await times(service)).toContain(10)
    expect(await times(service)).not.toContain(14)
    // The half of what its former group still holds is not free.
    expect(rulesOf(await to(at(0, 10.5), 2))).toEqual(['busy'])
  })
})

describe('the owner', () => {
  const make = (productId: string, startsAt: number, against: 'nothing' | 'rules' | 'overlap') =>
    inTransaction(async (tx) =>
      bookForCustomer(tx, owner, wish(productId, await aCustomer(), startsAt), against),
    )

  test('goes against hours when asked once more, and against what is taken only when told so; that is marked [booking 52]', async () => {
    const service = await aService()
    expect(rulesOf(await make(service, at(5, 10), 'nothing'))).toEqual(['closed'])
    expect((await make(service, at(5, 10), 'rules')).ok).toBe(true)
    expect(await make(service, at(5, 10.5), 'rules')).toMatchObject({
      ok: false,
      reason: 'overlaps',
    })
    expect((await make(service, at(5, 10.5), 'overlap')).ok).toBe(true)
    const { rows } = await sql<{
      marked: boolean
    }>`select overlap_allowed as marked from occasion order by starts_at`.execute(db())
    expect(rows.map(({ marked }) => marked)).toEqual([false, true])
    expect(await overlaps()).toBe(0)
    const entries = await db()
      .selectFrom('audit_entry')
      .select('detail')
      .where('action', '=', 'appointment.made')
      .execute()
    expect(entries.map(({ detail }) => (detail as { against: string }).against)).toEqual([
      'rules',
      'overlap',
    ])
  })

  test('who sends the form twice is on record once', async () => {
    const one = wish(await aService(), await aCustomer(), at(0, 10))
    for (let times = 0; times < 2; times++)
      await inTransaction((tx) => bookForCustomer(tx, owner, one, 'nothing'))
    const entries = await db()
      .selectFrom('audit_entry')
      .select('id')
      .where('action', '=', 'appointment.made')
      .execute()
    expect(entries).toHaveLength(1)
  })

  test('says afterwards that it took place or that nobody came', async () => {
    const service = await aService()
    const customer = await aCustomer()
    const one = await booked(service, at(0, 10), customer)
    const mark = (state: 'completed' | 'no_show' | 'confirmed', id = one.id) =>
      inTransaction((tx) => markAttendance(tx, owner, id, state))
    expect(await mark('completed')).toEqual({ ok: false, reason: 'not_begun' })
    await inTransaction((tx) => advanceClock(tx, at(0, 11) - Date.parse('2031-03-03T00:00:00Z')))
    expect(await mark('no_show')).toEqual({ ok: true })
    expect(await mark('no_show')).toEqual({ ok: true })
    expect(await mark('confirmed')).toEqual({ ok: true })
    expect(await mark('completed')).toEqual({ ok: true })
    expect(await cancel(by(customer), one.id)).toEqual({ ok: false, reason: 'not_active' })
    expect(await mark('completed', newId())).toEqual({ ok: false, reason: 'not_found' })
  })

  test('closing a date leaves what stands on it', async () => {
    const service = await aService()
    const one = await booked(service, at(0, 10))
    await inTransaction((tx) =>
      overrideDates(tx, owner, {
        from: '2031-03-10',
        to: '2031-03-10',
        label: undefined,
        spans: [],
      }),
    )
    expect(await times(service)).toEqual([])
    const row = await db()
      .selectFrom('occasion')
      .select('starts_at')
      .where('id', '=', one.occasionId)
      .executeTakeFirstOrThrow()
    expect(row.starts_at).toEqual(new Date(at(0, 10)))
  })
})

test('an overlap that comes past the lock is an error with its own state', async () => {
  const service = await aService()
  await booked(service, at(0, 10))
  const state = await sql`
    insert into occasion (id, product_id, starts_at, ends_at, blocked, seats)
    values (${newId()}, ${service}, ${new Date(at(0, 10))}, ${new Date(at(0, 11))}, tstzrange(${new Date(at(0, 10))}, ${new Date(at(0, 11))}), 1)`
    .execute(db())
    .then(
      () => 'stored',
      (error: unknown) => sqlState(error),
    )
  expect(state).toBe('23P01')
})
