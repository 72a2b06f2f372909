import { customerDetail, ownerAddress } from '#modules/accounts/server/index.ts'
import { senderAddress } from '#modules/notifications/server/index.ts'
import { now, queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { CalendarPerson } from '../calendar-file.ts'
import type { Appointment } from '../types.ts'
import { customerMail, ownerMail, type Happened } from './mails/appointment.ts'
import { dropReminders, insertReminders } from './store.reminders.ts'

/**
 * Tells customer and owner what happened to an appointment, with a file for their calendars, and has the customer reminded of it as it is now: each
 * once for each of its versions, in the transaction of what it tells about.
 */
export async function tellOf(tx: Tx, one: Appointment, happened: Happened): Promise<void> {
  const [customer, to, site, at] = [
    await personOf(tx, one.customerId),
    await ownerAddress(tx),
    await siteIdentity(tx),
    await now(tx),
  ]
  const around = {
    shopName: site.name,
    dates: { zone: site.timeZone, locale: site.locale },
    customer,
    owner: { name: site.ownerName, email: to ?? '' },
    organizer: { name: site.name, email: senderAddress(site.name) },
    now: at,
  }
  await dropReminders(tx, one.id)
  if (one.state === 'confirmed') await insertReminders(tx, one)
  if (customer.email !== '') await queueMail(tx, customerMail(one, happened, around))
  if (to) await queueMail(tx, ownerMail(one, happened, around))
}

/** Whose appointment it is, where they read mail now; without an address once they have left. */
export async function personOf(via: Db, customerId: string): Promise<CalendarPerson> {
  const customer = await customerDetail(via, customerId)
  const email = customer?.member?.email ?? customer?.email ?? ''
  // Addresses of people who had themselves erased end like this; no mail ever reaches them.
  if (email.endsWith('.invalid')) return { name: '', email: '' }
  return { name: (customer?.member?.name ?? '') || (customer?.name ?? ''), email }
}
