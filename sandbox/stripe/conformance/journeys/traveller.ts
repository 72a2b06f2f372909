import type Stripe from 'stripe'

/** Who goes on a journey: the SDK for what a shop does, the control API for what buyers do. */
export interface Traveller {
  stripe: Stripe
  /** `POST /_sandbox/<call>`; throws when the sandbox refuses. */
  control(call: string, body: Record<string, unknown>): Promise<unknown>
}

/** A short series of calls that one kind of sale makes. */
export interface Journey {
  name: string
  go(traveller: Traveller): Promise<void>
}

/** The control API of the sandbox at `url` for the account of `key`. */
export function controlOf(url: string, key: string): Traveller['control'] {
  return async (call, body) => {
    const answer = await fetch(`${url}/_sandbox/${call}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${call} was refused with ${answer.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

/** A call that must fail with that status; its answer is recorded like any other. */
export async function refused(call: Promise<unknown>, status: number): Promise<void> {
  const outcome = await call.then(
    () => 'was answered',
    (error: unknown) => error,
  )
  if (typeof outcome === 'object' && outcome !== null && 'statusCode' in outcome) {
    if (outcome.statusCode === status) return
  }
  throw new Error(`Expected a refusal with ${status}, got ${String(outcome)}`)
}

export const card = {
  visa: '4242424242424242',
  declined: '4000000000000002',
  challenged: '4000002760003184',
  pendingRefund: '4000000000007726',
  failingRefund: '4000000000005126',
  disputed: '4000000000000259',
  inquiry: '4000000000001976',
  fraudWarning: '4000000000005423',
} as const
