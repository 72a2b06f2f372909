/** What a coupon takes off: a share of the price in per cent, or an amount in minor units. */
export type DiscountTerms = { percentOff: number } | { amountOff: number }

/** Per cent are counted in millionths, so that 33.333333 % is exact. */
const MILLIONTHS = 1_000_000

/**
 * What is taken off each line, in minor units: together exactly what the terms take off the sum,
 * never more than a line costs. The parts of a unit go to the lines with the largest remainders,
 * the earlier of equal ones.
 * @param step what the whole discount of a percentage is rounded to, in minor units
 */
export function discountOver(
  amounts: readonly number[],
  terms: DiscountTerms,
  step = 1,
): readonly number[] {
  const subtotal = amounts.reduce((sum, amount) => sum + amount, 0)
  const whole = 'amountOff' in terms ? terms.amountOff : shareOf(subtotal, terms.percentOff, step)
  return shares(amounts, subtotal, Math.min(whole, subtotal))
}

function shareOf(subtotal: number, percent: number, step: number): number {
  const scaled = BigInt(subtotal) * BigInt(Math.round(percent * MILLIONTHS))
  const unit = BigInt(100 * MILLIONTHS) * BigInt(step)
  return Number((scaled * 2n + unit) / (unit * 2n)) * step
}

function shares(amounts: readonly number[], subtotal: number, whole: number): readonly number[] {
  if (whole === 0) return amounts.map(() => 0)
  const parts = amounts.map((amount, at) => {
    const exact = BigInt(whole) * BigInt(amount)
    return { at, floor: Number(exact / BigInt(subtotal)), rest: exact % BigInt(subtotal) }
  })
  const given = parts.map((part) => part.floor)
  const open = whole - given.reduce((sum, part) => sum + part, 0)
  const byRest = parts.toSorted((a, b) =>
    a.rest === b.rest ? a.at - b.at : a.rest > b.rest ? -1 : 1,
  )
  for (const { at } of byRest.slice(0, open)) given[at] = (given[at] ?? 0) + 1
  return given
}
