import { dateOf, dayNumber } from '../src/modules/booking/open-time.ts'
import { slots } from '../src/modules/booking/slots.ts'
import type { AskedDates, SlotRules } from '../src/modules/booking/types.ts'
import { dice } from '../test/dice.ts'
import type { Figure } from './figure.ts'
import { median } from './percentile.ts'

const zone = 'Europe/Berlin'
const firstDate = '2026-10-01'
const rounds = 300

/**
 * The pure function alone: weekdays 09:00 to 17:00, half an hour every quarter, and busy times drawn by lot over the same days. Each round works
 * everything out anew, as for a request of its own; only the table of the zone is kept, as in a running shop.
 */
export function measureSlots(quick: boolean): Figure[] {
  return [
    figure(31, 0, undefined, quick),
    figure(31, 1_000, 1.5, quick),
    figure(92, 5_000, 8, quick),
    figure(365, 5_000, undefined, quick),
  ]
}

function figure(days: number, busy: number, goal: number | undefined, quick: boolean): Figure {
  const { rules, asked } = month(days, busy)
  const first = timed(rules, asked)
  const times = Array.from({ length: quick ? 50 : rounds }, () => timed(rules, asked).ms)
  return {
    name: `slots of ${days} days beside ${busy.toLocaleString('en')} busy times, median`,
    value: median(times),
    unit: 'ms',
    ...(goal === undefined ? {} : { goal: { atMost: goal } }),
    note: `pure, ${first.count} slots; first call ${first.ms.toFixed(1)} ms`,
  }
}

function timed(rules: SlotRules, asked: AskedDates): { ms: number; count: number } {
  const began = performance.now()
  const count = slots(rules, asked).length
  return { ms: performance.now() - began, count }
}

function month(days: number, busy: number): { rules: SlotRules; asked: AskedDates } {
  const random = dice(days)
  const first = Date.parse(`${firstDate}T00:00:00Z`)
  return {
    rules: {
      hours: {
        zone,
        weekly: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, fromMinute: 540, toMinute: 1_020 })),
        overrides: new Map(),
      },
      busy: Array.from({ length: busy }, () => {
        const from = first + Math.floor(random() * days * 1_440) * 60_000
        return { from, until: from + 15 * 60_000 }
      }),
      terms: {
        duration: 30,
        increment: 15,
        bufferBefore: 0,
        bufferAfter: 0,
        notice: 0,
        windowDays: undefined,
        mostADay: undefined,
        mostAWeek: undefined,
      },
      now: first,
    },
    asked: { from: firstDate, to: dateOf(dayNumber(firstDate) + days - 1), zone },
  }
}
