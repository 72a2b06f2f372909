import { monthsIn } from './interval.ts'
import type { Interval, SubscriptionStatus } from './types.ts'

/** What a subscription brings in a month, in minor units, rounded half up: a yearly 120.00 is 10.00. */
export function monthlyMinor(amountMinor: number, interval: Interval): number {
  return Math.floor(amountMinor / monthsIn(interval) + 0.5)
}

export interface Billed {
  readonly status: SubscriptionStatus
  /** What the next renewal asks for. */
  readonly amountMinor: number
  readonly interval: Interval
  readonly isEnding: boolean
  readonly isPaused: boolean
}

export interface RecurringRevenue {
  /** Paid subscriptions, those that are about to end included. */
  readonly monthlyMinor: number
  /** The same without those about to end. */
  readonly committedMinor: number
  /** Those that owe a payment, which are in neither sum. */
  readonly pastDueMinor: number
}

/**
 * Monthly recurring revenue of subscriptions in one currency. Trials have not paid and what is paused is not billed: both count
 * nothing. What is cancelled counts until it ends, and leaves the committed sum at once.
 */
export function recurringRevenue(subscriptions: readonly Billed[]): RecurringRevenue {
  let monthly = 0
  let committed = 0
  let pastDue = 0
  for (const one of subscriptions) {
    if (one.isPaused) continue
    const minor = monthlyMinor(one.amountMinor, one.interval)
    if (one.status === 'past_due') pastDue += minor
    if (one.status !== 'active') continue
    monthly += minor
    if (!one.isEnding) committed += minor
  }
  return { monthlyMinor: monthly, committedMinor: committed, pastDueMinor: pastDue }
}
