import { paidMinor } from './sums.ts'
import type { DayFigures } from './types.ts'

export interface Bar {
  readonly from: string
  readonly to: string
  readonly orders: number
  /** What was paid. */
  readonly upMinor: number
  /** What went back. */
  readonly downMinor: number
}

/** A bar a day; a bar a week where days would be too thin to see. */
export function barsOf(days: readonly DayFigures[]): Bar[] {
  const step = days.length > 92 ? 7 : 1
  const bars: Bar[] = []
  for (let at = 0; at < days.length; at += step) {
    const own = days.slice(at, at + step)
    const [first, last] = [own[0], own.at(-1)]
    if (!first || !last) continue
    bars.push({
      from: first.day,
      to: last.day,
      orders: own.reduce((sum, day) => sum + day.orders, 0),
      upMinor: own.reduce((sum, day) => sum + paidMinor(day), 0),
      downMinor: own.reduce((sum, day) => sum + day.refundedMinor + day.lostMinor, 0),
    })
  }
  return bars
}

/** Where the lines stand: round amounts from 0, at most five, the last one above every bar. digits: of the currency. */
export function linesFor(mostMinor: number, digits: number): number[] {
  const unit = 10 ** digits
  const most = Math.max(mostMinor, unit)
  let step = unit
  for (let size = unit; ; size *= 10) {
    const found = [1, 2, 5].map((times) => size * times).find((one) => one * 4 >= most)
    if (found === undefined) continue
    step = found
    break
  }
  const lines = [0]
  while ((lines.at(-1) ?? 0) < most) lines.push((lines.at(-1) ?? 0) + step)
  return lines
}
