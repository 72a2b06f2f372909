import { Dice } from '../chaos/dice.ts'

/** Choices that repeat: the same seed always chooses the same. */
export interface Choices {
  /** 0 up to but not including `sides`. */
  roll(sides: number): number
  chance(probability: number): boolean
  pick<T>(of: readonly T[]): T
}

export function choices(seed: number): Choices {
  const dice = new Dice(seed)
  return {
    roll: (sides) => Math.floor(dice.next() * sides),
    chance: (probability) => dice.next() < probability,
    pick(of) {
      const chosen = of[Math.floor(dice.next() * of.length)]
      if (chosen === undefined) throw new Error('Nothing to pick from')
      return chosen
    },
  }
}
