import { isId } from '#modules/platform/ids.ts'
import {
  db as pool,
  inTransaction,
  now,
  queueMail,
  type Db,
  type MailContent,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { Appointment } from '../types.ts'
import { laterReminderMail, reminderMail } from './mails/reminder.ts'
import { findAppointment, lockBooking } from './store.appointments.ts'
import {
  dueReminders,
  isLastReminderDue,
  isReminderDue,
  settleReminder,
  type Reminder,
} from './store.reminders.ts'
import { personOf } from './telling.ts'

/** A round every five seconds: 240 mails a minute, so that a mail server is not flooded. */
const mostARound = 20

/**
 * Reminds of appointments whose time has come, the next few of them. Under the lock that moving and cancelling hold, it looks once more whether each still
 * stands in the version it was written for and has not begun; a late one is sent as long as it has not. Returns how many were sent.
 */
export async function remindOfAppointments(): Promise<number> {
  if (!(await isReminderDue(pool()))) return 0
  return inTransaction(async (tx) => {
    await lockBooking(tx)
    const site = await siteIdentity(tx)
    const around = { shopName: site.name, dates: { zone: site.timeZone, locale: site.locale } }
    let sent = 0
    for (const reminder of await dueReminders(tx, mostARound)) {
      const one = await remindedOf(tx, reminder)
      // The one a day before says nothing that the one an hour before does not.
      const isOutdone = one && reminder.kind === 'day' && (await isLastReminderDue(tx, one))
      const to = one && !isOutdone ? (await personOf(tx, one.customerId)).email : ''
      if (one && to !== '') {
        await queueMail(tx, laterReminderMail(one, reminder, to, around))
        sent++
      }
      await settleReminder(tx, reminder, to === '' ? 'dropped' : 'sent')
    }
    return sent
  })
}

/** The appointment, as long as it stands as it did and has not begun. */
async function remindedOf(
  via: Db,
  { appointmentId, version }: Pick<Reminder, 'appointmentId' | 'version'>,
): Promise<Appointment | undefined> {
  const one = await findAppointment(via, appointmentId)
  if (one?.state !== 'confirmed' || one.version !== version) return undefined
  return one.startsAt > (await now(via)) ? one : undefined
}

/** What the mail of a reminder says when it is delivered; undefined once the appointment was moved or cancelled, or has begun. */
export async function reminderByMail(via: Db, key: string): Promise<MailContent | undefined> {
  const [appointmentId = '', version] = key.split(':')
  const one = isId(appointmentId)
    ? await remindedOf(via, { appointmentId, version: Number(version) })
    : undefined
  if (!one) return undefined
  const site = await siteIdentity(via)
  return reminderMail(one, {
    shopName: site.name,
    dates: { zone: site.timeZone, locale: site.locale },
  })
}
