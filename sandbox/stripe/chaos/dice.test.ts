import { describe, expect, it } from 'vitest'
import { Dice, DiceBox } from './dice.ts'

const throws = (dice: Dice, count: number): number[] =>
  Array.from({ length: count }, () => dice.next())

describe('dice', () => {
  it('fall the same for the same seed', () => {
    expect(throws(new Dice(42), 50)).toEqual(throws(new Dice(42), 50))
    expect(throws(new Dice(42), 50)).not.toEqual(throws(new Dice(43), 50))
  })

  it('fall evenly between 0 and 1', () => {
    const all = throws(new Dice(1), 20_000)
    expect(all.every((one) => one >= 0 && one < 1)).toBe(true)
    const mean = all.reduce((sum, one) => sum + one, 0) / all.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01)
  })

  it('strike about as often as they should, never at 0 and always at 1', () => {
    const dice = new Dice(9)
    const struck = Array.from({ length: 10_000 }, () => dice.strikes('api', 'x', 0.2))
    expect(struck.filter(Boolean).length / 10_000).toBeCloseTo(0.2, 1)
    expect(dice.strikes('api', 'never', 0)).toBe(false)
    expect(dice.strikes('api', 'always', 1)).toBe(true)
    expect(dice.counts['api.always']).toBe(1)
  })

  it('stop when a group has had as many faults as it may', () => {
    const dice = new Dice(9)
    const struck = Array.from({ length: 5 }, () => dice.strikes('deliveries', 'drop', 1, 3))
    expect(struck).toEqual([true, true, true, false, false])
    expect(dice.strikes('api', 'slow', 1, 3)).toBe(true)
  })

  it('begin anew when chaos is set again, for that account alone', () => {
    const box = new DiceBox()
    const first = box.of('acct_a', { seed: 5 }, 1)
    first.next()
    expect(box.of('acct_a', { seed: 5 }, 1)).toBe(first)
    expect(throws(box.of('acct_a', { seed: 5 }, 2), 3)).toEqual(throws(new Dice(5), 3))
    expect(box.of('acct_b', { seed: 5 }, 1)).not.toBe(first)
  })
})
