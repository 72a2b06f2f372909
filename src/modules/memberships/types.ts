import type { Interval } from '#modules/payments/types.ts'

export type { Interval, IntervalUnit, SubscriptionStatus } from '#modules/payments/types.ts'

/** What a subscription is to. Price, currency, interval and group are those it was made with; the rest may be edited. */
export interface Plan {
  readonly id: string
  readonly title: string
  readonly description: string
  /** Of plans of one group a customer has one at a time. */
  readonly group: string
  /** Within the group: a higher one holds more. */
  readonly tier: number
  readonly amountMinor: number
  readonly currency: string
  readonly interval: Interval
  /** Of whoever subscribes from now on; 0 = none. */
  readonly trialDays: number
  /** Tokens for each paid period. */
  readonly tokenAllotment: number
  /** Whether anybody new may subscribe. */
  readonly isEnabled: boolean
  readonly isExample: boolean
  readonly createdAt: Date
}
