import { isChargeable } from '#modules/platform/currencies.ts'
import { isInterval } from './interval.ts'
import { readPlanPrice } from './plan-price.ts'
import type { Interval, IntervalUnit } from './types.ts'

/** What may be edited for as long as the plan lives. */
export interface PlanWords {
  readonly title: string
  readonly description: string
  readonly tier: number
  readonly trialDays: number
  readonly tokenAllotment: number
}

/** What it is made with, and keeps. */
export interface PlanTerms {
  readonly group: string
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
}

export const planLimits = {
  title: 80,
  description: 1_000,
  group: 60,
  tier: 99,
  /** Stripe's longest trial: two years. Source: docs.stripe.com/payments/checkout/free-trials. */
  trialDays: 730,
  tokenAllotment: 10_000,
} as const

/** A plan's form as it was sent; what is missing is ''. */
export interface SentPlan {
  readonly title: string
  readonly description: string
  readonly tier: string
  readonly trialDays: string
  readonly tokenAllotment: string
  readonly group: string
  readonly price: string
  readonly unit: string
  readonly count: string
}

export type PlanProblems = Readonly<Partial<Record<keyof SentPlan, string>>>

export type ReadWords =
  | { readonly ok: true; readonly words: PlanWords }
  | { readonly ok: false; readonly problems: PlanProblems }

/** Reads what may be edited. */
export function readPlanWords(
  sent: Pick<SentPlan, 'title' | 'description' | 'tier' | 'trialDays' | 'tokenAllotment'>,
): ReadWords {
  const problems: { -readonly [Field in keyof PlanProblems]: PlanProblems[Field] } = {}
  const title = sent.title.trim().replace(/\s+/g, ' ')
  const description = sent.description.trim()
  if (title === '') problems.title = 'Give the plan a name.'
  else if (title.length > planLimits.title)
    problems.title = `At most ${planLimits.title} characters.`
  if (description.length > planLimits.description)
    problems.description = `At most ${planLimits.description} characters.`
  const tier = wholeNumber(sent.tier, 1)
  if (tier === undefined || tier < 1 || tier > planLimits.tier)
    problems.tier = `A whole number from 1 to ${planLimits.tier}.`
  const trialDays = wholeNumber(sent.trialDays, 0)
  if (trialDays === undefined || trialDays > planLimits.trialDays)
    problems.trialDays = `A whole number of days up to ${planLimits.trialDays}; 0 is no trial.`
  const tokenAllotment = wholeNumber(sent.tokenAllotment, 0)
  if (tokenAllotment === undefined || tokenAllotment > planLimits.tokenAllotment)
    problems.tokenAllotment = `A whole number up to ${planLimits.tokenAllotment}; 0 is none.`
  if (
    Object.keys(problems).length > 0 ||
    tier === undefined ||
    trialDays === undefined ||
    tokenAllotment === undefined
  )
    return { ok: false, problems }
  return { ok: true, words: { title, description, tier, trialDays, tokenAllotment } }
}

export type ReadPlan =
  | { readonly ok: true; readonly words: PlanWords; readonly terms: PlanTerms }
  | { readonly ok: false; readonly problems: PlanProblems }

/** Reads the form of a new plan. currency: the shop's. Never guesses: what could be read in two ways is a problem in words. */
export function readNewPlan(sent: SentPlan, currency: string): ReadPlan {
  const words = readPlanWords(sent)
  const problems: { -readonly [Field in keyof PlanProblems]: PlanProblems[Field] } = words.ok
    ? {}
    : { ...words.problems }
  const group = sent.group.trim().replace(/\s+/g, ' ') || defaultGroup
  if (group.length > planLimits.group) problems.group = `At most ${planLimits.group} characters.`
  const price = isChargeable(currency)
    ? readPlanPrice(sent.price, currency)
    : ({ ok: false, words: `${currency} cannot be charged.` } as const)
  if (!price.ok) problems.price = price.words
  const count = wholeNumber(sent.count, 1)
  if (count === undefined || !isInterval(sent.unit, count))
    problems.count = 'An interval is at least a day and at most three years.'
  if (Object.keys(problems).length > 0 || !words.ok || !price.ok || count === undefined)
    return { ok: false, problems }
  return {
    ok: true,
    words: words.words,
    // isInterval has held the unit to its words.
    terms: {
      group,
      amountMinor: price.minor,
      currency,
      interval: { unit: sent.unit as IntervalUnit, count },
    },
  }
}

/** Where the owner names none, all plans are of one group. */
export const defaultGroup = 'Membership'

/** Digits alone: no sign, exponent or separator. '' = what is meant when nothing is typed. */
function wholeNumber(text: string, empty: number): number | undefined {
  const compact = text.trim()
  if (compact === '') return empty
  return /^\d{1,9}$/.test(compact) ? Number(compact) : undefined
}
