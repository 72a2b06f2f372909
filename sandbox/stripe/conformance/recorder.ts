import Stripe from 'stripe'

/** One call of the SDK as it went over the wire. */
export interface Exchange {
  method: string
  /** Without query. */
  path: string
  /** The query, or the body as it was sent. */
  form: string
  status: number
  body: unknown
}

export interface RecordedClient {
  stripe: Stripe
  /** Everything called so far, failures included. */
  exchanges: readonly Exchange[]
}

/**
 * The real SDK on the sandbox at `url`, its traffic kept as it arrived, before the SDK reads it:
 * decimals are still text there. It never retries, so that every answer is looked at once.
 */
export function recordedClient(url: string, key: string): RecordedClient {
  const { hostname, port } = new URL(url)
  const exchanges: Exchange[] = []
  const recordingFetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    const target = new URL(input instanceof Request ? input.url : input)
    const body: unknown = await answer.clone().json()
    const method = init?.method ?? 'GET'
    const form = typeof init?.body === 'string' ? init.body : target.search.slice(1)
    exchanges.push({ method, path: target.pathname, form, status: answer.status, body })
    return answer
  }
  const stripe = new Stripe(key, {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: 20_000,
    httpClient: Stripe.createFetchHttpClient(recordingFetch),
  })
  return { stripe, exchanges }
}
