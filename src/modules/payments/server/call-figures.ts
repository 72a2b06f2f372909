import type { GatewayFault } from '../gateway.ts'

export type CallOutcome = 'ok' | GatewayFault

const counts: Record<CallOutcome, number> = {
  ok: 0,
  refused: 0,
  not_found: 0,
  rate_limited: 0,
  unauthorised: 0,
  unreachable: 0,
}

/** Takes note of one call of Stripe's that came to an end. */
export function countCall(outcome: CallOutcome): void {
  counts[outcome]++
}

/** Calls of this process since its start, by how they ended; a call that the SDK repeated by itself is one. */
export function callFigures(): readonly {
  readonly outcome: CallOutcome
  readonly count: number
}[] {
  return (Object.keys(counts) as CallOutcome[]) // the keys of counts are all outcomes there are
    .map((outcome) => ({ outcome, count: counts[outcome] }))
}
