/** Chances that repeat: the same seed always rolls the same. */
export interface Dice {
  /** 0 up to but not including `sides`. */
  roll(sides: number): number
  chance(probability: number): boolean
  pick<T>(of: readonly T[]): T
}

/** mulberry32, public domain (Tommy Ettinger): small, even, and plenty for choosing test data. */
export function dice(seed: number): Dice {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    roll: (sides) => Math.floor(next() * sides),
    chance: (probability) => next() < probability,
    pick(of) {
      const chosen = of[Math.floor(next() * of.length)]
      if (chosen === undefined) throw new Error('Nothing to pick from')
      return chosen
    },
  }
}
