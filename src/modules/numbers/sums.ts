import type { Sums } from './types.ts'

export const nothing: Sums = {
  orders: 0,
  grossMinor: 0,
  discountMinor: 0,
  refundedMinor: 0,
  lostMinor: 0,
  taxMinor: 0,
}

export function addUp(all: readonly Sums[]): Sums {
  return all.reduce(
    (sum, one) => ({
      orders: sum.orders + one.orders,
      grossMinor: sum.grossMinor + one.grossMinor,
      discountMinor: sum.discountMinor + one.discountMinor,
      refundedMinor: sum.refundedMinor + one.refundedMinor,
      lostMinor: sum.lostMinor + one.lostMinor,
      taxMinor: sum.taxMinor + one.taxMinor,
    }),
    nothing,
  )
}

/** What buyers paid. */
export function paidMinor(sums: Sums): number {
  return sums.grossMinor - sums.discountMinor
}

/** What is left of it, less what went back in the same time: may be less than nothing. */
export function netMinor(sums: Sums): number {
  return paidMinor(sums) - sums.refundedMinor - sums.lostMinor
}

/** What an order brought on average; undefined without orders. Rounded to whole minor units. */
export function averageMinor(sums: Sums): number | undefined {
  return sums.orders === 0 ? undefined : Math.round(paidMinor(sums) / sums.orders)
}

/** "12 % more than before", in words; a change that says nothing is not told in figures. */
export function changeWords(now: number, before: number): string {
  if (now === before) return 'as before'
  if (before <= 0)
    return now > before && before === 0 ? 'nothing before' : 'before it was below zero'
  const share = Math.abs(now - before) / before
  const way = now > before ? 'more' : 'less'
  if (share >= 9.95) return `more than ten times as much as before`
  return share < 0.005 ? 'as before' : `${Math.round(share * 100)}\u00a0% ${way} than before`
}
