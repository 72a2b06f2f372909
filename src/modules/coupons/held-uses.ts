/**
 * How many uses of a code one network may hold for people who are paying, of those that nobody else has: half, and always one.
 * A hold lasts 45 minutes, paid or not; without it somebody could keep the last uses from everybody by opening checkouts.
 */
export const mostHeld = (available: number) => Math.max(1, Math.floor(available / 2))
