import { dayPlus } from './period.ts'
import type {
  MembershipDay,
  MembershipMoney,
  MembershipMoves,
  MembershipStanding,
  Period,
} from './types.ts'

/** What became different in a day, or in all days before the first one (day: undefined). */
export interface MembershipChange extends MembershipMoves, MembershipStanding {
  readonly day: string | undefined
}

export const nothingStands: MembershipStanding = {
  monthlyMinor: 0,
  committedMinor: 0,
  paying: 0,
  trials: 0,
  owing: 0,
}

export const nothingMoved: MembershipMoves = {
  begun: 0,
  ended: 0,
  trialsBegun: 0,
  trialsLost: 0,
  begunMinor: 0,
  backMinor: 0,
  upMinor: 0,
  downMinor: 0,
  owingMinor: 0,
  pausedMinor: 0,
  endedMinor: 0,
}

export const noMoney: MembershipMoney = { paidMinor: 0, refundedMinor: 0, lostMinor: 0 }

/** Every day of a period with what stood at its end, from the changes alone, and with its money. */
export function membershipDays(
  period: Period,
  changes: readonly MembershipChange[],
  money: ReadonlyMap<string, MembershipMoney>,
): { readonly opening: MembershipStanding; readonly days: MembershipDay[] } {
  const byDay = Map.groupBy(changes, (change) => change.day)
  const opening = (byDay.get(undefined) ?? []).reduce(addStanding, nothingStands)
  const days: MembershipDay[] = []
  let standing = opening
  for (let day = period.from; day <= period.to; day = dayPlus(day, 1)) {
    const own = byDay.get(day) ?? []
    standing = own.reduce(addStanding, standing)
    days.push({ day, ...standing, ...addMoves(own), ...(money.get(day) ?? noMoney) })
  }
  return { opening, days }
}

export function addMoves(all: readonly MembershipMoves[]): MembershipMoves {
  return all.reduce(
    (sum, one) => ({
      begun: sum.begun + one.begun,
      ended: sum.ended + one.ended,
      trialsBegun: sum.trialsBegun + one.trialsBegun,
      trialsLost: sum.trialsLost + one.trialsLost,
      begunMinor: sum.begunMinor + one.begunMinor,
      backMinor: sum.backMinor + one.backMinor,
      upMinor: sum.upMinor + one.upMinor,
      downMinor: sum.downMinor + one.downMinor,
      owingMinor: sum.owingMinor + one.owingMinor,
      pausedMinor: sum.pausedMinor + one.pausedMinor,
      endedMinor: sum.endedMinor + one.endedMinor,
    }),
    nothingMoved,
  )
}

/** What came and what went back over several days. */
export function addMoney(all: readonly MembershipMoney[]): MembershipMoney {
  return all.reduce(
    (sum, one) => ({
      paidMinor: sum.paidMinor + one.paidMinor,
      refundedMinor: sum.refundedMinor + one.refundedMinor,
      lostMinor: sum.lostMinor + one.lostMinor,
    }),
    noMoney,
  )
}

function addStanding(one: MembershipStanding, other: MembershipStanding): MembershipStanding {
  return {
    monthlyMinor: one.monthlyMinor + other.monthlyMinor,
    committedMinor: one.committedMinor + other.committedMinor,
    paying: one.paying + other.paying,
    trials: one.trials + other.trials,
    owing: one.owing + other.owing,
  }
}

/** How many of those who paid at the beginning left in the period, in per cent to one place; undefined when nobody paid. */
export function churnPercent(payingBefore: number, ended: number): number | undefined {
  return payingBefore === 0 ? undefined : Math.round((ended / payingBefore) * 1_000) / 10
}
