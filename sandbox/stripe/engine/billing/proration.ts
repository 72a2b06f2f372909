/**
 * The part of an amount that belongs to the rest of a period, by the second, in minor units; halves
 * are rounded away from zero.
 */
export function restOf(
  amount: number,
  period: { start: number; end: number },
  from: number,
): number {
  const whole = BigInt(period.end - period.start)
  if (whole <= 0n) return 0
  const rest = BigInt(Math.max(0, period.end - Math.max(from, period.start)))
  const exact = BigInt(Math.abs(amount)) * rest
  return Number((exact * 2n + whole) / (whole * 2n)) * Math.sign(amount)
}
