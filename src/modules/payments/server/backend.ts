import { db, runtime, sha256 } from '#modules/platform/server/index.ts'
import type { Gateway } from '../gateway.ts'
import type { PaymentMode } from '../types.ts'
import { stripeConnection } from './providers/stripe/client.ts'
import { stripeGateway } from './providers/stripe/gateway.ts'
import { findOrInsertBackend } from './store.backend.ts'

export interface Backend {
  readonly id: number
  readonly mode: PaymentMode
  readonly account: string
  readonly gateway: Gateway
  /** Empty: no webhook is taken, events come by polling. */
  readonly webhookSecrets: readonly string[]
}

let current: Promise<Backend> | undefined

/** The payment backend the settings name. All ids of its objects are stored with it. */
export function currentBackend(): Promise<Backend> {
  if (current) return current
  const opening = openBackend()
  current = opening
  opening.catch(() => {
    if (current === opening) current = undefined // the database was away: ask again next time
  })
  return opening
}

/** For tests and for a change of keys. */
export function forgetBackend(): void {
  current = undefined
}

async function openBackend(): Promise<Backend> {
  const { settings, sandbox } = runtime()
  // Taken now: keys may change while the database is asked.
  const connection = stripeConnection()
  if (settings.stripe.mode === 'rehearsal') {
    const id = await findOrInsertBackend(db('money'), 'rehearsal', 'sandbox')
    const webhookSecrets = sandbox ? [sandbox.webhookSecret] : []
    const gateway = stripeGateway(id, connection)
    return { id, mode: 'rehearsal', account: 'sandbox', gateway, webhookSecrets }
  }
  const { mode, secretKey, webhookSecrets } = settings.stripe
  const account = accountOfKey(secretKey)
  const id = await findOrInsertBackend(db('money'), mode, account)
  return { id, mode, account, gateway: stripeGateway(id, connection), webhookSecrets }
}

/**
 * The account a secret key belongs to, without asking anybody. Stripe's keys begin with sk_test_5 and the account's
 * own 16 characters, so a rotated key is the same account; keys of another shape count as an account of their own.
 */
export function accountOfKey(secretKey: string): string {
  const inKey = /^(?:sk|rk)_(?:test|live)_5([0-9A-Za-z]{16})[0-9A-Za-z]{20,}$/.exec(secretKey)?.[1]
  return inKey ? `acct_${inKey}` : `key_${sha256(secretKey).slice(0, 16)}`
}
