import { recurringRevenue } from '#modules/memberships/recurring-revenue.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { addMoney, addMoves, membershipDays } from '../membership-days.ts'
import type { MembershipFigures, PlanFigures } from '../types.ts'
import {
  membershipChanges,
  membershipMoney,
  planStandings,
  type AskedMemberships,
  type PlanStanding,
} from './store.memberships.ts'

/**
 * Memberships over a period: what a month brings (yearly plans by their twelfth), what moved it day by day, what was paid and what went
 * back, and each plan as it stands now. Added up from the ledger of changes, so that a day that is over stays as it was told. Page, CSV and JSON all take this.
 */
export async function membershipFiguresOf(
  db: Db,
  asked: AskedMemberships,
): Promise<MembershipFigures> {
  const [changes, standings, money] = await Promise.all([
    membershipChanges(db, asked),
    planStandings(db, asked),
    membershipMoney(db, asked),
  ])
  const { opening, days } = membershipDays(asked, changes, money)
  const inPeriod = changes.filter((change) => change.day !== undefined)
  const byPlan = Map.groupBy(inPeriod, (change) => change.planId)
  return {
    currency: asked.currency,
    opening,
    closing: days.at(-1) ?? opening,
    total: { ...addMoves(days), ...addMoney(days) },
    days,
    plans: standings
      .map((standing) => ({
        ...planFigures(standing),
        ...begunAndEnded(byPlan.get(standing.planId) ?? []),
      }))
      .toSorted((one, other) => other.monthlyMinor - one.monthlyMinor || other.paying - one.paying),
  }
}

const begunAndEnded = (changes: Parameters<typeof addMoves>[0]) => {
  const { begun, ended } = addMoves(changes)
  return { begun, ended }
}

function planFigures({ billed, ...plan }: PlanStanding): Omit<PlanFigures, 'begun' | 'ended'> {
  const figures = {
    paying: 0,
    trials: 0,
    owing: 0,
    ending: 0,
    monthlyMinor: 0,
    committedMinor: 0,
    owingMinor: 0,
  }
  for (const { times, ...one } of billed) {
    const each = recurringRevenue([one])
    figures.monthlyMinor += each.monthlyMinor * times
    figures.committedMinor += each.committedMinor * times
    figures.owingMinor += each.pastDueMinor * times
    if (each.monthlyMinor > 0) figures.paying += times
    if (one.status === 'trialing') figures.trials += times
    if (one.status === 'past_due' || one.status === 'unpaid') figures.owing += times
    if (one.isEnding) figures.ending += times
  }
  const { planId, title, isEnabled } = plan
  return { planId, title, isEnabled, ...figures }
}
