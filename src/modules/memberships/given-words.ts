import { formatMoment, type DateWords } from '#modules/platform/dates.ts'

/** A plan that was given, as it stands. */
export interface GivenStanding {
  readonly kind: 'comp' | 'gift'
  readonly months: number | undefined
  /** When it runs; of a gift that waits neither is known. */
  readonly from: Date | undefined
  readonly until: Date | undefined
  /** Of a gift that waits again: what is left of it. */
  readonly leftMs: number | undefined
  readonly endedAt: Date | undefined
  readonly isTakenBack: boolean
}

export interface GivenWords {
  readonly word: string
  readonly tone: 'good' | 'quiet'
  /** What it opens and until when, or when it begins. */
  readonly next: string
}

const dayMs = 86_400_000

/** "3 months"; what is left of a gift in days, the begun one counted. */
export function lengthWords(months: number, leftMs: number | undefined): string {
  const days = leftMs === undefined ? undefined : Math.ceil(leftMs / dayMs)
  const [count, unit] = days === undefined ? [months, 'month'] : [days, 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** How a plan that was given is told. to: whom it is told to, who has it or who gave it. */
export function givenWords(
  one: GivenStanding,
  dates: DateWords,
  now: Date,
  to: 'holder' | 'owner',
): GivenWords {
  const at = (date: Date) => formatMoment(date, dates)
  const open = to === 'holder' ? 'Open for you' : 'Open for them'
  if (one.endedAt)
    return {
      word: one.isTakenBack ? 'Taken back' : 'Ended',
      tone: 'quiet',
      next: `It ended on ${at(one.endedAt)}.`,
    }
  if (one.until && one.until <= now)
    return { word: 'Ended', tone: 'quiet', next: `It ended on ${at(one.until)}.` }
  if (one.kind === 'gift' && !one.from)
    return {
      word: 'Waits',
      tone: 'quiet',
      next: `${lengthWords(one.months ?? 0, one.leftMs)} wait until what ${to === 'holder' ? 'you have' : 'they have'} of it already ends. Nothing of it is lost.`,
    }
  if (one.from && one.from > now)
    return {
      word: 'Waits',
      tone: 'quiet',
      next: `It begins on ${at(one.from)}, when what ${to === 'holder' ? 'you have' : 'they have'} already ends${one.until ? `, and lasts until ${at(one.until)}` : ''}.`,
    }
  return {
    word: one.kind === 'gift' ? 'Gift' : 'Given',
    tone: 'good',
    next: one.until ? `${open} until ${at(one.until)}.` : `${open} without an end.`,
  }
}
