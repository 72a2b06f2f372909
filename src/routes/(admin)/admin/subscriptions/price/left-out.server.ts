import { leftOutWords, type LeftOut } from '#modules/memberships/price-move.ts'

/** Who is left out, most first: how many, and why. */
export function leftOutList(counts: Readonly<Partial<Record<LeftOut, number>>>) {
  return Object.entries(leftOutWords)
    .map(([reason, words]) => ({ reason, words, count: counts[reason as LeftOut] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count)
}
