/** Numbers from 0 to 1 that repeat for a seed: a failing seed can be run again. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** In another order, each of so many twice. share: of 1. */
export function shuffledAndDoubled<One>(
  all: readonly One[],
  random: () => number,
  share = 0.3,
): One[] {
  return [...all, ...all.filter(() => random() < share)]
    .map((one) => ({ one, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ one }) => one)
}
