import { HOUR_MS, MINUTE_MS } from '../durations.ts'

/** How often and how fast a delivery that failed is tried again. */
export type DeliveryProfile = 'live' | 'sandbox' | 'test'

/**
 * Waits after the first, second, ... failed attempt, in sandbox time. Stripe says: live mode tries
 * for up to three days with growing waits, a sandbox three times over a few hours. The exact waits
 * are not published; these keep to what is.
 */
const WAITS: Readonly<Record<DeliveryProfile, readonly number[]>> = {
  live: [
    MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12].map((hours) => hours * HOUR_MS),
  ],
  sandbox: [10 * MINUTE_MS, 2 * HOUR_MS],
  test: [200, 1_000, 5_000],
}

/** Requests a second that an account may make under each profile. */
export const DEFAULT_RATE: Readonly<Record<DeliveryProfile, number | 'off'>> = {
  live: 100,
  sandbox: 25,
  test: 'off',
}

const JITTER = 0.1

/**
 * How long to wait after this many failed attempts; undefined = give up.
 * @param chance 0 up to 1, spreads the wait by 10 % either way
 */
export function waitAfter(
  profile: DeliveryProfile,
  failedAttempts: number,
  chance: number,
): number | undefined {
  const wait = WAITS[profile][failedAttempts - 1]
  return wait === undefined ? undefined : Math.round(wait * (1 + JITTER * (2 * chance - 1)))
}

export function isDeliveryProfile(text: string): text is DeliveryProfile {
  return text === 'live' || text === 'sandbox' || text === 'test'
}
