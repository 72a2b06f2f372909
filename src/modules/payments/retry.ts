const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Waits between the tries of one event, from payments practice: quick at first, then patient. After the last it is parked. */
const waits = [10 * second, minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour]

/**
 * How long to wait after the attempt of that number (1 = the first) failed, in milliseconds, or 'park'.
 * chance: 0 to 1, spreads the tries of many events by up to a fifth either way.
 */
export function waitAfter(attempt: number, chance: number): number | 'park' {
  const wait = waits[attempt - 1]
  return wait === undefined ? 'park' : Math.round(wait * (0.8 + 0.4 * chance))
}

/** A moment at first, and never long: the lease of a worker that died is over within a minute. */
const waitsForSale = [second / 2, 2 * second, 5 * second, 10 * second]

/**
 * How long what is told of a payment waits while its sale is being settled, in milliseconds, after so many tries before. Only the
 * first waits count as tries: however long the sale takes, the event is never parked for it, and keeps tries for itself.
 */
export function waitForSale(triesBefore: number): { waitMs: number; countsAsAttempt: boolean } {
  const step = Math.min(triesBefore, waitsForSale.length - 1)
  return { waitMs: waitsForSale[step] ?? second, countsAsAttempt: step < waitsForSale.length - 1 }
}
