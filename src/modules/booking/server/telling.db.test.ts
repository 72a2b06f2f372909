import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { readMail } from '#modules/notifications/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { advanceClock, db, inTransaction } from '#modules/platform/server/index.ts'
import { provideLaterMail } from '#modules/notifications/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { mailsTo, setUpOwner } from '../../../../test/people.ts'
import type { ServiceTerms } from '../types.ts'
import {
  book,
  bookForCustomer,
  cancelAppointment,
  moveAppointment,
  remindOfAppointments,
  reminderByMail,
  setWeeklyHours,
  type BookingActor,
} from './index.ts'
import { writeService } from './store.services.ts'

useDatabase()
emptyBeforeEach()

const day = 86_400_000
const hour = 3_600_000
const zone = 'Europe/Berlin'
const ada = 'ada@example.com'
let owner: OwnerActor
let customerId: string
let productId: string
/** Midnight in Berlin of a Monday that is a week ahead. */
const monday = Date.parse('2031-03-09T23:00:00Z')

beforeEach(async () => {
  provideLaterMail('reminder', reminderByMail)
  owner = (await setUpOwner()).actor
  await inTransaction(beginSite)
  await db()
    .updateTable('site')
    .set({ time_zone: zone, name: 'Pine', locale: 'en-GB', owner_name: 'Olga' })
    .execute()
  await clockAt(Date.parse('2031-03-03T00:00:00Z'))
  await inTransaction((tx) =>
    setWeeklyHours(
      tx,
      owner,
      [1, 2, 3, 4, 5].map((weekday) => ({ weekday, fromMinute: 540, toMinute: 1_020 })),
    ),
  )
  productId = await aService()
  const row = await db()
    .insertInto('customer')
    .values({ email: ada, name: 'Ada' })
    .returning('id')
    .executeTakeFirstOrThrow()
  customerId = row.id
})

async function clockAt(instant: number) {
  const { rows } = await sql<{ at: Date }>`select clock_now() as at`.execute(db())
  await inTransaction((tx) => advanceClock(tx, instant - (rows[0]?.at.getTime() ?? 0)))
}

async function aService(terms: Partial<ServiceTerms> = {}): Promise<string> {
  const { id } = await db()
    .insertInto('product')
    .values({ slug: `s-${newId()}`, kind: 'service', title: 'Review', state: 'live' })
    .returning('id')
    .executeTakeFirstOrThrow()
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
    moveCutoff: 60,
    mostMoves: 5,
  }
  await inTransaction((tx) => writeService(tx, id, { ...usual, ...terms }))
  return id
}

const at = (dayOfWeek: number, hours: number) => monday + dayOfWeek * day + hours * hour
const customer = (): BookingActor => ({ kind: 'customer', customerIds: [customerId] })
const byOwner = (): BookingActor => ({ kind: 'owner', owner })
const wish = (startsAt: number, theirs = 'America/New_York', key = newId()) => ({
  key,
  productId,
  customerId,
  startsAt,
  zone: theirs,
})
async function booked(startsAt: number) {
  const result = await inTransaction((tx) => book(tx, wish(startsAt)))
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result.appointment
}
async function moved(id: string, startsAt: number, version: number, actor = customer()) {
  const result = await inTransaction((tx) =>
    moveAppointment(tx, actor, id, { startsAt, zone: 'America/New_York', version }),
  )
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result.appointment
}
const cancel = (id: string, actor = customer(), reason?: string) =>
  inTransaction((tx) => cancelAppointment(tx, actor, id, reason))

/** Mails to an address by their template, with all they say. */
async function told(address: string) {
  const rows = await db()
    .selectFrom('email_message')
    .select(['id', 'template', 'subject'])
    .where('to_address', '=', address)
    .where('template', 'like', '%appointment%')
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return Promise.all(
    rows.map(async ({ id, template, subject }) => {
      const read = await readMail(db(), id)
      return { template, subject, text: read?.text ?? '', calendar: read?.calendar ?? '' }
    }),
  )
}
const templates = async (address: string) => (await told(address)).map(({ template }) => template)
const field = (file: string, name: string) =>
  file
    .replaceAll('\r\n ', '')
    .split('\r\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)

describe('what happens to an appointment is told', () => {
  test('[booking 12] with date, weekday, time and zone of the customer, and the owner’s time where it is another', async () => {
    await booked(at(1, 15))
    const [mail, ...rest] = await told(ada)
    expect(rest).toEqual([])
    expect(mail?.subject).toBe('Booked: Review, Tuesday, 11 March 2031, 10:00 to 11:00')
    expect(mail?.text).toContain('Date: Tuesday, 11 March 2031\nTime: 10:00 to 11:00')
    expect(mail?.text).toContain('Time zone: America/New_York, GMT-4')
    expect(mail?.text).toContain(
      'On the clock of Pine: Tuesday, 11 March 2031, 15:00 to 16:00 (Europe/Berlin, GMT+1)',
    )
    expect(mail?.text).toContain('Join it here: https://meet.example/room')
    expect(mail?.text).toContain(
      'it costs you nothing until Monday, 10 March 2031, 10:00 (America/New_York, GMT-4)',
    )
    expect(mail?.text).toMatch(/https?:\/\/\S+\/dashboard\/appointments/)
    const [theirs] = await told(owner.email)
    expect(theirs?.subject).toBe('Booked: Review, Tuesday, 11 March 2031, 15:00 to 16:00')
    expect(theirs?.text).toContain('Customer: Ada, ada@example.com')
    expect(theirs?.text).toContain('On the customer’s clock: Tuesday, 11 March 2031, 10:00')
  })

  test('the same clock is told once', async () => {
    await inTransaction((tx) => book(tx, wish(at(1, 15), 'Europe/Paris')))
    expect((await told(ada))[0]?.text).not.toContain('On the clock of')
  })

  test('once for each change, however often it is pressed, two at once as well', async () => {
    const same = wish(at(1, 15))
    const [first] = await Promise.all([1, 2, 3].map(() => inTransaction((tx) => book(tx, same))))
    if (!first?.ok) throw new Error('It was not booked.')
    const { id } = first.appointment
    const to = { startsAt: at(2, 15), zone, version: 1 }
    await Promise.all(
      [1, 2].map(() => inTransaction((tx) => moveAppointment(tx, customer(), id, to))),
    )
    await Promise.all([cancel(id), cancel(id), cancel(id, byOwner())])
    const each = ['appointment_booked', 'appointment_moved', 'appointment_cancelled']
    expect(await templates(ada)).toEqual(each)
    expect(await templates(owner.email)).toEqual(each.map((template) => `owner_${template}`))
  })

  test('[booking 45] [booking 34] the file keeps its number through moving and cancelling, counts up and takes the event out in the end', async () => {
    const { id } = await booked(at(1, 15))
    await moved(id, at(2, 15), 1)
    await cancel(id, byOwner(), 'I am ill, sorry')
    const mails = await told(ada)
    const files = mails.map(({ calendar }) => calendar)
    const uid = `${id}@`
    expect(files.map((file) => field(file, 'UID')?.slice(0, uid.length))).toEqual([uid, uid, uid])
    expect(new Set(files.map((file) => field(file, 'UID'))).size).toBe(1)
    expect(files.map((file) => field(file, 'SEQUENCE'))).toEqual(['0', '1', '2'])
    expect(files.map((file) => field(file, 'METHOD'))).toEqual(['REQUEST', 'REQUEST', 'CANCEL'])
    expect(files.map((file) => field(file, 'STATUS'))).toEqual([
      'CONFIRMED',
      'CONFIRMED',
      'CANCELLED',
    ])
    expect(field(files[1] ?? '', 'DTSTART')).toBe('20310312T140000Z')
    expect(mails[1]?.text).toContain('You moved “Review” with Pine.')
    expect(mails[1]?.text).toContain('Before it was on Tuesday, 11 March 2031, 10:00')
    expect(mails[2]?.text).toContain('Pine cancelled “Review”. The reason: “I am ill, sorry”')
    const toOwner = await told(owner.email)
    expect(toOwner.map(({ calendar }) => field(calendar, 'SEQUENCE'))).toEqual(['0', '1', '2'])
    expect(toOwner[0]?.calendar).toContain('SUMMARY:Review: Ada')
  })

  test('nothing is told of what was refused, or of what was rolled back', async () => {
    await booked(at(1, 15))
    await inTransaction((tx) => book(tx, wish(at(1, 15))))
    await expect(
      inTransaction(async (tx) => {
        await book(tx, wish(at(3, 15)))
        throw new Error('Something else went wrong.')
      }),
    ).rejects.toThrow('Something else')
    expect(await templates(ada)).toEqual(['appointment_booked'])
  })

  test('the owner who books for somebody tells them as well, and where it is late says so', async () => {
    await clockAt(at(1, 8))
    await inTransaction((tx) => bookForCustomer(tx, owner, wish(at(1, 15)), 'nothing'))
    expect((await told(ada))[0]?.text).toContain('the time in which that costs nothing is over')
    expect((await told(owner.email))[0]?.text).toContain('You booked “Review” for Ada.')
  })

  test('somebody who has left is not written to', async () => {
    const { id } = await booked(at(1, 15))
    await db().updateTable('customer').set({ email: 'x@erased.invalid' }).execute()
    await cancel(id, byOwner())
    expect(await templates('x@erased.invalid')).toEqual([])
    expect(await templates(owner.email)).toHaveLength(2)
  })
})

describe('[booking 47] reminders', () => {
  const reminders = async () =>
    (await mailsTo(ada))
      .filter(({ template }) => template === 'appointment_reminder')
      .map(({ entityKey }) => entityKey.split(':').slice(1).join(':'))
  const rounds = async () => {
    while ((await remindOfAppointments()) > 0);
  }

  test('come a day and an hour before, once each, two rounds at once as well', async () => {
    await booked(at(1, 15))
    await clockAt(at(0, 15) - 1_000)
    await rounds()
    expect(await reminders()).toEqual([])
    await passTime(2_000)
    await Promise.all([rounds(), rounds(), rounds()])
    expect(await reminders()).toEqual(['1:day'])
    await clockAt(at(1, 14) + 1_000)
    await Promise.all([rounds(), rounds()])
    await rounds()
    expect(await reminders()).toEqual(['1:day', '1:hour'])
    const last = (await told(ada)).at(-1)
    expect(last?.subject).toBe('Reminder: Review, Tuesday, 11 March 2031, 10:00 to 11:00')
    expect(last?.text).toContain('Join it here: https://meet.example/room')
  })

  test('booked three hours ahead, there is only the one an hour before', async () => {
    await clockAt(at(1, 12))
    await booked(at(1, 15))
    await rounds()
    expect(await reminders()).toEqual([])
    await clockAt(at(1, 14) + 1_000)
    await rounds()
    expect(await reminders()).toEqual(['1:hour'])
  })

  test('of what was cancelled never come', async () => {
    const { id } = await booked(at(1, 15))
    await cancel(id)
    await clockAt(at(1, 14) + 1_000)
    await rounds()
    expect(await reminders()).toEqual([])
  })

  test('of what was moved come for the new time alone', async () => {
    const { id } = await booked(at(1, 15))
    await moved(id, at(3, 15), 1)
    await clockAt(at(1, 14) + 1_000)
    await rounds()
    expect(await reminders()).toEqual([])
    await clockAt(at(3, 14) + 1_000)
    await rounds()
    expect(await reminders()).toEqual(['2:hour'])
  })

  test('cancelled while the round goes, it is either reminded of before or not at all', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const { id } = await booked(at(2 + turn, 15) + (turn >= 3 ? 2 * day : 0))
      await clockAt(at(1 + turn, 15) + (turn >= 3 ? 2 * day : 0) + 1_000)
      await Promise.all([rounds(), cancel(id)])
      const { rows } = await sql<{ broken: boolean }>`
        select exists (select from appointment_reminder where appointment_id = ${id}::uuid and state = 'waiting') as broken`.execute(
        db(),
      )
      expect(rows[0]?.broken).toBe(false)
    }
  })

  test('are sent late while the appointment lies ahead, one of them at most, and not any more once it has begun', async () => {
    await booked(at(1, 15))
    await booked(at(2, 15))
    await clockAt(at(1, 14) + 1_800_000)
    await rounds()
    // Of the second one it is the day before, an hour too early.
    expect(await reminders()).toEqual(['1:hour'])
    await clockAt(at(2, 15) + 1_000)
    await rounds()
    expect(await reminders()).toEqual(['1:hour'])
    const states = await db()
      .selectFrom('appointment_reminder')
      .select('state')
      .orderBy('due_at')
      .execute()
    expect(states.map(({ state }) => state)).toEqual(['dropped', 'sent', 'dropped', 'dropped'])
  })

  test('say nothing any more when the mail is only delivered after the change', async () => {
    const { id } = await booked(at(1, 15))
    await clockAt(at(0, 15) + 1_000)
    await rounds()
    expect(await reminderByMail(db(), `${id}:1:day`)).toMatchObject({ heading: 'Review is soon' })
    await moved(id, at(3, 15), 1)
    expect(await reminderByMail(db(), `${id}:1:day`)).toBeUndefined()
    expect(await reminderByMail(db(), 'nonsense')).toBeUndefined()
  })
})
