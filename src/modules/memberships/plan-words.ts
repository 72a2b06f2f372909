import { formatMoney } from '#modules/platform/money.ts'
import { perInterval } from './interval.ts'
import type { Plan } from './types.ts'

/** "€24.00 every 3 months". */
export function planPrice(
  plan: Pick<Plan, 'amountMinor' | 'currency' | 'interval'>,
  locale: string,
): string {
  const amount = formatMoney({ minor: plan.amountMinor, currency: plan.currency }, locale)
  return `${amount} ${perInterval(plan.interval)}`
}

/** "7 days free"; '' without a trial. */
export function trialWords(trialDays: number): string {
  return trialDays === 0 ? '' : `${trialDays} ${trialDays === 1 ? 'day' : 'days'} free`
}

/** Whom a plan has. */
export interface PlanCounts {
  readonly paying: number
  readonly trying: number
  readonly owing: number
  /** Of those, about to end. */
  readonly ending: number
  /** Besides: who was given it, or has a gift of it that waits. */
  readonly given: number
}

/** Everybody the plan is open to by a subscription. */
export const subscribersIn = ({ paying, trying, owing }: PlanCounts): number =>
  paying + trying + owing

/** "12, 3 in trial, 1 owes a payment, 2 about to end, 1 given besides"; "None". */
export function subscribersWords(counts: PlanCounts, locale: string): string {
  const all = subscribersIn(counts)
  const number = (count: number) => count.toLocaleString(locale)
  const given = counts.given > 0 && `${number(counts.given)} given besides`
  if (all === 0) return given ? `None, ${given}` : 'None'
  const parts = [
    counts.trying > 0 && `${number(counts.trying)} in trial`,
    counts.owing > 0 && `${number(counts.owing)} ${counts.owing === 1 ? 'owes' : 'owe'} a payment`,
    counts.ending > 0 && `${number(counts.ending)} about to end`,
    given,
  ].filter((part) => part !== false)
  return [number(all), ...parts].join(', ')
}
