import type { Kind } from './kinds.ts'

const KIND_OF_PREFIX: Readonly<Record<string, Kind>> = {
  ch: 'charge',
  cs: 'checkout.session',
  cus: 'customer',
  du: 'dispute',
  evt: 'event',
  issfr: 'radar.early_fraud_warning',
  pi: 'payment_intent',
  pm: 'payment_method',
  price: 'price',
  prod: 'product',
  re: 'refund',
  txn: 'balance_transaction',
  we: 'webhook_endpoint',
}

/**
 * The kind of object an id of this sandbox's own making names, by its prefix. Undefined for ids a
 * program chose itself, and for `py_`, which may be a bank debit's charge or its refund.
 */
export function kindOfId(id: string): Kind | undefined {
  return KIND_OF_PREFIX[/^([a-z]+)_\w+$/.exec(id)?.[1] ?? '']
}
