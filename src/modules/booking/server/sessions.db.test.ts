import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import type { PaidLine } from '#modules/catalog/product-kind.ts'
import { productKindContract } from '#modules/catalog/product-kind.contract.ts'
import { addQuestion, createProduct, questionsFor } from '#modules/catalog/server/index.ts'
import { endSource, grant } from '#modules/entitlements/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { advanceClock, db, inTransaction } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { firstTerms } from '../service-typed.ts'
import type { ServiceTerms } from '../types.ts'
import {
  appointmentOfMember,
  appointmentsOfMember,
  bookSession,
  cancelAppointment,
  completeAppointments,
  markAttendance,
  monthOfTimes,
  moveAppointment,
  serviceKind,
  serviceOf,
  sessionsOf,
  setService,
  setWeeklyHours,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const day = 86_400_000
const hour = 3_600_000
const zone = 'Europe/Berlin'
const terms: ServiceTerms = { ...firstTerms, notice: 0, cancelCutoff: 1_440 }
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

const at = (dayOfWeek: number, hours: number) => monday + dayOfWeek * day + hours * hour

async function aService(more: Partial<ServiceTerms> = {}): Promise<string> {
  const { id } = await inTransaction((tx) =>
    createProduct(tx, 'system', { kind: 'service', title: 'Review' }),
  )
  await inTransaction((tx) => setService(tx, owner, id, { ...terms, ...more }))
  return id
}

interface Buyer {
  readonly memberId: string
  readonly customerId: string
}

let people = 0

async function aBuyer(): Promise<Buyer> {
  const { actor } = await signUp(`buyer${++people}@example.com`)
  const { id } = await db()
    .insertInto('customer')
    .values({ email: `buyer${people}-${newId()}@example.com`, member_id: actor.memberId })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { memberId: actor.memberId, customerId: id }
}

/** What the owner gave of a service, as a paid line is fulfilled. */
async function bought(buyer: Buyer, productId: string, quantity = 1): Promise<PaidLine> {
  const line: PaidLine = {
    source: { kind: 'comp', id: newId() },
    productId,
    customerId: buyer.customerId,
    quantity,
  }
  await inTransaction(async (tx) => {
    await grant(
      tx,
      serviceKind.benefits(line).map((benefit) => ({
        ...benefit,
        customerId: buyer.customerId,
        source: line.source,
      })),
      { actor: 'owner', cause: 'comp' },
    )
    await serviceKind.fulfil(tx, line)
  })
  return line
}

const wants = (
  buyer: Buyer,
  productId: string,
  startsAt: number,
  more: { key?: string; answers?: never[] } = {},
) =>
  inTransaction((tx) =>
    bookSession(tx, {
      key: newId(),
      memberId: buyer.memberId,
      productId,
      startsAt,
      zone,
      answers: [],
      ...more,
    }),
  )
async function booked(buyer: Buyer, productId: string, startsAt: number) {
  const result = await wants(buyer, productId, startsAt)
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result.appointment
}
const cancel = (buyer: Buyer, id: string) =>
  inTransaction((tx) =>
    cancelAppointment(tx, { kind: 'customer', customerIds: [buyer.customerId] }, id),
  )
const standOf = async (buyer: Buyer, productId: string) => {
  const own = (await sessionsOf(db(), buyer.memberId, [productId])).get(productId)
  return own && { granted: own.granted, used: own.used, isBooked: own.active !== undefined }
}
const forward = (ms: number) => inTransaction((tx) => advanceClock(tx, ms))

productKindContract(serviceKind, async (productId) => {
  await inTransaction((tx) => setService(tx, owner, productId, terms))
})

describe('what a service asks of the owner’s time', () => {
  test('is said once, changed on record, and never over what somebody else saved meanwhile', async () => {
    const id = await aService()
    expect((await serviceOf(db(), id))?.terms).toEqual(terms)
    const stale = 'a mark of other words'
    const set = await inTransaction((tx) =>
      setService(tx, owner, id, { ...terms, duration: 90 }, stale),
    )
    expect(set).toEqual({ ok: false, reason: 'changed', stored: terms })
    expect((await serviceOf(db(), id))?.terms.duration).toBe(60)
    const other = await inTransaction((tx) =>
      createProduct(tx, 'system', { kind: 'download', title: 'A file' }),
    )
    expect(await inTransaction((tx) => setService(tx, owner, other.id, terms))).toEqual({
      ok: false,
      reason: 'not_found',
    })
    expect(await serviceOf(db(), 'no id')).toBeUndefined()
  })
})

describe('"book", "booked", and "book" again', () => {
  test('while it stands nothing else is booked; cancelled in time it is "book" again [commerce 70]', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    expect(await standOf(buyer, id)).toBeUndefined()
    expect(await wants(buyer, id, at(0, 9))).toEqual({ ok: false, reason: 'not_found' })
    await bought(buyer, id)
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 0, isBooked: false })
    const one = await booked(buyer, id, at(0, 9))
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 1, isBooked: true })
    expect(await wants(buyer, id, at(0, 11))).toEqual({ ok: false, reason: 'booked' })
    expect(await cancel(buyer, one.id)).toMatchObject({ ok: true, isLate: false })
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 0, isBooked: false })
    await booked(buyer, id, at(0, 9))
  })

  test('of three sessions the next can be booked once the last has passed, until all are used [commerce 70]', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id, 3)
    for (const [use, weekday] of [0, 1, 2].entries()) {
      await booked(buyer, id, at(weekday, 9))
      expect(await wants(buyer, id, at(weekday, 12))).toEqual({ ok: false, reason: 'booked' })
      await forward(weekday === 0 ? 7 * day + 10 * hour : day)
      expect(await standOf(buyer, id)).toEqual({ granted: 3, used: use + 1, isBooked: false })
    }
    expect(await wants(buyer, id, at(3, 15))).toEqual({ ok: false, reason: 'no_sessions' })
  })

  test('what is over counts as taken place by itself, and the owner may still say that nobody came', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id)
    const one = await booked(buyer, id, at(0, 9))
    expect(await completeAppointments()).toBe(0)
    await forward(8 * day)
    expect(await completeAppointments()).toBe(1)
    expect(await completeAppointments()).toBe(0)
    expect((await appointmentOfMember(db(), buyer.memberId, one.id))?.state).toBe('completed')
    expect(await inTransaction((tx) => markAttendance(tx, owner, one.id, 'no_show'))).toEqual({
      ok: true,
    })
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 1, isBooked: false })
  })

  test('cancelled too late, the session is used up; cancelled by the owner, never', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id, 2)
    const late = await booked(buyer, id, at(0, 9))
    await forward(6 * day + 12 * hour)
    expect(await cancel(buyer, late.id)).toMatchObject({ ok: true, isLate: true })
    expect(await standOf(buyer, id)).toEqual({ granted: 2, used: 1, isBooked: false })
    const other = await booked(buyer, id, at(0, 12))
    await inTransaction((tx) => cancelAppointment(tx, { kind: 'owner', owner }, other.id, 'Ill'))
    expect(await standOf(buyer, id)).toEqual({ granted: 2, used: 1, isBooked: false })
    // Once more gives nothing back twice.
    await inTransaction((tx) => cancelAppointment(tx, { kind: 'owner', owner }, other.id))
    expect((await standOf(buyer, id))?.used).toBe(1)
  })

  test('moved, it stays the same session', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id)
    const one = await booked(buyer, id, at(0, 9))
    await inTransaction((tx) =>
      moveAppointment(tx, { kind: 'customer', customerIds: [buyer.customerId] }, one.id, {
        startsAt: at(1, 9),
        zone,
        version: one.version,
      }),
    )
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 1, isBooked: true })
  })

  test('what was bought twice adds up, and the older purchase is used first', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id)
    await bought(buyer, id, 2)
    expect(await standOf(buyer, id)).toEqual({ granted: 3, used: 0, isBooked: false })
    await booked(buyer, id, at(0, 9))
    expect(await wants(buyer, id, at(0, 12))).toEqual({ ok: false, reason: 'booked' })
    const { rows } = await sql<{
      used: number
    }>`select used from session_right order by created_at`.execute(db())
    expect(rows.map(({ used }) => used)).toEqual([1, 0])
  })
})

describe('twice, at once, and by the wrong person', () => {
  test('the same form twice is one appointment and uses one session [booking 24]', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id, 2)
    const key = newId()
    const all = await Promise.all([1, 2, 3].map(() => wants(buyer, id, at(0, 9), { key })))
    expect(new Set(all.map((one) => one.ok && one.appointment.id)).size).toBe(1)
    expect(await standOf(buyer, id)).toEqual({ granted: 2, used: 1, isBooked: true })
  })

  test('twenty bookings at once with one session: one wins', async () => {
    const [buyer, id] = [await aBuyer(), await aService({ duration: 15, increment: 15 })]
    await bought(buyer, id)
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => wants(buyer, id, at(0, 9) + n * 900_000)),
    )
    expect(all.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 1, isBooked: true })
  })

  test('nobody books, sees or lists with what another bought', async () => {
    const [buyer, thief, id] = [await aBuyer(), await aBuyer(), await aService()]
    await bought(buyer, id)
    expect(await wants(thief, id, at(0, 9))).toEqual({ ok: false, reason: 'not_found' })
    const one = await booked(buyer, id, at(0, 9))
    expect(await appointmentOfMember(db(), thief.memberId, one.id)).toBeUndefined()
    expect(await appointmentOfMember(db(), buyer.memberId, 'no id')).toBeUndefined()
    expect(await cancel(thief, one.id)).toEqual({ ok: false, reason: 'not_found' })
    expect(await appointmentsOfMember(db(), thief.memberId, {})).toMatchObject({ coming: [] })
    expect((await appointmentsOfMember(db(), buyer.memberId, {})).coming).toHaveLength(1)
  })

  test('the database refuses a second active appointment and a session too many', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id)
    const one = await booked(buyer, id, at(0, 9))
    await expect(
      sql`update session_right set used = used + 1 where id = ${one.rightId}`.execute(db()),
    ).rejects.toThrow('session_right_is_not_overdrawn')
    await expect(
      sql`update appointment set session_returned = true where id = ${one.id}`.execute(db()),
    ).rejects.toThrow('appointment_returns_what_it_used')
  })
})

describe('given back', () => {
  test('a refund cancels what stands, with its session, and nothing can be booked [commerce 41]', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    const line = await bought(buyer, id)
    const one = await booked(buyer, id, at(0, 9))
    await inTransaction(async (tx) => {
      await endSource(
        tx,
        { kind: 'comp', id: line.source.id },
        { actor: 'owner', cause: 'taken back' },
      )
      await serviceKind.revoke(tx, line)
    })
    expect(await appointmentOfMember(db(), buyer.memberId, one.id)).toMatchObject({
      state: 'cancelled',
      cancelledBy: 'system',
      isSessionReturned: true,
    })
    expect(await wants(buyer, id, at(0, 9))).toEqual({ ok: false, reason: 'not_found' })
    const other = await aBuyer()
    await bought(other, id)
    await booked(other, id, at(0, 9))
  })

  test('of three, one given back leaves two; what took place stays used', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    const line = await bought(buyer, id, 3)
    await booked(buyer, id, at(0, 9))
    await forward(8 * day)
    await booked(buyer, id, at(2, 9))
    await inTransaction((tx) => serviceKind.resize?.(tx, line, 2) ?? Promise.resolve())
    expect(await standOf(buyer, id)).toEqual({ granted: 2, used: 2, isBooked: true })
    await inTransaction((tx) => serviceKind.resize?.(tx, line, 1) ?? Promise.resolve())
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 1, isBooked: false })
    await inTransaction((tx) => serviceKind.revoke(tx, line))
    expect(await standOf(buyer, id)).toEqual({ granted: 1, used: 1, isBooked: false })
  })
})

describe('choosing a time', () => {
  test('the calendar opens at the first month with a time, and goes back to the present one [booking 13]', async () => {
    const id = await aService({ notice: 40 * 1_440, windowDays: 120 })
    const ask = { zone, locale: 'de', month: undefined }
    const first = await monthOfTimes(db(), id, ask)
    expect(first).toMatchObject({
      month: '2031-04',
      before: '2031-03',
      after: '2031-05',
      firstWeekday: 1,
    })
    expect(first?.times[0]).toBe(Date.parse('2031-04-14T07:00:00Z'))
    expect(await monthOfTimes(db(), id, { ...ask, month: '2031-03' })).toMatchObject({
      times: [],
      before: undefined,
    })
    expect(await monthOfTimes(db(), id, { ...ask, month: '2099-01' })).toMatchObject({
      month: '2031-07',
      after: undefined,
    })
    await inTransaction((tx) => setWeeklyHours(tx, owner, []))
    expect(await monthOfTimes(db(), id, ask)).toMatchObject({ month: '2031-03', times: [] })
  })

  test('of an appointment that moves, its own time counts as free [booking 45]', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id)
    const one = await booked(buyer, id, at(0, 9))
    const ask = { zone, locale: 'de', month: '2031-03' }
    expect((await monthOfTimes(db(), id, ask))?.times).not.toContain(at(0, 9.5))
    expect((await monthOfTimes(db(), id, { ...ask, moving: one }))?.times).toContain(at(0, 9.5))
  })

  test('what was asked and answered stands with the appointment, in the words of that day [booking 30]', async () => {
    const [buyer, id] = [await aBuyer(), await aService()]
    await bought(buyer, id)
    await inTransaction((tx) =>
      addQuestion(
        tx,
        'system',
        { productId: id, asked: 'booking' },
        {
          question: 'What is it about?',
          help: '',
          answerKind: 'lines',
          choices: [],
          isRequired: true,
        },
      ),
    )
    const [question] = (await questionsFor(db(), [id], 'booking')).get(id) ?? []
    const answers = [
      { questionId: question?.id ?? '', question: 'What is it about?', answer: 'Tea' },
    ]
    const result = await inTransaction((tx) =>
      bookSession(tx, {
        key: newId(),
        memberId: buyer.memberId,
        productId: id,
        startsAt: at(0, 9),
        zone,
        answers,
      }),
    )
    if (!result.ok) throw new Error(result.reason)
    expect(
      (await appointmentOfMember(db(), buyer.memberId, result.appointment.id))?.answers,
    ).toEqual(answers)
  })
})
