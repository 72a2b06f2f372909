import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
  type ICalCalendar,
} from 'ical-generator'
import { cutText } from '#modules/platform/cut-text.ts'
import { oneLine } from '#modules/platform/plain-text.ts'

/** Somebody in a calendar file. */
export interface CalendarPerson {
  /** '' where none is known. */
  readonly name: string
  readonly email: string
}

/** What a calendar is told of one appointment. */
export interface CalendarEntry {
  /** The same for ever, whatever becomes of it: of two files with one of these, calendars keep the one with the higher version. */
  readonly uid: string
  /** From 1; grows with each change. */
  readonly version: number
  readonly title: string
  readonly startsAt: Date
  readonly endsAt: Date
  /** '' where none is known yet. */
  readonly place: string
  /** One or more lines; '' for none. */
  readonly words: string
  /** Where it is looked after. */
  readonly url: string
  readonly isCancelled: boolean
  /** When it was changed last. */
  readonly changedAt: Date
}

/** How calendars know an appointment. host: of the shop's address. */
export function calendarUid(appointmentId: string, host: string): string {
  return `${appointmentId}@${host}`
}

/**
 * One appointment as iCalendar (RFC 5545, 5546): an invitation, or the cancellation that takes it out again. Times are UTC, so that no calendar needs
 * to know a zone. organizer: whoever the mail comes from, or programs distrust it.
 */
export function calendarFile(
  entry: CalendarEntry,
  organizer: CalendarPerson,
  attendee: CalendarPerson,
): string {
  const calendar = ical({
    prodId,
    method: entry.isCancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.REQUEST,
  })
  add(calendar, entry, { organizer, attendee })
  return `${calendar.toString()}\r\n`
}

/** Appointments that stand, as a calendar that programs subscribe to. */
export function calendarFeed(name: string, entries: readonly CalendarEntry[]): string {
  const calendar = ical({
    prodId,
    method: ICalCalendarMethod.PUBLISH,
    name: fit(name, 200),
    ttl: 3_600,
  })
  for (const entry of entries) add(calendar, entry)
  return `${calendar.toString()}\r\n`
}

const prodId = { company: 'Sundry', product: 'Appointments', language: 'EN' } as const

function add(
  calendar: ICalCalendar,
  entry: CalendarEntry,
  people?: { readonly organizer: CalendarPerson; readonly attendee: CalendarPerson },
): void {
  const event = calendar.createEvent({
    id: entry.uid,
    sequence: entry.version - 1,
    stamp: entry.changedAt,
    start: entry.startsAt,
    end: entry.endsAt,
    summary: fit(entry.title, 300),
    status: entry.isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    url: entry.url,
  })
  if (entry.place !== '') event.location(fit(entry.place, 600))
  if (entry.words !== '')
    event.description(
      entry.words
        .split('\n')
        .map((line) => fit(line, 1_000))
        .join('\n'),
    )
  if (!people) return
  event.organizer({ name: nameOf(people.organizer), email: people.organizer.email })
  // They said yes by booking: nobody is asked to answer.
  event.createAttendee({
    name: nameOf(people.attendee),
    email: people.attendee.email,
    role: ICalAttendeeRole.REQ,
    status: ICalAttendeeStatus.ACCEPTED,
    rsvp: false,
  })
}

/** Names stand in quotes, in which older programs know no sign for a quote. */
const nameOf = ({ name, email }: CalendarPerson) => fit(name.replaceAll('"', '’'), 200) || email

/** Control signs, line breaks and halves of signs have no place in a calendar file. */
const fit = (text: string, most: number) => oneLine(cutText(text, most)).toWellFormed()
