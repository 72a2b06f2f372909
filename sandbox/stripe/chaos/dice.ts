/** Repeatable chance: the same seed gives the same throws in the same order. */
export class Dice {
  #state: number
  readonly #counts = new Map<string, number>()

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A number from 0 up to but not including 1 (mulberry32, Tommy Ettinger, public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /**
   * Whether a fault of this probability strikes; counted by name. `budget` limits how many faults
   * of the group (`deliveries` or `api`) strike in all, 0 meaning no limit.
   */
  strikes(group: 'deliveries' | 'api', fault: string, probability: number, budget = 0): boolean {
    if (probability <= 0) return false
    if (budget > 0 && this.struck(group) >= budget) return false
    if (probability < 1 && this.next() >= probability) return false
    const name = `${group}.${fault}`
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    return true
  }

  struck(group: 'deliveries' | 'api'): number {
    let total = 0
    for (const [name, count] of this.#counts) if (name.startsWith(`${group}.`)) total += count
    return total
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}

/** The dice of every account; thrown anew from the seed whenever the account's chaos is set. */
export class DiceBox {
  readonly #dice = new Map<string, { version: number; dice: Dice }>()

  of(account: string, chaos: { seed: number }, version: number): Dice {
    const known = this.#dice.get(account)
    if (known?.version === version) return known.dice
    const dice = new Dice(chaos.seed)
    this.#dice.set(account, { version, dice })
    return dice
  }
}
