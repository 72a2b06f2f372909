import { sandboxSecrets } from '../server/sandbox.ts'
import { startChild } from './child.ts'
import { requestBytes } from './connection.ts'
import { shopSecret } from './shop.ts'

/** How the stand-in behaves. Left out: at once, and each event once. */
export interface StandInManners {
  readonly eventsEach?: number
  /** The same event again and again, not events of their own. */
  readonly sameEvent?: boolean
  readonly answerMs?: number
  /** This share of calls takes slowMs instead. */
  readonly slowShare?: number
  readonly slowMs?: number
  /** Sessions that are made while their answer is cut off. */
  readonly lostShare?: number
  /** Events come that much later, each by a time of its own, so that some overtake others. */
  readonly eventAfterMs?: readonly [from: number, to: number]
  readonly duplicateShare?: number
}

/** What stands in for Stripe: how it is paid at, and what it is called. */
export interface Provider {
  readonly words: string
  readonly url: string
  /** Sends every event of the shop's to this address. */
  deliverTo(webhook: string): Promise<void>
  /** The request that pays at the address the buyer was sent to. */
  payment(address: URL): Buffer
  stop(): Promise<void>
}

/** Deliveries as the stand-in saw them. */
export interface Told {
  readonly taken: number
  readonly refused: number
  readonly unanswered: number
  readonly lostAnswers: number
}

export async function startStandIn(
  manners: StandInManners,
): Promise<Provider & { told(): Promise<Told> }> {
  const child = await startChild('bench/stripe-stand-in.ts', {
    args: [sandboxSecrets(shopSecret).webhookSecret, JSON.stringify(manners)],
    isReady: (line) => line.startsWith('{"port"'),
  })
  const url = `http://127.0.0.1:${(JSON.parse(child.line) as { port: number }).port}`
  return {
    words: 'a stand-in answering at once',
    url,
    deliverTo: (webhook) => put(`${url}/webhook`, {}, webhook),
    payment: (address) => requestBytes('POST', address.pathname, { host: address.host }, ''),
    told: async () => (await (await fetch(`${url}/told`)).json()) as Told, // it tells nothing else
    stop: () => child.stop(),
  }
}

/** Settings of a shop that takes the stand-in, or a sandbox of its own, for Stripe. */
export function settingsFor(
  provider: { readonly url: string },
  callsPerSecond: number,
): Record<string, string> {
  return {
    STRIPE_SECRET_KEY: 'sk_test_bench',
    STRIPE_WEBHOOK_SECRET: sandboxSecrets(shopSecret).webhookSecret,
    STRIPE_API_BASE: provider.url,
    STRIPE_CALLS_PER_SECOND: String(callsPerSecond),
    // Every buyer comes from a network of its own: the limit of purchases a network stays as it is.
    TRUSTED_PROXIES: '1',
  }
}

export async function put(url: string, headers: Readonly<Record<string, string>>, body: string) {
  const answer = await fetch(url, { method: 'PUT', headers, body })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}
