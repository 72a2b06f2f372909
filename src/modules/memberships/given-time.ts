/** A gift of months, as far as its time goes. All of one person and one group of plans. */
export interface GiftOfMonths {
  readonly id: string
  readonly tier: number
  readonly months: number
  readonly createdAt: Date
  /** When its time runs; the beginning may be ahead. undefined = it waits. */
  readonly runsFrom: Date | undefined
  readonly runsUntil: Date | undefined
  /** What was left when it began to wait again; undefined = all of it. */
  readonly leftMs: number | undefined
}

/** What a person has from elsewhere right now, of the same group. until: undefined = nobody knows an end. */
export interface Cover {
  readonly tier: number
  readonly until: Date | undefined
}

export interface GiftTime {
  readonly runsFrom: Date | undefined
  readonly runsUntil: Date | undefined
  readonly leftMs: number | undefined
}

/**
 * When the time of each gift runs, so that nothing of it is lost: a gift waits while its holder has the same or a higher tier from
 * elsewhere, begins at the very moment that ends, and waits again with what is left when something covers it anew. Several run one
 * after the other, the higher tier first, then in the order in which they were given. Those that are used up are not in the answer.
 */
export function giftTimes(
  gifts: readonly GiftOfMonths[],
  covers: readonly Cover[],
  now: Date,
): ReadonlyMap<string, GiftTime> {
  const times = new Map<string, GiftTime>()
  const held = [...covers]
  const inTurn = gifts.toSorted(
    (one, other) =>
      other.tier - one.tier ||
      one.createdAt.getTime() - other.createdAt.getTime() ||
      (one.id < other.id ? -1 : 1),
  )
  for (const gift of inTurn) {
    if (gift.runsUntil && gift.runsUntil <= now) continue
    const time = timeOf(gift, startsAt(gift, held, now), now)
    times.set(gift.id, time)
    held.push({ tier: gift.tier, until: time.runsUntil })
  }
  return times
}

/** undefined: nobody knows. */
function startsAt(gift: GiftOfMonths, held: readonly Cover[], now: Date): Date | undefined {
  let start = now
  for (const { tier, until } of held) {
    if (tier < gift.tier) continue
    if (until === undefined) return undefined
    if (until > start) start = until
  }
  return start
}

function timeOf(gift: GiftOfMonths, start: Date | undefined, now: Date): GiftTime {
  const isRunning = gift.runsFrom !== undefined && gift.runsFrom <= now
  if (isRunning && start?.getTime() === now.getTime())
    return { runsFrom: gift.runsFrom, runsUntil: gift.runsUntil, leftMs: gift.leftMs }
  const leftMs =
    isRunning && gift.runsUntil ? gift.runsUntil.getTime() - now.getTime() : gift.leftMs
  if (!start) return { runsFrom: undefined, runsUntil: undefined, leftMs }
  const runsUntil =
    leftMs === undefined ? addMonths(start, gift.months) : new Date(start.getTime() + leftMs)
  return { runsFrom: start, runsUntil, leftMs }
}

/** The same day and time so many months later; of a day that month does not have, its last one. In UTC, as Stripe counts periods. */
export function addMonths(from: Date, months: number): Date {
  const to = new Date(from)
  const day = to.getUTCDate()
  to.setUTCDate(1)
  to.setUTCMonth(to.getUTCMonth() + months)
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate()
  to.setUTCDate(Math.min(day, last))
  return to
}
