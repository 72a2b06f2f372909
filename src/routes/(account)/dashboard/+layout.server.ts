import { memberOnly } from '#modules/accounts/server/index.ts'
import { hasBooking } from '#modules/booking/server/index.ts'
import { hasMembership } from '#modules/memberships/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { clothesOf } from '#modules/site/ui/clothes.ts'
import { owedOn } from '../../owed.server.ts'
import type { LayoutServerLoad } from './$types'

/** The frame of a member's pages. Each page and action below proves the member by itself as well: they run without this. */
export const load: LayoutServerLoad = async (event) => {
  const { name, email, avatarUrl, memberId } = memberOnly(event)
  const [site, hasPlans, booked, owed] = await Promise.all([
    siteIdentity(db()),
    hasMembership(db(), memberId),
    hasBooking(db(), memberId),
    owedOn(event),
  ])
  return {
    shop: {
      name: site.name,
      contactEmail: site.contactEmail,
      brandColour: site.brandColour,
    },
    clothes: clothesOf(site),
    /** How dates and amounts are told: the shop's. */
    words: { zone: site.timeZone, locale: site.locale },
    member: { name, email, avatarUrl },
    hasMembership: hasPlans,
    hasAppointments: booked,
    owed,
    isRehearsal: runtime().settings.stripe.mode === 'rehearsal',
  }
}
