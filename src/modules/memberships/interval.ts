import type { Interval, IntervalUnit } from './types.ts'

/** The longest Stripe takes: three years. Source: docs.stripe.com/api/prices/create, recurring.interval_count. */
export const longestCount: Readonly<Record<IntervalUnit, number>> = {
  day: 1095,
  week: 156,
  month: 36,
  year: 3,
}

export const intervalUnits = ['day', 'week', 'month', 'year'] as const

export function isInterval(unit: string, count: number): boolean {
  const longest = longestCount[unit as IntervalUnit]
  return longest !== undefined && Number.isInteger(count) && count >= 1 && count <= longest
}

const names: Readonly<Record<string, string>> = {
  '1 day': 'Daily',
  '1 week': 'Weekly',
  '1 month': 'Monthly',
  '3 month': 'Quarterly',
  '6 month': 'Half-yearly',
  '12 month': 'Yearly',
  '1 year': 'Yearly',
}

/** As a heading or a cell of a table: "Monthly", "Quarterly", "Every 2 years". */
export function intervalName({ unit, count }: Interval): string {
  return names[`${count} ${unit}`] ?? `Every ${count} ${unit}s`
}

/** Behind an amount: "a month", "every 3 months". */
export function perInterval({ unit, count }: Interval): string {
  return count === 1 ? `a ${unit}` : `every ${count} ${unit}s`
}

/** A length of time: "1 month", "2 years". */
export function intervalLength({ unit, count }: Interval): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Whether both come to the same, however they are written: 12 months are a year, 7 days a week. */
export function isSameInterval(one: Interval, other: Interval): boolean {
  const [ofOne, ofOther] = [measured(one), measured(other)]
  return ofOne.in === ofOther.in && ofOne.length === ofOther.length
}

function measured({ unit, count }: Interval): { in: 'days' | 'months'; length: number } {
  switch (unit) {
    case 'day':
      return { in: 'days', length: count }
    case 'week':
      return { in: 'days', length: count * 7 }
    case 'month':
      return { in: 'months', length: count }
    case 'year':
      return { in: 'months', length: count * 12 }
  }
}

/** In months, for comparing lengths and spreading an amount: a year has 365 days and 12 months. */
export function monthsIn(interval: Interval): number {
  const { in: unit, length } = measured(interval)
  return unit === 'months' ? length : (length * 12) / 365
}
