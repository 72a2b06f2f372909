import { linksIn } from './comment-text.ts'

/** What is known of a comment when it comes. */
export interface Arrival {
  readonly body: string
  /** What stands in the field that people do not see. */
  readonly hiddenField: string
  /** Between the page and the sending; undefined where the form shows no proof of it. */
  readonly secondsOnForm: number | undefined
  /** How often the same words stand elsewhere already, from the last 30 days. */
  readonly sameWords: number
  /** Comments of this writer that were shown. */
  readonly shownBefore: number
  /** Of the writer's account. */
  readonly ageDays: number
}

export type Verdict = 'shown' | 'held' | 'spam'

/** Words that sell what nobody asked for. Each may stand in an honest sentence; several of them seldom do. */
const sellingWords =
  /\b(?:casino|poker|jackpot|viagra|cialis|porn|escorts?|payday|loans?|forex|bitcoin|crypto|giveaway|backlinks?|seo|replica|weight loss|work from home|earn money|investment|telegram|whatsapp)\b/giu

/** Nobody reads a post and writes below it faster. */
const leastSeconds = 2
const usualSeconds = 4

/**
 * How doubtful a comment is, from 0 on: below 3 it is shown, up to 6 it waits for the owner, above that it is spam. All of it is found
 * out here, nobody else is asked. Who was read before is trusted more. Pure.
 */
export function spamScore(arrival: Arrival): number {
  const { body, secondsOnForm, shownBefore } = arrival
  const links = linksIn(body)
  const selling = new Set(body.toLowerCase().match(sellingWords)).size
  const letters = body.replace(/[^\p{L}]/gu, '')
  const capitals = letters.replace(/[^\p{Lu}]/gu, '').length
  let score = 0
  if (arrival.hiddenField !== '') score += 10
  if (secondsOnForm === undefined) score += 4
  else if (secondsOnForm < leastSeconds) score += 8
  else if (secondsOnForm < usualSeconds) score += 1
  if (links > 0) score += 2 * links - 1
  score += 3 * Math.min(3, selling)
  if (arrival.sameWords > 0) score += arrival.sameWords > 2 ? 8 : 4
  if (letters.length >= 20 && capitals / letters.length > 0.7) score += 1
  if (arrival.ageDays < 1) score += 1
  if (shownBefore > 0) score -= shownBefore >= 3 ? 3 : 1
  // The first one with a link is looked at, whoever wrote it.
  else if (links > 0) score = Math.max(score, 3)
  return Math.max(0, Math.min(99, score))
}

export function verdictOf(score: number): Verdict {
  if (score < 3) return 'shown'
  return score <= 6 ? 'held' : 'spam'
}
