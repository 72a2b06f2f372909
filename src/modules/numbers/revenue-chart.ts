import type { MembershipDay, MembershipStanding } from './types.ts'

export interface MoveBar {
  readonly from: string
  readonly to: string
  readonly begun: number
  readonly ended: number
  /** At the end of it. */
  readonly monthlyMinor: number
  readonly paying: number
}

/** How many came and went: a bar a day, or a week where days would be too thin to see. */
export function moveBarsOf(days: readonly MembershipDay[]): MoveBar[] {
  const step = days.length > 92 ? 7 : 1
  const bars: MoveBar[] = []
  for (let at = 0; at < days.length; at += step) {
    const own = days.slice(at, at + step)
    const [first, last] = [own[0], own.at(-1)]
    if (!first || !last) continue
    bars.push({
      from: first.day,
      to: last.day,
      begun: own.reduce((sum, day) => sum + day.begun, 0),
      ended: own.reduce((sum, day) => sum + day.ended, 0),
      monthlyMinor: last.monthlyMinor,
      paying: last.paying,
    })
  }
  return bars
}

/**
 * The way of a sum through the days, as points of an SVG path: at the left edge what stood before, then each day's end. x runs from 0 to
 * the number of days, y from 0 (top) to 100 (nothing).
 */
export function pathOf(
  opening: MembershipStanding,
  days: readonly MembershipDay[],
  which: 'monthlyMinor' | 'committedMinor',
  topMinor: number,
): string {
  const points = [opening[which], ...days.map((day) => day[which])]
  const y = (minor: number) => Math.round((100 - (minor / topMinor) * 100) * 100) / 100
  return points.map((minor, at) => `${at === 0 ? 'M' : 'L'}${at} ${y(minor)}`).join('')
}
