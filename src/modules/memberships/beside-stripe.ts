import { formatDay, type DateWords } from '#modules/platform/dates.ts'
import { formatMoney } from '#modules/platform/money.ts'
import { statusWord } from './history-words.ts'
import { perInterval } from './interval.ts'
import type { Interval, SubscriptionStatus } from './types.ts'

/** A subscription as a person would compare it: here, or at Stripe. Moments are told to the second there. */
export interface Compared {
  readonly status: SubscriptionStatus
  /** Of all that it consists of, each period. */
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
  readonly periodEndsAt: Date | undefined
  readonly trialEndsAt: Date | undefined
  readonly cancelsAt: Date | undefined
  readonly endedAt: Date | undefined
  readonly isPaused: boolean
  readonly discount: string | undefined
}

export interface ComparedLine {
  readonly what: string
  readonly here: string
  readonly there: string
}

/**
 * What differs, line by line, in the order in which it matters. here undefined: the shop never heard of it; there undefined: Stripe does not
 * list it any more. [] where nothing differs that anybody would see.
 */
export function comparedLines(
  here: Compared | undefined,
  there: Compared | undefined,
  dates: DateWords,
): readonly ComparedLine[] {
  if (!here || !there) {
    const one = here ?? there
    if (!one) return []
    const lines = shown(one, dates).filter(([what]) => what === 'State' || what === 'Price')
    return lines.map(([what, words]) => ({
      what,
      here: here ? words : 'Not known',
      there: there ? words : 'Gone',
    }))
  }
  const theirs = shown(there, dates)
  return shown(here, dates).flatMap(([what, words], index) => {
    const other = theirs[index]?.[1] ?? ''
    return words === other ? [] : [{ what, here: words, there: other }]
  })
}

/** Both sides in the same lines. */
function shown(one: Compared, dates: DateWords): readonly (readonly [string, string])[] {
  const day = (at: Date | undefined) => (at ? formatDay(at, dates) : 'None')
  const price = formatMoney({ minor: one.amountMinor, currency: one.currency }, dates.locale)
  return [
    ['State', statusWord(one.status)],
    ['Price', `${price} ${perInterval(one.interval)}`],
    ['Paid until', day(one.periodEndsAt)],
    ['Trial until', day(one.trialEndsAt)],
    ['To end on', day(one.cancelsAt)],
    ['Ended on', day(one.endedAt)],
    ['Paused', one.isPaused ? 'Yes' : 'No'],
    ['Discount', one.discount ?? 'None'],
  ]
}
