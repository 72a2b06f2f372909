import { memberOnly } from '#modules/accounts/server/index.ts'
import { appointmentsOfMember } from '#modules/booking/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { zoneOf } from '../booking.server.ts'
import { rowOf } from './shown.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const [{ coming, passed }, { timeZone }] = await Promise.all([
    appointmentsOfMember(db(), memberId, turnOf(event.url.searchParams)),
    siteIdentity(db()),
  ])
  return {
    zone: zoneOf(event.cookies, timeZone),
    coming: coming.map(rowOf),
    passed: passed.rows.map(rowOf),
    ...turnLinks(event.url, passed),
  }
}
