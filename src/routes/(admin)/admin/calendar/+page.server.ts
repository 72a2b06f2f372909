import { ownerOnly } from '#modules/accounts/server/index.ts'
import { isDate } from '#modules/booking/month.ts'
import { dateOf, dayAt, dayNumber, weekdayOf } from '#modules/booking/open-time.ts'
import { weekOfOwner, weeklyHours } from '#modules/booking/server/index.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { zoneNamed } from '#modules/platform/zones.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import type { PageServerLoad } from './$types'

/** The owner's week, as a list. ?week= any date of it. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { timeZone, locale } = await siteIdentity(db())
  const today = dayAt(zoneNamed(timeZone), (await now(db())).getTime())
  const asked = event.url.searchParams.get('week') ?? ''
  const day = isDate(asked) ? dayNumber(asked) : today
  const monday = day - weekdayOf(day) + 1
  const [week, weekly] = await Promise.all([
    weekOfOwner(db(), dateOf(monday), timeZone),
    weeklyHours(db()),
  ])
  return {
    monday: dateOf(monday),
    sunday: dateOf(monday + 6),
    before: dateOf(monday - 7),
    after: dateOf(monday + 7),
    isThisWeek: today >= monday && today <= monday + 6,
    hasHours: weekly.length > 0,
    zone: timeZone,
    locale,
    appointments: week.map(({ appointment: one, name, email, answers }) => ({
      id: one.id,
      title: one.title,
      startsAt: one.startsAt,
      endsAt: one.endsAt,
      state: one.state,
      place: one.place,
      customerId: one.customerId,
      who: name || email,
      answers,
    })),
  }
}
