import type { DateWords } from '#modules/platform/dates.ts'
import { runtime, type MailBlock, type OutgoingMail } from '#modules/platform/server/index.ts'
import { calendarFile, calendarUid, type CalendarPerson } from '../../calendar-file.ts'
import { cancelPolicy } from '../../change-policy.ts'
import { isSameClock, momentWords, timeWords } from '../../time-words.ts'
import type { Appointment } from '../../types.ts'

/** What happened to an appointment. */
export interface Happened {
  readonly what: 'booked' | 'moved' | 'cancelled'
  /** system: the program, because of something else that happened. */
  readonly by: 'customer' | 'owner' | 'system'
  /** Of a cancellation, in the words of whoever cancelled. */
  readonly reason?: string | undefined
  /** As it was before it moved. */
  readonly former?: Appointment
}

/** All that mails about an appointment need to know besides it. */
export interface MailSurroundings {
  readonly shopName: string
  /** Of the owner. */
  readonly dates: DateWords
  readonly customer: CalendarPerson
  readonly owner: CalendarPerson
  /** Whom the shop's mails are from. */
  readonly organizer: CalendarPerson
  readonly now: Date
}

/** What becomes of an appointment, to whoever booked it: once for each of its versions. */
export function customerMail(
  one: Appointment,
  happened: Happened,
  around: MailSurroundings,
): OutgoingMail {
  const url = `${runtime().settings.origin}/dashboard/appointments`
  const clock = clockOfCustomer(one, around)
  const when = timeWords(one.startsAt, one.endsAt, clock)
  const { shopName } = around
  const headings = {
    booked: 'Your appointment is booked',
    moved: 'Your appointment is moved',
    cancelled: 'Your appointment is cancelled',
  }
  const who = happened.by === 'customer' ? 'You' : shopName
  const before: MailBlock[] = {
    booked: () => [text(`“${one.title}” with ${shopName} is yours:`)],
    moved: () => [
      text(`${who} moved “${one.title}” with ${shopName}.${formerly(happened, clock)} It is now:`),
    ],
    cancelled: () => [text(`${cancelledWords(one, happened, who)} It was:`)],
  }[happened.what]()
  return {
    template: `appointment_${happened.what}`,
    entityKey: `${one.id}:${one.version}`,
    to: around.customer.email,
    subject: subjectOf(one, happened, when.date, when.time),
    content: {
      preheader: when.whole,
      heading: headings[happened.what],
      blocks: [
        ...before,
        timeTable(one, clock),
        ...ownersClock(one, clock, around),
        ...(happened.what === 'cancelled'
          ? [text('The file with this mail takes it out of your calendar.')]
          : [
              ...placeBlocks(one),
              text(cancelWords(one, clock, around.now)),
              text('The file with this mail brings it into your calendar.'),
            ]),
        { kind: 'button', label: 'My appointments', url },
      ],
      footnote: `You get this mail because you have booked an appointment with ${shopName}.`,
      calendar: fileFor(one, around, around.customer, {
        title: `${one.title} with ${shopName}`,
        url,
        words: `Move or cancel it: ${url}`,
      }),
    },
  }
}

/** The same to the owner. */
export function ownerMail(
  one: Appointment,
  happened: Happened,
  around: MailSurroundings,
): OutgoingMail {
  const { customer, dates } = around
  const url = `${runtime().settings.origin}/admin/calendar`
  const when = timeWords(one.startsAt, one.endsAt, dates)
  const name = customer.name || customer.email
  const who = happened.by === 'customer' ? name : 'You'
  const words = {
    booked: () => `${who} booked “${one.title}”${happened.by === 'owner' ? ` for ${name}` : ''}.`,
    moved: () => `${who} moved “${one.title}”.${formerly(happened, dates)} It is now:`,
    cancelled: () => `${cancelledWords(one, happened, who)} The time is free again.`,
  }[happened.what]()
  return {
    template: `owner_appointment_${happened.what}`,
    entityKey: `${one.id}:${one.version}`,
    to: around.owner.email,
    replyTo: customer.email,
    subject: subjectOf(one, happened, when.date, when.time),
    content: {
      preheader: `${name}: ${when.whole}`,
      heading: `${one.title}: ${happened.what}`,
      blocks: [
        text(words),
        timeTable(one, dates),
        text(`Customer: ${customer.name ? `${customer.name}, ` : ''}${customer.email}`),
        ...(isSameClock(one.startsAt, one.zone, dates.zone)
          ? []
          : [text(`On the customer’s clock: ${whole(one, { ...dates, zone: one.zone })}`)]),
        ...(happened.what === 'cancelled' ? [] : placeBlocks(one)),
        { kind: 'button', label: 'Your calendar', url },
      ],
      footnote: 'You get this mail because it is your shop.',
      calendar: fileFor(one, around, around.owner, {
        title: `${one.title}: ${name}`,
        url,
        words: `${name}, ${customer.email}`,
      }),
    },
  }
}

const text = (words: string) => ({ kind: 'text' as const, text: words })

/** What the clock of the customer shows, in the words of the shop. */
export function clockOfCustomer(
  one: Appointment,
  around: { readonly dates: DateWords },
): DateWords {
  return { zone: one.zone, locale: around.dates.locale }
}

const whole = (one: Appointment, clock: DateWords) =>
  timeWords(one.startsAt, one.endsAt, clock).whole

/** The time as rows that stay readable on a phone. */
export function timeTable(one: Appointment, clock: DateWords): MailBlock {
  const { date, time, zone } = timeWords(one.startsAt, one.endsAt, clock)
  return {
    kind: 'table',
    rows: [
      { label: 'Date', value: date, strong: true },
      { label: 'Time', value: time, strong: true },
      { label: 'Time zone', value: zone },
    ],
  }
}

/** What the owner's clock shows, where it shows something else. */
export function ownersClock(
  one: Appointment,
  clock: DateWords,
  around: Pick<MailSurroundings, 'dates' | 'shopName'>,
): MailBlock[] {
  return isSameClock(one.startsAt, clock.zone, around.dates.zone)
    ? []
    : [text(`On the clock of ${around.shopName}: ${whole(one, around.dates)}`)]
}

/** Where it takes place. */
export function placeBlocks(one: Appointment): MailBlock[] {
  if (one.place === '' || one.placeKind === 'later')
    return [text('Where it takes place is told to you later.')]
  const label = { link: 'Join it here', phone: 'By phone', address: 'Where' }[one.placeKind]
  return [text(`${label}: ${one.place}`)]
}

function subjectOf(one: Appointment, { what }: Happened, date: string, time: string): string {
  const words = { booked: 'Booked', moved: 'Moved', cancelled: 'Cancelled' }[what]
  return `${words}: ${one.title}, ${date}, ${time}`
}

function formerly({ former }: Happened, clock: DateWords): string {
  return former ? ` Before it was on ${momentWords(former.startsAt, clock)}.` : ''
}

function cancelledWords(one: Appointment, { by, reason }: Happened, who: string): string {
  const words =
    by === 'system' ? `“${one.title}” was cancelled.` : `${who} cancelled “${one.title}”.`
  return reason === undefined || reason === '' ? words : `${words} The reason: “${reason}”`
}

/** Until when cancelling costs nothing. */
function cancelWords(one: Appointment, clock: DateWords, now: Date): string {
  const policy = cancelPolicy(one, now.getTime())
  if (!policy.ok) return 'It cannot be cancelled any more.'
  if (policy.isLate)
    return 'You can still cancel it under “My appointments”, but the time in which that costs nothing is over.'
  const until =
    policy.freeUntil === undefined ? 'it begins' : momentWords(new Date(policy.freeUntil), clock)
  return `You can cancel it under “My appointments”; it costs you nothing until ${until}.`
}

function fileFor(
  one: Appointment,
  { organizer, now }: MailSurroundings,
  attendee: CalendarPerson,
  told: { readonly title: string; readonly url: string; readonly words: string },
) {
  const isCancelled = one.state === 'cancelled'
  return {
    method: isCancelled ? ('CANCEL' as const) : ('REQUEST' as const),
    file: calendarFile(
      {
        uid: calendarUid(one.id, new URL(runtime().settings.origin).hostname),
        version: one.version,
        startsAt: one.startsAt,
        endsAt: one.endsAt,
        place: one.place,
        isCancelled,
        changedAt: now,
        ...told,
      },
      organizer,
      attendee,
    ),
  }
}
