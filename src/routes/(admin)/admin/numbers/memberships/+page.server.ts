import type { PageServerLoad } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { churnPercent } from '#modules/numbers/membership-days.ts'
import { membershipFiguresOf } from '#modules/numbers/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { askedMembershipsOf } from '../asked.server.ts'

/** More than these are in the export. */
const mostPlans = 25

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { asked, period, preset, problem, today, kinds, currencies } = await askedMembershipsOf(
    event.url,
  )
  const figures = await membershipFiguresOf(db(), asked)
  const { opening, closing, total, days, plans } = figures
  return {
    period,
    preset,
    problem,
    today,
    money: asked.money,
    kinds: [...kinds],
    currency: asked.currency,
    currencies,
    opening,
    closing,
    total,
    days,
    plans: plans.slice(0, mostPlans),
    plansBeyond: Math.max(0, plans.length - mostPlans),
    owedMinor: plans.reduce((sum, plan) => sum + plan.owingMinor, 0),
    churnPercent: churnPercent(opening.paying, total.ended),
    averageMinor:
      closing.paying === 0 ? undefined : Math.round(closing.monthlyMinor / closing.paying),
  }
}
