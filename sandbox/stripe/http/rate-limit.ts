import { performance } from 'node:perf_hooks'

/** Stripe's limit for one endpoint, whatever the account's. */
const PER_ENDPOINT = 25

type Bucket = { tokens: number; at: number }

/** Which limit was hit, as the header `Stripe-Rate-Limited-Reason` names it. */
export type LimitedBy = 'global-rate' | 'endpoint-rate'

/**
 * Token buckets: `perSecond` requests a second for an account, and 25 for one endpoint (an
 * operation, whatever the object). Each bucket holds one second's worth.
 */
export class RateLimit {
  readonly #perSecond: number | 'off'
  readonly #buckets = new Map<string, Bucket>()

  constructor(perSecond: number | 'off') {
    this.#perSecond = perSecond
  }

  /** Takes a token from both buckets, or says which one is empty. */
  take(account: string, route: string): LimitedBy | undefined {
    if (this.#perSecond === 'off') return undefined
    const all = this.#bucket(account, this.#perSecond)
    const endpoint = this.#bucket(
      `${account} ${route}`,
      Math.max(PER_ENDPOINT, this.#perSecond / 4),
    )
    if (all.tokens < 1) return 'global-rate'
    if (endpoint.tokens < 1) return 'endpoint-rate'
    all.tokens -= 1
    endpoint.tokens -= 1
    return undefined
  }

  #bucket(key: string, perSecond: number): Bucket {
    const now = performance.now()
    const known = this.#buckets.get(key)
    if (known === undefined) {
      const fresh = { tokens: perSecond, at: now }
      this.#buckets.set(key, fresh)
      return fresh
    }
    known.tokens = Math.min(perSecond, known.tokens + ((now - known.at) / 1000) * perSecond)
    known.at = now
    return known
  }
}
