import { now, type Db } from '#modules/platform/server/index.ts'
import { dayMs } from '#modules/platform/zones.ts'
import { datesOf, monthAfter, monthAt, type Month, type MonthOfTimes } from '../month.ts'
import type { Appointment } from '../types.ts'
import { offeredTimes } from './appointments.ts'
import { findService } from './store.services.ts'

/** Where a service may be booked as far ahead as anybody likes, calendars are shown so far. */
const furthestDays = 730

/**
 * The times of a month at which a service can be booked; without a month, of the first in which there is one (of the present month, if there is
 * none at all). undefined for a product that is no service. moving: as in offeredTimes().
 */
export async function monthOfTimes(
  via: Db,
  productId: string,
  ask: {
    /** IANA name: by whose calendar. */
    readonly zone: string
    /** BCP 47: decides with which weekday a week begins. */
    readonly locale: string
    readonly month: Month | undefined
    readonly moving?: Appointment
  },
): Promise<MonthOfTimes | undefined> {
  const service = await findService(via, productId)
  if (!service) return undefined
  const clock = (await now(via)).getTime()
  const { zone, moving } = ask
  const first = monthAt(zone, clock)
  // A day more, for zones in which it is tomorrow already.
  const last = monthAt(zone, clock + ((service.terms.windowDays ?? furthestDays) + 1) * dayMs)
  const timesOf = async (month: Month) =>
    (await offeredTimes(via, productId, { ...datesOf(month), zone }, moving)) ?? []
  const tell = (month: Month, times: readonly number[]): MonthOfTimes => ({
    month,
    zone,
    times,
    before: month > first ? monthAfter(month, -1) : undefined,
    after: month < last ? monthAfter(month) : undefined,
    firstWeekday: firstWeekdayOf(ask.locale),
  })
  if (ask.month !== undefined) {
    const month = ask.month < first ? first : ask.month > last ? last : ask.month
    return tell(month, await timesOf(month))
  }
  for (let month = first; month <= last; month = monthAfter(month)) {
    const times = await timesOf(month)
    if (times.length > 0) return tell(month, times)
  }
  return tell(first, [])
}

/** 1 = Monday; what the calendars of a language begin with. */
function firstWeekdayOf(locale: string): number {
  // Not among the types of this edition of the language yet.
  const { getWeekInfo } = Intl.Locale.prototype as unknown as {
    getWeekInfo?: (this: Intl.Locale) => { readonly firstDay: number }
  }
  return getWeekInfo?.call(new Intl.Locale(locale)).firstDay ?? 1
}
