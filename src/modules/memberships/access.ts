import type { SubscriptionMoney } from './subscription-money.ts'
import type { SubscriptionStatus } from './types.ts'

/** Where a subscription stands, as the mirror knows it. */
export interface Standing {
  readonly status: SubscriptionStatus
  /** Until when it is paid, or tried: the latest of its items. */
  readonly periodEndsAt: Date | undefined
  /** When it is to end, if somebody cancelled it; undefined = it renews. */
  readonly cancelsAt: Date | undefined
  /** Since when a payment of it is owed; undefined = none is. */
  readonly pastDueSince: Date | undefined
  /** No money is asked for, until somebody resumes it. */
  readonly isPaused: boolean
  /** Where what was paid for it stands: with the shop, or not. */
  readonly money: SubscriptionMoney
}

export interface AccessRules {
  /** How long a renewal that failed is no reason to shut anybody out. */
  readonly graceDays: number
  readonly pauseKeepsAccess: boolean
}

export interface Access {
  readonly isOpen: boolean
  /** The moment from which it is shut if nothing more is heard; undefined while it is shut, or goes on. */
  readonly until: Date | undefined
  readonly why:
    | 'trial'
    | 'paid'
    | 'cancelled_later'
    | 'grace'
    | 'grace_over'
    | 'not_started'
    | 'not_paid'
    | 'paused'
    | 'ended'
    | 'unknown'
    | 'disputed'
    | 'dispute_lost'
    | 'refunded'
  /** What is known is so old that it should be looked up again. Nobody is shut out for that. */
  readonly isStale: boolean
}

const dayMs = 86_400_000
/** A renewal is told within seconds; this long after a period's end without a word, something was missed. */
const staleAfterMs = 3 * dayMs

/**
 * Whether a subscription opens what it is to, from nothing but where it stands, the shop's rules and the time (I06). Stripe
 * being away changes nothing: who has paid stays in. What was cancelled is shut at the very moment it was to end, also
 * when nobody has told of the end yet.
 */
export function accessOf(standing: Standing, rules: AccessRules, now: Date): Access {
  const shut = (why: Access['why']) =>
    ({ isOpen: false, until: undefined, why, isStale: false }) as const
  const { status, cancelsAt, pastDueSince, periodEndsAt } = standing
  switch (status) {
    case 'incomplete':
      return shut('not_started')
    case 'incomplete_expired':
    case 'unpaid':
      return shut('not_paid')
    case 'canceled':
      // Why it has ended, where money ended it.
      return shut(
        standing.money === 'refunded' || standing.money === 'dispute_lost'
          ? standing.money
          : 'ended',
      )
    case 'unknown':
      return shut('unknown')
    case 'paused':
      return shut('paused')
    case 'trialing':
    case 'active':
    case 'past_due':
  }
  if (standing.money !== 'kept') return shut(standing.money)
  if (cancelsAt && cancelsAt <= now) return shut('ended')
  if (standing.isPaused && !rules.pauseKeepsAccess) return shut('paused')
  const isStale =
    periodEndsAt !== undefined && now.getTime() - periodEndsAt.getTime() > staleAfterMs
  if (status === 'past_due') {
    // Without a beginning there is no end: it counts from the period that was not paid, which began when the former ended.
    const graceEndsAt = new Date(
      (pastDueSince ?? periodEndsAt ?? now).getTime() + rules.graceDays * dayMs,
    )
    if (graceEndsAt <= now) return { ...shut('grace_over'), isStale }
    const until = cancelsAt && cancelsAt < graceEndsAt ? cancelsAt : graceEndsAt
    return { isOpen: true, until, why: 'grace', isStale }
  }
  if (cancelsAt) return { isOpen: true, until: cancelsAt, why: 'cancelled_later', isStale }
  return { isOpen: true, until: undefined, why: status === 'trialing' ? 'trial' : 'paid', isStale }
}

/**
 * What a subscription keeps a gift of the same waiting for: until: undefined = nobody knows an end. A pause keeps it waiting too; a
 * payment that never came does not, so that the gift opens what the debt has shut. undefined = it keeps nothing.
 */
export function coverOf(
  access: Access,
  cancelsAt: Date | undefined,
): { readonly until: Date | undefined } | undefined {
  if (access.isOpen) return { until: access.until }
  return access.why === 'paused' ? { until: cancelsAt } : undefined
}

const live: readonly SubscriptionStatus[] = ['trialing', 'active', 'past_due', 'unpaid', 'paused']

/** Whether it still is a subscription: it may be billed again, so that nobody needs a second one. */
export function isLive(status: SubscriptionStatus): boolean {
  return live.includes(status)
}
