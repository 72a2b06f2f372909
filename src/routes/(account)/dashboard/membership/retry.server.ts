import type { RetryResult } from '#modules/memberships/server/index.ts'

/** How a try to pay what is owed is told on the membership page; undefined: nothing was owed. */
export function retryNotice(result: RetryResult) {
  if (result.ok) return result.paid > 0 ? 'paid' : undefined
  return ({ payment_failed: 'unpaid', unreachable: 'untried', too_often: 'too-often' } as const)[
    result.reason
  ]
}
