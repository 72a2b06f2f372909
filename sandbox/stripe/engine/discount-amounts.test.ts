import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discountOver } from './discount-amounts.ts'

describe('a discount over several lines', () => {
  it.each([
    [[1000, 1000, 1000], { amountOff: 1000 }, [334, 333, 333]],
    [[1999, 501], { percentOff: 20 }, [400, 100]],
    [[333, 333, 334], { percentOff: 50 }, [167, 166, 167]],
    [[1000], { percentOff: 33.333333 }, [333]],
    [[500, 0], { amountOff: 700 }, [500, 0]],
    [[0, 0], { percentOff: 100 }, [0, 0]],
    [[995, 5], { percentOff: 0.05 }, [1, 0]],
  ])('%j with %j is %j', (amounts, terms, parts) => {
    expect(discountOver(amounts, terms)).toEqual(parts)
  })

  it('is rounded to what the currency can charge', () => {
    expect(discountOver([199_500], { percentOff: 10 }, 100)).toEqual([20_000])
  })

  it('is the whole discount in the end, and never more than a line costs', () => {
    const amount = fc.integer({ min: 0, max: 99_999_999 })
    const terms = fc.oneof(
      fc.record({ amountOff: fc.integer({ min: 1, max: 99_999_999 }) }),
      fc.record({ percentOff: fc.integer({ min: 1, max: 10_000 }).map((n) => n / 100) }),
    )
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 20 }), terms, (amounts, given) => {
        const parts = discountOver(amounts, given)
        const subtotal = amounts.reduce((sum, one) => sum + one, 0)
        const whole =
          'amountOff' in given
            ? Math.min(given.amountOff, subtotal)
            : Number(
                (BigInt(subtotal) * BigInt(Math.round(given.percentOff * 100)) + 5000n) / 10_000n,
              )
        expect(parts.reduce((sum, one) => sum + one, 0)).toBe(whole)
        for (const [at, part] of parts.entries()) {
          expect(part).toBeGreaterThanOrEqual(0)
          expect(part).toBeLessThanOrEqual(amounts[at] ?? 0)
        }
      }),
    )
  })
})
