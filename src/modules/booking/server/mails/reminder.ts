import { runtime, type MailContent, type OutgoingMail } from '#modules/platform/server/index.ts'
import { timeWords } from '../../time-words.ts'
import type { Appointment } from '../../types.ts'
import type { Reminder } from '../store.reminders.ts'
import {
  clockOfCustomer,
  ownersClock,
  placeBlocks,
  timeTable,
  type MailSurroundings,
} from './appointment.ts'

type Around = Pick<MailSurroundings, 'dates' | 'shopName'>

/** Reminds of an appointment, once for each kind and version; what it says is found out when it is delivered, for it may be cancelled by then. */
export function laterReminderMail(
  one: Appointment,
  { kind }: Reminder,
  to: string,
  around: Around,
): OutgoingMail {
  const { date, time } = timeWords(one.startsAt, one.endsAt, clockOfCustomer(one, around))
  const key = `${one.id}:${one.version}:${kind}`
  return {
    template: 'appointment_reminder',
    entityKey: key,
    to,
    subject: `Reminder: ${one.title}, ${date}, ${time}`,
    content: {
      preheader: '',
      heading: one.title,
      blocks: [{ kind: 'later', of: 'reminder', key }],
      footnote: '',
    },
  }
}

/** What it says as long as the appointment stands and has not begun. */
export function reminderMail(one: Appointment, around: Around): MailContent {
  const clock = clockOfCustomer(one, around)
  return {
    preheader: timeWords(one.startsAt, one.endsAt, clock).whole,
    heading: `${one.title} is soon`,
    blocks: [
      { kind: 'text', text: `Your appointment with ${around.shopName}:` },
      timeTable(one, clock),
      ...ownersClock(one, clock, around),
      ...placeBlocks(one),
      {
        kind: 'button',
        label: 'My appointments',
        url: `${runtime().settings.origin}/dashboard/appointments`,
      },
    ],
    footnote: `You get this mail because you have booked an appointment with ${around.shopName}.`,
  }
}
