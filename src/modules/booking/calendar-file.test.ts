import fc from 'fast-check'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'
import { describe, expect, test } from 'vitest'
import { samplePlace, samples, sampleTitle } from '../../../test/calendar-samples.ts'
import { calendarFeed, calendarFile, type CalendarEntry } from './calendar-file.ts'

const mailto = (address: unknown) => String(address).replace(/^mailto:/i, '')

/** A calendar as programs keep one: what they are sent replaces what they have of the same appointment, unless it is older. */
class Calendar {
  readonly #kept = new Map<string, { sequence: number; startsAt: number; title: string }>()

  take(file: string): void {
    const root = new ICAL.Component(ICAL.parse(file) as unknown[])
    for (const part of root.getAllSubcomponents('vevent')) {
      const event = new ICAL.Event(part)
      if ((this.#kept.get(event.uid)?.sequence ?? -1) > event.sequence) continue
      if (root.getFirstPropertyValue('method') === 'CANCEL') this.#kept.delete(event.uid)
      else
        this.#kept.set(event.uid, {
          sequence: event.sequence,
          startsAt: event.startDate.toJSDate().getTime(),
          title: event.summary,
        })
    }
  }

  get shown() {
    return [...this.#kept.values()]
  }
}

describe('booked, moved and cancelled [booking 48]', () => {
  test.each(samples)('ical.js reads version $entry.version', (sample) => {
    const root = new ICAL.Component(ICAL.parse(sample.file) as unknown[])
    expect(root.getFirstPropertyValue('method')).toBe(sample.method)
    const part = root.getFirstSubcomponent('vevent')
    if (!part) throw new Error('There is no event.')
    const event = new ICAL.Event(part)
    expect(event).toMatchObject({
      uid: sample.entry.uid,
      sequence: sample.sequence,
      summary: sampleTitle,
      location: samplePlace,
      description: sample.entry.words,
    })
    expect(event.startDate.zone.tzid).toBe('UTC')
    expect(event.startDate.toJSDate()).toEqual(sample.entry.startsAt)
    expect(event.endDate.toJSDate()).toEqual(sample.entry.endsAt)
    expect(part.getFirstPropertyValue('status')).toBe(sample.status)
    expect(mailto(event.organizer)).toBe(sample.organizer)
    expect(event.attendees.map((one) => mailto(one.getFirstValue()))).toEqual([sample.attendee])
  })

  test.each(samples)('node-ical reads version $entry.version', (sample) => {
    const read = nodeIcal.sync.parseICS(sample.file)
    const event = read[sample.entry.uid]
    if (event?.type !== 'VEVENT') throw new Error('There is no event.')
    expect(event).toMatchObject({
      uid: sample.entry.uid,
      method: sample.method,
      status: sample.status,
      location: samplePlace,
      summary: sampleTitle,
    })
    expect(Number(event.sequence)).toBe(sample.sequence)
    expect(event.start.getTime()).toBe(sample.entry.startsAt.getTime())
    expect(event.end?.getTime()).toBe(sample.entry.endsAt.getTime())
    expect(JSON.stringify([event.organizer, event.attendee])).toContain(sample.organizer)
  })

  test('in a calendar it is one event throughout, at its newest time, and gone in the end', () => {
    const [first, second, third] = samples.map(({ file }) => file)
    const calendar = new Calendar()
    calendar.take(first ?? '')
    expect(calendar.shown).toHaveLength(1)
    calendar.take(second ?? '')
    expect(calendar.shown).toMatchObject([{ startsAt: Date.parse('2031-04-01T14:00:00Z') }])
    // Mails overtake each other.
    calendar.take(first ?? '')
    expect(calendar.shown).toMatchObject([{ startsAt: Date.parse('2031-04-01T14:00:00Z') }])
    calendar.take(third ?? '')
    expect(calendar.shown).toEqual([])
  })
})

const entry = (title: string, place = '', words = ''): CalendarEntry => ({
  uid: 'one@shop.example',
  version: 1,
  title,
  startsAt: new Date('2031-03-10T08:00:00Z'),
  endsAt: new Date('2031-03-10T09:00:00Z'),
  place,
  words,
  url: 'https://shop.example/',
  isCancelled: false,
  changedAt: new Date('2031-03-01T08:00:00Z'),
})
const shop = { name: 'Shop', email: 'no-reply@shop.example' }

test('lines end in CR LF, have 75 octets at most and never end in half a sign; nothing anybody typed adds a line of its own', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 400 })
  fc.assert(
    fc.property(anything, anything, anything, anything, (title, place, words, name) => {
      const file = calendarFile(entry(title, place, words), shop, {
        name,
        email: 'ada@example.com',
      })
      const lines = file.split('\r\n')
      expect(file.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      for (const line of lines) {
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
        expect(line.isWellFormed()).toBe(true)
      }
      const begins = lines
        .filter((line) => !line.startsWith(' '))
        .map((line) => line.split(/[:;]/, 1)[0] ?? '')
      const may =
        /^(?:BEGIN|VERSION|PRODID|METHOD|UID|SEQUENCE|DTSTAMP|DTSTART|DTEND|SUMMARY|LOCATION|DESCRIPTION|ORGANIZER|ATTENDEE|URL|STATUS|END|)$/
      expect(begins.filter((begin) => !may.test(begin))).toEqual([])
      expect(begins.filter((begin) => begin === 'UID')).toHaveLength(1)
      expect(() => ICAL.parse(file)).not.toThrow()
    }),
  )
})

test('a feed holds all of them without asking anybody anything', () => {
  const file = calendarFeed('Ada’s shop', [
    entry('One'),
    { ...entry('Two'), uid: 'two@shop.example' },
  ])
  const read = Object.values(nodeIcal.sync.parseICS(file)).filter((one) => one?.type === 'VEVENT')
  expect(read.map((one) => one?.type === 'VEVENT' && [one.summary, one.status])).toEqual([
    ['One', 'CONFIRMED'],
    ['Two', 'CONFIRMED'],
  ])
  expect(file).toContain('METHOD:PUBLISH')
  expect(file).not.toMatch(/ATTENDEE|ORGANIZER/)
  expect(file).toBe(
    calendarFeed('Ada’s shop', [entry('One'), { ...entry('Two'), uid: 'two@shop.example' }]),
  )
})

test('an empty feed is a calendar, too', () => {
  const root = new ICAL.Component(ICAL.parse(calendarFeed('Empty', [])) as unknown[])
  expect(root.getAllSubcomponents('vevent')).toEqual([])
})
